"""Unrest: what a busy machine does, made to happen often, so that a race is met here first.

Owns delays and nothing else: what a socket brings is read late, a thread's answer comes late, the loop
stands still for a moment. Knows neither shinbox nor its tests. Every Python process that finds this folder
in PYTHONPATH and a seed in SHINBOX_UNREST has it (`make unrest`); without a seed it changes nothing.
"""

import os

SEED = os.environ.get("SHINBOX_UNREST", "")


def begin(seed: str) -> None:
    """Put delays into the event loops of this process; asyncio has no place for them but private ones."""
    import random
    import time
    from asyncio import base_events, selector_events
    from collections.abc import Callable
    from typing import Any

    dice = random.Random(f"{seed} {os.getpid()}")
    transport: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined]  # private
    loop: Any = base_events.BaseEventLoop
    read_ready, run_once, run_in_executor = transport._read_ready, loop._run_once, loop.run_in_executor

    def delay(mean: float, most: float) -> float:
        return min(dice.expovariate(1 / mean), most)

    def read_late(self: Any) -> None:
        if dice.random() > 0.2 or self._paused or self._closing:
            read_ready(self)
            return
        self._loop._remove_reader(self._sock_fd)
        self._loop.call_later(delay(0.06, 1.0), read_now, self)

    def read_now(self: Any) -> None:
        if not self._closing and not self._paused:
            self._loop._add_reader(self._sock_fd, self._read_ready)
            read_ready(self)

    def run_haltingly(self: Any) -> None:
        if dice.random() < 0.004:
            time.sleep(delay(0.05, 0.4))
        run_once(self)

    def run_late(self: Any, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        if dice.random() > 0.3:
            return run_in_executor(self, executor, func, *args)

        def late() -> Any:
            time.sleep(delay(0.05, 0.5))
            return func(*args)

        return run_in_executor(self, executor, late)

    transport._read_ready, loop._run_once, loop.run_in_executor = read_late, run_haltingly, run_late


if SEED:
    begin(SEED)
