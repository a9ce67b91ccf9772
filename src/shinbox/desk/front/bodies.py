"""Waiting for a message that has to come from the mail server first.

Owns the questions that front has put to mail and the threads that wait for answers. Fetches nothing.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from shinbox.desk.wake import BodyAnswer, BodyWanted, Message
from shinbox.errors import RemoteError, RemoteUnreachable


@dataclass
class _Waiting:
    done: threading.Event = field(default_factory=threading.Event)
    error: str | None = None


class BodyAsks:
    """Questions and answers, matched by number. `first` is a number that no earlier front process used."""

    def __init__(self, send: Callable[[Message], None], first: int) -> None:
        self._send = send
        self._numbers = itertools.count(first)
        self._waiting: dict[int, _Waiting] = {}

    def fetch(self, email: int, timeout: float) -> None:
        """Return when the body of an email is held; `timeout` in seconds.

        :raises RemoteError: mail says why it cannot be had.
        :raises RemoteUnreachable: no answer in time.
        """
        ask, waiting = next(self._numbers), _Waiting()
        self._waiting[ask] = waiting
        try:
            self._send(BodyWanted(email, ask))
            if not waiting.done.wait(timeout):
                raise RemoteUnreachable(f"The mail server did not deliver the message within {timeout:g} s.")
        finally:
            del self._waiting[ask]
        if waiting.error is not None:
            raise RemoteError(waiting.error)

    def answer(self, answer: BodyAnswer) -> None:
        """Pass an answer on; nobody may be waiting for it any more."""
        waiting = self._waiting.get(answer.ask)
        if waiting is not None:
            waiting.error = answer.error
            waiting.done.set()
