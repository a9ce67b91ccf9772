"""Waiting for news of the selected folder (IDLE, RFC 2177).

Owns the wait on two descriptors: the server's and the one by which another thread ends it. A dead connection
raises, unlike imapclient's idle_check, which then answers "nothing new" at once, for ever.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterable

from shinbox.desk.mail.remote.answers import Response
from shinbox.desk.mail.remote.base import IdleEvent, IdleKind
from shinbox.desk.mail.remote.remote import Stop
from shinbox.desk.mail.remote.wire import Wire
from shinbox.errors import RemoteRefused

LONGEST = 28 * 60.0
"""Seconds: servers may end a session that is silent for 30 minutes (RFC 3501 §5.4)."""

_NEWS = re.compile(rb"\* (?:(VANISHED)\b|\d+ (EXISTS|EXPUNGE|FETCH)\b)", re.IGNORECASE)
_KINDS = {
    b"EXISTS": IdleKind.EXISTS,
    b"EXPUNGE": IdleKind.GONE,
    b"VANISHED": IdleKind.GONE,
    b"FETCH": IdleKind.FLAGS,
}


def wait(wire: Wire, stop: Stop, timeout: float) -> list[IdleEvent]:
    """`Remote.idle`."""
    deadline = time.monotonic() + min(timeout, LONGEST)
    if not wire.has("IDLE"):
        _ready(wire, stop, deadline, server=False)
        return news(wire.run(b"NOOP").check("say whether there is news").untagged)
    tag = wire.next_tag()
    wire.send(tag + b" IDLE\r\n")
    heard: list[Response] = []
    while not heard or not heard[-1][0].startswith(b"+"):
        heard.append(wire.next_response())
        if heard[-1][0].startswith(tag):
            raise RemoteRefused("The mail server refused to announce news (IDLE).")
    found = news(heard)
    while not found and _ready(wire, stop, deadline):
        response = wire.next_response()
        wire.refuse_bye(response[0])
        found += news([response])
    wire.send(b"DONE\r\n")
    return found + news(wire.finish(tag).check("end IDLE").untagged)


def _ready(wire: Wire, stop: Stop, deadline: float, *, server: bool = True) -> bool:
    """Wait; whether the server has something to say before `stop` and the deadline."""
    if stop.is_set():
        return False
    if server and wire.pending():
        return True
    poller = select.poll()
    poller.register(stop.fileno(), select.POLLIN)
    if server:
        poller.register(wire.sock.fileno(), select.POLLIN)
    left = deadline - time.monotonic()
    ready = {descriptor for descriptor, _ in poller.poll(max(0.0, left) * 1000)}
    return server and not stop.is_set() and wire.sock.fileno() in ready


def news(responses: Iterable[Response]) -> list[IdleEvent]:
    """What the untagged responses announce; greetings and keep-alives are no news."""
    matches = (_NEWS.match(text) for text, _ in responses)
    return [IdleEvent(_KINDS[(match[1] or match[2]).upper()]) for match in matches if match is not None]
