"""The set-up that `make` does: the project linked into its environment, skips that CI does not forgive."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_a_linked_environment_knows_the_project_and_its_command(tmp_path: Path) -> None:
    environment = tmp_path / "an environment, with spaces"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    subprocess.run([python, ROOT / "tools" / "link_project.py"], check=True)

    where = subprocess.run(
        [python, "-c", "import shinbox; print(shinbox.__file__)"],
        check=True, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert where.stdout.strip() == str(ROOT / "src" / "shinbox" / "__init__.py")
    launcher = environment / "bin" / "shinbox"
    probe = environment / "bin" / "probe"
    probe.write_text(
        launcher.read_text().replace("from shinbox.cli import main", "main = lambda: sys.prefix")
    )
    probe.chmod(0o755)
    ran = subprocess.run([probe], check=False, capture_output=True, text=True)
    assert ran.stderr.strip() == str(environment)


def test_linking_outside_an_environment_is_refused() -> None:
    outside = Path(sys.base_prefix) / "bin" / "python3"
    ran = subprocess.run(
        [outside, ROOT / "tools" / "link_project.py"], check=False, capture_output=True, text=True
    )
    assert ran.returncode != 0
    assert ".venv/bin/python" in ran.stderr


@pytest.mark.parametrize(
    ("ci", "reason", "workers", "passes"),
    [
        ("", "no reason at all", "0", True),
        ("true", "no reason at all", "0", False),
        ("true", "no reason at all", "1", False),
        ("true", "the shared corpora are not here", "1", True),
    ],
)
def test_in_ci_a_skip_is_a_failure_unless_the_corpora_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, reason: str, workers: str, passes: bool
) -> None:
    monkeypatch.setenv("CI", ci)
    # An inner run is no worker of this one.
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "test_it.py").write_text(
        f"import pytest\ndef test_skipped(): pytest.skip({reason!r})\ndef test_passes(): assert True\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", workers, "-c", ROOT / "pyproject.toml",
         "--rootdir", tmp_path, "-o", "cache_dir=" + str(tmp_path / "cache"), tmp_path / "test_it.py"],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert (ran.returncode == 0) is passes, ran.stdout + ran.stderr
    assert reason in ran.stdout
