"""A process of its own that opens one picture of a stranger: `picture_process.py WIDTH HEIGHT < file`.

Owns the limits: memory, processor time, pixels, formats, no files written. Says "width height format" of the
picture in a line, then "width height" of what follows: its pixels, three bytes each, no larger than asked
for. Run as a file, so that nothing of ours is loaded beside Pillow.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings
from typing import Final

MEMORY: Final = 1_000_000_000
PROCESSOR_SECONDS: Final = 6
MOST_PIXELS: Final = 60_000_000
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
PAPER: Final = (255, 255, 255)
"""What shines through where a picture is transparent: most are drawn for a white page."""


def main(width: int, height: int) -> int:
    """Exit code 0, or 1 with a reason as the only line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    out = sys.stdout.buffer
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as picture:
            told = f"{picture.width} {picture.height} {picture.format}"
            picture.draft("RGB", (width, height))
            picture.thumbnail((width, height))
            small = ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        out.write(b"it has too many pixels\n")
        return 1
    except UnidentifiedImageError:
        out.write(b"it is none, or of a kind that is not known here\n")
        return 1
    # Pillow's decoders raise whatever they stumble over in a file that is broken on purpose.
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, IndexError, KeyError, TypeError):
        out.write(b"it is broken\n")
        return 1
    page = Image.new("RGB", small.size, PAPER)
    page.paste(small, mask=small.getchannel("A"))
    out.write(f"{told}\n{page.width} {page.height}\n".encode())
    out.write(page.tobytes())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2])))
