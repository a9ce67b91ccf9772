"""Reading a raw message in a process of its own, since whoever writes mail may want the reader to choke.

Owns both ends: the child (`python -m shinbox.desk.mail.sandbox`), which has 512 MB and 2 s of CPU a message
and no descriptor but its pipe, and the parent's pool, which replaces a child that broke. Keeps no mail.
"""

from __future__ import annotations

import json
import math
import os
import queue
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import IO, Any, Final

from shinbox.errors import LimitBroken

MEMORY: Final = 512 * 1024 * 1024
CPU_SECONDS: Final = 2
WALL_SECONDS: Final = 30.0
"""The last resort on a busy machine: the limit that counts is the child's CPU time."""
MESSAGES: Final = 2_000
"""A child is replaced after so many, so that what leaks does not add up."""

_LENGTH: Final = struct.Struct("!Q")


@dataclass(frozen=True)
class Reading:
    """What a message says. `about`: the Message-ID that a report is about; `deliveries`: what it claims of
    each recipient, where it is a delivery report (RFC 3464): addresses, kind, status, reason, diagnostic."""

    preview: str = ""
    text: str = ""
    defects: list[str] = field(default_factory=list)
    structure: dict[str, Any] | None = None
    has_attachment: bool = False
    about: str | None = None
    deliveries: list[dict[str, Any]] = field(default_factory=list)


class Sandbox:
    """A pool of children; `read` may be called from any thread and waits for a free one."""

    def __init__(self, size: int = 1, *, cpu_seconds: int = CPU_SECONDS, wall: float = WALL_SECONDS) -> None:
        self._cpu, self._wall = cpu_seconds, wall
        self._free: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        for _ in range(size):
            self._free.put(None)

    def read(self, raw: bytes) -> Reading:
        """Everything the desk keeps of a message beside its bytes. Raises LimitBroken."""
        child = self._free.get()
        try:
            if child is None or child.served >= MESSAGES:
                if child is not None:
                    self._end(child)
                child = _Child(self._cpu)
                with self._lock:
                    self._children.add(child)
            return child.read(raw, self._wall)
        except LimitBroken:
            assert child is not None
            self._end(child)
            child = None
            raise
        finally:
            self._free.put(child)

    def close(self) -> None:
        """End the children."""
        with self._lock:
            children = list(self._children)
        for child in children:
            self._end(child)

    def _end(self, child: _Child) -> None:
        child.kill()
        with self._lock:
            self._children.discard(child)


class _Child:
    def __init__(self, cpu_seconds: int) -> None:
        self.served = 0
        environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shinbox.desk.mail.sandbox", str(cpu_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def read(self, raw: bytes, wall: float) -> Reading:
        self.served += 1
        out, back = self._process.stdin, self._process.stdout
        assert out is not None and back is not None
        try:
            out.write(_LENGTH.pack(len(raw)))
            out.write(raw)
            out.flush()
            answer = _receive(back, time.monotonic() + wall)
        except (OSError, EOFError, TimeoutError):
            raise LimitBroken() from None
        return Reading(**json.loads(answer))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # What could not be flushed was for a child that is dead.


def _receive(pipe: IO[bytes], deadline: float) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, deadline))
    return _exactly(pipe, length, deadline)


def _exactly(pipe: IO[bytes], count: int, deadline: float) -> bytes:
    found = bytearray()
    while len(found) < count:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe.fileno()], [], [], left)[0]:
            raise TimeoutError
        part = os.read(pipe.fileno(), min(count - len(found), 1 << 20))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


# --- the child ------------------------------------------------------------------------------------


def _read(raw: bytes) -> dict[str, Any]:
    from shinbox.desk.store import arrival
    from shinbox.mime.parse import parse

    parsed = parse(raw)
    return {
        "preview": parsed.preview,
        "text": arrival.search_text(parsed),
        "defects": list(parsed.defects),
        "structure": arrival.structure(parsed.body_structure),
        "has_attachment": parsed.has_attachment,
        "about": arrival.about(parsed),
        "deliveries": _deliveries(parsed),
    }


def _deliveries(parsed: Any) -> list[dict[str, Any]]:
    from shinbox.desk.store import arrival
    from shinbox.mime.report import read_report

    report = read_report(parsed) if arrival.is_report(parsed) else None
    return [
        {
            "addresses": each.addresses,
            "kind": each.kind,
            "status": each.outcome.status,
            "reason": each.outcome.reason,
            "diagnostic": each.outcome.diagnostic,
        }
        for each in (report.deliveries if report is not None else ())
    ]


def serve(cpu_seconds: int) -> None:
    """The child: one message after another, until the parent closes the pipe."""
    from shinbox.mime import parse  # noqa: F401  # what is imported now costs no message its two seconds

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    into, back = sys.stdin.buffer, sys.stdout.buffer
    while head := into.read(_LENGTH.size):
        raw = into.read(_LENGTH.unpack(head)[0])
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = math.ceil(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, resource.RLIM_INFINITY))
        answer = json.dumps(_read(raw), ensure_ascii=True).encode()
        back.write(_LENGTH.pack(len(answer)) + answer)
        back.flush()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
