"""Pictures of strangers, made into plain pixels by a process that may fail: whether they are shown, and how.

Owns the decision (setting, SSH, what is installed) and the wall-clock limit. Draws nothing; Pillow and
textual-image, an extra of shinbox, are loaded when the first picture is looked at.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shinbox.errors import ConfigError
from shinbox.tui.opening import answer_of, is_remote

SECONDS: Final = 10.0
LARGEST_FILE: Final = 40_000_000
FINEST: Final = (1600, 1200)
"""Pixels that are kept at most: more than a terminal shows."""
_ENDINGS: Final = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
_NEEDED: Final = ("PIL", "textual_image")


@dataclass(frozen=True)
class Picture:
    """Pixels, three bytes each; `original` is the size that the file has, `kind` its format."""

    width: int
    height: int
    pixels: bytes
    original: tuple[int, int]
    kind: str


def is_picture(name: str, type_: str) -> bool:
    """Whether a file claims to be a picture that can be shown."""
    ending = name.lower().rpartition(".")[2]
    drawn = type_.lower() in ("image/svg+xml", "image/svg")
    return not drawn and (type_.lower().startswith("image/") or ending in _ENDINGS)


def why_no_pictures(setting: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Why pictures are not shown here, as a sentence; None if they are. `setting`: auto, always or off."""
    if setting == "off":
        return "Pictures are switched off: set images = auto, or save the file."
    if setting == "auto" and is_remote(environ):
        return "Over SSH pictures are not shown by themselves: set images = always, or save the file."
    if any(find_spec(name) is None for name in _NEEDED):
        return "To see pictures here, install shinbox[images]; or save or open the file."
    return None


async def decode(data: bytes, largest: tuple[int, int] = FINEST) -> Picture:
    """The pixels of a file, no finer than `largest`.

    :raises ConfigError: it is no picture, a hostile one, or takes too long.
    """
    if len(data) > LARGEST_FILE:
        raise ConfigError("This picture is too large to be shown: save or open it.")
    pipe = asyncio.subprocess.PIPE
    script = Path(__file__).with_name("picture_process.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(script),
        *map(str, largest),
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        said, _ = await answer_of(process, data, SECONDS)
    except TimeoutError:
        raise ConfigError("This picture takes too long to be shown: save or open it.") from None
    if process.returncode:
        reason = said.decode("utf-8", "replace").strip() or "it takes too much memory or time"
        raise ConfigError(f"This picture cannot be shown: {reason}. Save or open it.")
    return _read(said)


def _read(said: bytes) -> Picture:
    told, size, pixels = said.split(b"\n", 2)
    original_width, original_height, kind = told.decode().split()
    width, height = map(int, size.split())
    return Picture(width, height, pixels, (int(original_width), int(original_height)), kind)
