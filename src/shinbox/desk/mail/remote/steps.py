"""Trying out a connection step by step, so that a person learns which step failed and why.

Owns the steps' names and results; the steps themselves are the connectors' own.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shinbox.desk.mail.remote import imap, smtp, submitting
from shinbox.desk.mail.remote.outcome import Envelope
from shinbox.desk.mail.remote.settings import Endpoint
from shinbox.errors import RemoteError, ShinboxError

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: `resolve`, `connect`, `tls`, `greet`, `login`, then `folders` (IMAP) or `send-as` (SMTP)."""

    name: str
    ok: bool
    seconds: float
    reason: str = ""


class _Steps:
    """Times what runs inside it; the first failure is the last step."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.results: list[StepResult] = []

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = self._clock()
        try:
            yield
        except ShinboxError as error:
            self.results.append(StepResult(name, False, self._clock() - started, str(error)))
            raise
        self.results.append(StepResult(name, True, self._clock() - started))


def try_imap(endpoint: Endpoint, clock: Clock = time.monotonic) -> list[StepResult]:
    """Connect, log in and list the folders; the last result is the one that failed, if one did."""
    steps = _Steps(clock)
    with contextlib.suppress(ShinboxError):
        remote = imap.connect(endpoint, steps)
        try:
            with steps("folders"):
                remote.folders()
        finally:
            remote.close()
    return steps.results


async def try_smtp(endpoint: Endpoint, sender: str, clock: Clock = time.monotonic) -> list[StepResult]:
    """Connect, log in and ask whether `sender` may be used; nothing is sent.

    The sender is asked for as a recipient too: a server may refuse a foreign sender only then.
    """
    steps = _Steps(clock)
    with contextlib.suppress(ShinboxError):
        envelope = Envelope(sender, (sender,))
        async with smtp.opened(endpoint, steps) as session:
            with steps("send-as"):
                refusal = await submitting.probe(session, envelope)
                if refusal is not None:
                    raise RemoteError(f"The server does not let {sender} send: {refusal.code} {refusal.text}")
    return steps.results
