"""Work that is taken back before it has begun leaves nothing behind.

Textual ends the task of a worker that another one replaces, or that the end of the program takes away, and
leaves its coroutine to Python, which complains on the terminal. Owns this, in private corners of Textual 8.
"""

from __future__ import annotations

import inspect
from typing import Any

from textual.worker import Worker
from textual.worker_manager import WorkerManager


class Workers(WorkerManager):
    """Workers whose coroutine ends with them."""

    def add_worker(self, worker: Worker[Any], start: bool = True, exclusive: bool = True) -> None:
        super().add_worker(worker, start, exclusive)
        work = worker._work
        if worker._task is not None and inspect.iscoroutine(work):
            # Of one that has come to its end this means nothing.
            worker._task.add_done_callback(lambda _: work.close())
