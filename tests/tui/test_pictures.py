"""Pictures of strangers: decoded apart, within limits, drawn in cells; off over SSH unless one wants them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from textual.app import App, ComposeResult

from shinbox.errors import ConfigError
from shinbox.tui import pictures
from shinbox.tui.pictures import Picture, decode, is_picture, why_no_pictures
from shinbox.tui.widgets.picture_view import PictureView
from tests.tui.person import until

Image: Any = pytest.importorskip("PIL.Image")


def file_of(kind: str, size: tuple[int, int] = (4, 4), colour: object = (200, 10, 10), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(more.pop("mode", "RGB"), size, colour).save(out, kind, **more)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 + 3 * min(width, 10)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
async def test_the_usual_kinds_become_pixels(kind: str) -> None:
    picture = await decode(file_of(kind, (40, 20)))
    assert (picture.width, picture.height, picture.original, picture.kind) == (40, 20, (40, 20), kind)
    assert len(picture.pixels) == 40 * 20 * 3


async def test_a_large_picture_is_made_as_small_as_is_asked_for() -> None:
    picture = await decode(file_of("PNG", (3000, 1500)), (100, 100))
    assert (picture.width, picture.height, picture.original) == (100, 50, (3000, 1500))


async def test_what_is_transparent_is_white() -> None:
    picture = await decode(file_of("PNG", (1, 1), (0, 0, 0, 0), mode="RGBA"))
    assert picture.pixels == b"\xff\xff\xff"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png_that_claims(50_000, 50_000), "too many pixels"),
        (png_that_claims(1000, 1000), "it is broken"),
        (b"", "it is none"),
        (b"<svg/>", "it is none"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "it is none"),
        (file_of("PNG")[:40], "it is broken|it is none"),
    ],
    ids=["bomb", "short", "empty", "svg", "postscript", "cut"],
)
async def test_a_hostile_picture_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        await decode(data)


async def test_a_file_that_is_too_large_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST_FILE", 10)
    with pytest.raises(ConfigError, match="too large"):
        await decode(file_of("PNG"))


async def test_one_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 0.0)
    with pytest.raises(ConfigError, match="takes too long"):
        await decode(file_of("PNG"))


def test_pictures_are_off_over_ssh_unless_one_wants_them() -> None:
    ssh = {"SSH_CONNECTION": "1 2 3 4"}
    assert why_no_pictures("auto", {}) is None
    assert "set images = always" in (why_no_pictures("auto", ssh) or "")
    assert why_no_pictures("always", ssh) is None
    assert "switched off" in (why_no_pictures("off", {}) or "")


def test_where_the_extra_is_missing_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    assert "install shinbox[images]" in (why_no_pictures("auto", {}) or "")


def test_a_picture_is_known_by_its_type_or_its_name_and_a_drawing_is_none() -> None:
    assert is_picture("", "image/png")
    assert is_picture("A.JPG", "application/octet-stream")
    assert not is_picture("a.svg", "image/svg+xml")
    assert not is_picture("a.txt", "text/plain")


async def test_two_pixels_are_drawn_in_a_cell_and_the_picture_stands_in_the_middle() -> None:
    red, blue = bytes([255, 0, 0]), bytes([0, 0, 255])
    picture = Picture(2, 2, red * 2 + blue * 2, (2, 2), "PNG")

    class Frame(App[None]):
        def compose(self) -> ComposeResult:
            yield PictureView(picture)

    app = Frame()
    async with app.run_test(size=(10, 5)) as pilot:
        view = app.query_one(PictureView)
        await until(pilot, lambda: view.size == (10, 5))
        assert [view.render_line(y).text for y in range(5)] == [" " * 10] * 2 + ["    ▀▀    "] + [
            " " * 10
        ] * 2
        cell = next(segment for segment in view.render_line(2) if segment.text == "▀")
        assert cell.style is not None and cell.style.color is not None and cell.style.bgcolor is not None
        assert (cell.style.color.triplet, cell.style.bgcolor.triplet) == ((255, 0, 0), (0, 0, 255))
