"""The arrows between the rooms hold: the contracts of pyproject.toml, and what import-linter cannot say.

Reads sources and starts fresh interpreters; knows no room from the inside. The sets of modules are found, not
listed, so a new module is checked from its first commit.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"

#: What only the desk may load: mail servers, databases, HTTP servers, HTML parsers.
HEAVY = (
    "aiosmtpd", "aiosmtplib", "imapclient", "inscriptis", "lxml", "nacl", "requests",
    "sqlite3", "sqlite_utils", "starlette", "uvicorn",
)  # fmt: skip

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
NO_IO = next(contract for contract in CONTRACTS if contract["name"].endswith("do no I/O"))

#: Rooms and modules whose answers depend on their arguments alone.
PURE = (*NO_IO["source_modules"], "shinbox.desk.mail.plan")

IMPURE_IMPORTS = frozenset(NO_IO["forbidden_modules"])
IMPURE_CALLS = frozenset({"open", "print", "input"})
IMPURE_METHODS = frozenset({"now", "today", "utcnow", "read_text", "read_bytes", "write_text", "write_bytes"})


def module_name(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((SRC / "shinbox").rglob("*.py"))}


def within(*rooms: str) -> list[str]:
    """The modules that are, or lie in, one of these rooms; `__main__` would run, so it is left out."""
    return [
        name
        for name in MODULES
        if any(name == room or name.startswith(f"{room}.") for room in rooms)
        and not name.endswith("__main__")
    ]


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages in a fresh interpreter after importing `modules`."""
    code = (
        f"import sys\nfor m in {modules!r}: __import__(m)\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=SRC)
    assert ran.returncode == 0, ran.stderr[-1_000:]
    return set(ran.stdout.split())


def test_import_contracts_hold() -> None:
    code = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


@pytest.mark.parametrize("name", MODULES)
def test_each_module_says_what_it_owns(name: str) -> None:
    docstring = ast.get_docstring(ast.parse(MODULES[name].read_text(encoding="utf-8")))
    assert docstring, f"{name} opens without a docstring"
    assert docstring.splitlines()[0].rstrip().endswith((".", ":", "?", "!")), (
        f"{name}: first line is no sentence"
    )


def test_the_client_loads_nothing_that_only_the_desk_needs() -> None:
    assert loaded_by(*within("shinbox.tui", "shinbox.cli")).isdisjoint(HEAVY)


def test_the_command_line_starts_without_the_terminal_library() -> None:
    assert loaded_by("shinbox.cli").isdisjoint({"textual", "rich", *HEAVY})


def test_the_desk_loads_no_terminal_library() -> None:
    assert loaded_by(*within("shinbox.desk")).isdisjoint({"textual", "rich"})


def test_front_loads_no_mail_server_library() -> None:
    assert loaded_by(*within("shinbox.desk.front")).isdisjoint({"imapclient", "aiosmtplib"})


def test_mail_loads_no_http_server() -> None:
    assert loaded_by(*within("shinbox.desk.mail")).isdisjoint({"starlette", "uvicorn"})


def impurities(tree: ast.AST) -> Iterator[str]:
    """Each import or call that reads or writes the world: files, clock, randomness, network."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                imported = {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                imported = {module.partition(".")[0]}
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield f"line {node.lineno}: {name}()"
                continue
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS:
                yield f"line {node.lineno}: .{name}()"
                continue
            case _:
                continue
        for module in imported & IMPURE_IMPORTS:
            yield f"line {node.lineno}: import {module}"


@pytest.mark.parametrize("name", within(*PURE))
def test_a_pure_module_touches_nothing_outside_its_arguments(name: str) -> None:
    assert not list(impurities(ast.parse(MODULES[name].read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "code",
    ["import socket", "from os import path", "open('x')", "datetime.now()", "Path('x').read_text()"],
)
def test_an_impurity_is_recognised(code: str) -> None:
    assert list(impurities(ast.parse(code)))


def test_only_the_vault_opens_secrets() -> None:
    openers = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.alias | ast.Attribute | ast.Name)
        and "PrivateKey" in (getattr(node, "name", ""), getattr(node, "attr", ""), getattr(node, "id", ""))
    }
    assert openers <= {"shinbox.desk.mail.vault"}
