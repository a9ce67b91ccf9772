"""What Postfix asks while it takes a message: does this address exist, who may send as it, is it refused?

Owns the folder of facts (one small file a fact, written by tests, read for each question) and the socketmap
server (Postfix's socketmap_table(5)) that answers from it.
"""

from __future__ import annotations

import re
import socketserver
from pathlib import Path

#: Addresses and domains become file names; anything else is simply not known.
_NAME = re.compile(r"[a-z0-9][a-z0-9._+@-]*")


class Facts:
    """The facts in `root`: users/ADDRESS (passwd line), senders/… (log-ins), refusals/… (reply)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, kind: str, key: str, value: str) -> None:
        """State a fact; it holds from the next question on.

        Raises ValueError for a key that is no plain lower-case address.
        """
        if not _NAME.fullmatch(key):
            raise ValueError(f"{key!r}: test addresses are lower-case ASCII letters, digits and ._+@-")
        folder = self.root / kind
        folder.mkdir(exist_ok=True)
        scratch = folder / f".{key}.new"
        scratch.write_text(value)
        scratch.chmod(0o644)
        scratch.replace(folder / key)

    def forget(self, kind: str, key: str) -> None:
        (self.root / kind / key).unlink(missing_ok=True)

    def read(self, kind: str, key: str) -> str | None:
        key = key.lower()
        if not _NAME.fullmatch(key):
            return None
        try:
            return (self.root / kind / key).read_text()
        except FileNotFoundError:
            return None

    def answer(self, table: str, key: str) -> str | None:
        """What `table` says about `key`, None for nothing."""
        if table == "domains":
            return "ours" if key.lower().endswith(".test") else None
        # Postfix strips no detail (bob+detail@) for this kind of map.
        key = re.sub(r"\+[^@]*@", "@", key)
        if table == "senders":
            granted = self.read("senders", key)
            return ",".join(granted.split()) if granted else None
        found = self.read(table, key)
        return "here" if found is not None and table == "users" else found


class LookupServer(socketserver.ThreadingUnixStreamServer):
    """Answers Postfix on a Unix socket at `path`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, facts: Facts) -> None:
        self.facts = facts
        super().__init__(str(path), _Conversation)
        path.chmod(0o666)


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, LookupServer)
        while (request := self._netstring()) is not None:
            table, _, key = request.partition(" ")
            value = self.server.facts.answer(table, key)
            reply = f"OK {value}" if value is not None else "NOTFOUND "
            data = reply.encode()
            self.wfile.write(b"%d:%s," % (len(data), data))

    def _netstring(self) -> str | None:
        digits = b""
        while (byte := self.rfile.read(1)) not in (b":", b""):
            digits += byte
        if not byte:
            return None
        text = self.rfile.read(int(digits)).decode("utf-8", "replace")
        self.rfile.read(1)
        return text
