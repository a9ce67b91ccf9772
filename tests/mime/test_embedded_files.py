"""Files that are no parts: uuencoded in the text, packed in a winmail.dat."""

from __future__ import annotations

import binascii
import struct

from hypothesis import given
from hypothesis import strategies as st

from shinbox.mime.embedded import embedded_files, uuencoded_files
from shinbox.mime.parse import parse
from shinbox.mime.tnef import SIGNATURE, read_tnef
from shinbox.mime.transfer import uu_bytes
from shinbox.text.uuencoded import name_uuencoded


def uuencoded(name: str, content: bytes) -> str:
    lines = [binascii.b2a_uu(content[i : i + 45]).decode() for i in range(0, len(content), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


@given(st.binary(max_size=300))
def test_uuencoded_files_are_taken_out_of_the_text(content: bytes) -> None:
    text = f"Hello\n{uuencoded('a b.bin', content)}Bye\n{uuencoded('c', b'x')}"
    assert name_uuencoded(text) == "Hello\n[a b.bin]\nBye\n[c]\n"
    assert uuencoded_files(text) == [("a b.bin", content), ("c", b"x")]


def test_text_about_uuencoding_is_left_alone() -> None:
    for text in ("begin 644 x\nThis is no data\nend\n", "we begin 644 times\nend", "begin 644 x\nM"):
        assert (name_uuencoded(text), uuencoded_files(text)) == (text, [])


def test_a_data_line_with_too_much_in_it_is_cut_to_what_it_claims() -> None:
    assert uuencoded_files("begin 644 x\n%2&5L;&\\*\n`\nend\n") == [("x", b"Hello")]


@given(st.binary(max_size=80).map(lambda data: data.translate(None, b"\r\n")))
def test_any_line_of_data_is_decoded(line: bytes) -> None:
    assert len(uu_bytes(line)) <= 63


def attribute(level: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, tag, 0, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def variable(kind: int, prop: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, prop, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def container() -> bytes:
    props = struct.pack("<I", 4)
    props += struct.pack("<HHI", 3, 0x3705, 1)
    props += struct.pack("<HH", 3, 0x8001) + b"\0" * 16 + struct.pack("<II", 0, 7) + struct.pack("<I", 9)
    props += variable(0x1F, 0x3707, "Übersicht.pdf\0".encode("utf-16-le"))
    props += variable(0x1E, 0x370E, b"application/pdf\0")
    body = struct.pack("<I", 1) + variable(0x1E, 0x1000, b"Gr\xfc\xdfe\0")
    return (
        SIGNATURE
        + b"\1\0"
        + b"".join(
            [
                attribute(1, 0x9007, struct.pack("<II", 1252, 0)),
                attribute(1, 0x9003, body),
                attribute(2, 0x9002, b"\0" * 14),
                attribute(2, 0x8010, b"UEBERS~1.PDF\0"),
                attribute(2, 0x800F, b"%PDF-1.4"),
                attribute(2, 0x9005, props),
                attribute(2, 0x9002, b"\0" * 14),
                attribute(2, 0x8010, b"b.txt\0"),
                attribute(2, 0x800F, b"b"),
            ]
        )
    )


def test_a_winmail_dat_is_unpacked_with_its_long_names() -> None:
    found = read_tnef(container())
    assert found.is_whole
    assert found.text == "Grüße"
    assert [(f.name, f.type, f.content) for f in found.files] == [
        ("Übersicht.pdf", "application/pdf", b"%PDF-1.4"),
        ("b.txt", "application/octet-stream", b"b"),
    ]


def test_embedded_files_are_found_in_their_parts() -> None:
    tnef = binascii.b2a_base64(container())
    text = uuencoded("x.bin", b"data").encode()
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n"
        + text
        + b"\n--x\nContent-Type: application/ms-tnef\n"
    )
    raw += b"Content-Transfer-Encoding: base64\n\n" + tnef + b"\n--x--\n"
    found = embedded_files(parse(raw))
    assert [(file.part_id, file.number, file.name) for file in found] == [
        ("1", 1, "x.bin"),
        ("2", 1, "Übersicht.pdf"),
        ("2", 2, "b.txt"),
    ]


@given(st.integers(0, 400), st.binary(max_size=8), st.integers(0, 400))
def test_a_damaged_container_gives_what_can_be_read(at: int, damage: bytes, end: int) -> None:
    data = container()
    broken = data[:at] + damage + data[at + len(damage) :]
    for file in read_tnef(broken[: max(end, at)]).files:
        file.name.encode()
    assert read_tnef(b"PK\3\4").files == []
