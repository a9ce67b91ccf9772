"""What is kept when shinbox itself fails: the traceback, in a file that only its owner reads.

Owns that file. What the person is told is the caller's.
"""

from __future__ import annotations

import os
from pathlib import Path


def keep_report(report: str) -> Path:
    """Write a traceback down; the file.

    :raises OSError: it cannot be written.
    """
    from platformdirs import user_state_path

    path = user_state_path("shinbox") / f"crash-{os.getpid()}.log"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as log:
        log.write(report)
    return path
