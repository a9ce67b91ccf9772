"""The terminal mail clients that are measured side by side: how each is started and what one types.

Owns their configurations, each as its manual advises for a large IMAP folder. A client that is not
installed is left out. Knows no figures.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.servers.unix import UnixUser, as_user

TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
DOWN, PAGE_DOWN, ENTER = b"j", b"\x1b[6~", b"\r"
"""Down is the letter: what an arrow sends depends on the mode that a program has put its terminal in."""


@dataclass(frozen=True)
class ImapLogin:
    """Where and as whom a peer reads the folder: IMAP over TLS."""

    host: str
    port: int
    user: str
    password: str
    ca_file: Path


@dataclass(frozen=True)
class Program:
    """A client and its keys. `%s` in a search is the word that is sought."""

    name: str
    command: list[str]
    search: bytes
    """Opens the line where a search is typed."""
    in_subject: str
    in_text: str
    end_search: bytes
    back: bytes
    """Leaves a message, and never the program: it may come before the message has."""
    cache: Path | None = None
    """What it keeps between two starts; without it the next start is a cold one."""
    env: Mapping[str, str] = field(default_factory=lambda: TERMINAL)

    def forget(self) -> None:
        """Empty the cache; its folders stay, since neomutt keeps bodies only in a folder that is there."""
        for file in self.cache.rglob("*") if self.cache else ():
            if not file.is_dir():
                file.unlink()


def programs(own: list[str], login: ImapLogin, person: UnixUser) -> list[Program]:
    """shinbox, started by the command `own`, and the peers that are installed."""
    return [shinbox(own), *(peer for peer in (neomutt(login, person), aerc(login, person)) if peer)]


def shinbox(command: list[str]) -> Program:
    """The terminal client at a running desk."""
    return Program("shinbox", command, b"/", "subject:%s", "%s", end_search=b"\x1b", back=b"\x1b")


def neomutt(login: ImapLogin, person: UnixUser) -> Program | None:
    """Newest first, with header and body cache, QRESYNC and no question asked."""
    if (program := shutil.which("neomutt")) is None:
        return None
    cache = _own_folder(person, "neomutt-cache")
    _own_folder(person, "neomutt-cache/bodies")
    rc = _own_file(
        person,
        "neomuttrc",
        f'set folder="imaps://{login.host}:{login.port}/"\nset spoolfile="+INBOX"\n'
        f'set imap_user="{login.user}"\nset imap_pass="{login.password}"\n'
        f'set certificate_file="{login.ca_file}"\nset ssl_verify_host=no\n'
        f'set header_cache="{cache}/headers"\nset message_cachedir="{cache}/bodies"\n'
        "set imap_condstore=yes\nset imap_qresync=yes\nset sleep_time=0\n"
        'set sort="reverse-date-received"\nset mark_old=no\nset quit=yes\n',
    )
    return Program(
        "neomutt", _as(person, [program, "-n", "-F", rc]),
        search=b"l", in_subject="~s %s", in_text="=b %s", end_search=b"l~A\r", back=b"i", cache=cache,
    )  # fmt: skip


def aerc(login: ImapLogin, person: UnixUser) -> Program | None:
    """Its own configuration as installed, with the header cache on."""
    if (program := shutil.which("aerc")) is None:
        return None
    cache = _own_folder(person, "aerc-cache")
    source = (
        f"imaps://{quote(login.user, safe='')}:{quote(login.password, safe='')}@{login.host}:{login.port}"
    )
    _own_folder(person, ".config/aerc")
    _own_file(
        person,
        ".config/aerc/accounts.conf",
        f"[bench]\nsource = {source}\ndefault = INBOX\nfrom = {login.user}\ncache-headers = true\n",
    )
    env = {"XDG_CACHE_HOME": str(cache), "SSL_CERT_FILE": str(login.ca_file)}
    return Program(
        "aerc", _as(person, [program], env),
        search=b":filter ", in_subject="%s", in_text="-b %s", end_search=b":clear\r",
        back=b":close\r", cache=cache,
    )  # fmt: skip


def _as(person: UnixUser, words: list[str | Path], env: Mapping[str, str] | None = None) -> list[str]:
    return [os.fspath(word) for word in as_user(person, words, {**TERMINAL, **(env or {})})]


def _own_folder(person: UnixUser, name: str) -> Path:
    path = person.home
    for part in Path(name).parts:
        path /= part
        path.mkdir(exist_ok=True)
        os.chown(path, person.uid, person.gid)
    return path


def _own_file(person: UnixUser, name: str, text: str) -> Path:
    path = person.home / name
    path.write_text(text)
    path.chmod(0o600)
    os.chown(path, person.uid, person.gid)
    return path
