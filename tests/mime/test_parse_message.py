"""What parse() says about messages, good and bad."""

from __future__ import annotations

import re
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from shinbox.mime.model import Address, Defect, Limits, defect_sentence
from shinbox.mime.parse import parse


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


ALTERNATIVE = crlf(
    """From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>
To: "Doe, Jane" <jane@example.org>, bob@example.org
Subject: =?utf-8?q?Gr=C3=BC?=
 =?utf-8?q?=C3=9Fe?=
Date: Mon, 1 Jan 2024 10:11:12 +0100
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe
> quoted
--inner
Content-Type: text/html; charset=utf-8

<p>Grüße</p>
--inner--

--outer
Content-Type: application/pdf; name="=?utf-8?q?f=C3=BCr?=.pdf"
Content-Disposition: attachment; filename*=utf-8''f%C3%BCr.pdf
Content-Transfer-Encoding: base64

SGVs
bG8=
--outer--
epilogue
"""
)


def test_headers_become_addresses_text_date_and_ids() -> None:
    message = parse(ALTERNATIVE)
    assert message.from_ == [Address("Jürgen", "j@example.org")]
    assert message.to == [Address("Doe, Jane", "jane@example.org"), Address(None, "bob@example.org")]
    assert message.subject == "Grüße"
    assert message.sent_at == "2024-01-01T10:11:12+01:00"
    assert message.message_id == ["1@example.org"]
    assert message.references is None


def test_parts_are_numbered_as_imap_numbers_them() -> None:
    root = parse(ALTERNATIVE).body_structure
    assert [(part.part_id, part.type) for part in root.walk()] == [
        (None, "multipart/mixed"),
        (None, "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "application/pdf"),
    ]


def test_body_lists_name_and_decoded_content() -> None:
    message = parse(ALTERNATIVE)
    assert [part.part_id for part in message.text_body] == ["1.1"]
    assert [part.part_id for part in message.html_body] == ["1.2"]
    (attachment,) = message.attachments
    assert (attachment.name, attachment.size, message.content(attachment)) == ("für.pdf", 5, b"Hello")
    assert message.has_attachment
    assert message.text(message.text_body[0]).value == "Grüße\n> quoted"
    assert message.preview == "Grüße"
    assert message.defects == []


def test_raw_headers_keep_their_folding_and_leading_space() -> None:
    assert parse(ALTERNATIVE).header("subject") == " =?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?q?=C3=9Fe?="


def test_a_message_without_headers_or_body_is_a_message() -> None:
    assert parse(b"").body_structure.type == "text/plain"
    assert parse(b"\r\n\r\nhello").preview == "hello"
    assert parse(b"Subject: x").subject == "x"


def test_the_last_header_of_a_name_counts() -> None:
    assert parse(b"Subject: a\nsubject: b\n\n").subject == "b"


def test_undeclared_eight_bit_headers_are_read_in_the_charset_of_the_message() -> None:
    raw = "Subject: Привет\nContent-Type: text/plain; charset=koi8-r\n\nПривет".encode("koi8-r")
    message = parse(raw)
    assert message.subject == "Привет"
    assert message.preview == "Привет"


def test_undeclared_iso_2022_in_headers_is_recognised() -> None:
    assert parse("Subject: こんにちは\n\n".encode("iso-2022-jp")).subject == "こんにちは"


def test_a_wrong_charset_is_an_encoding_problem_and_still_readable() -> None:
    message = parse(b"Content-Type: text/plain; charset=nonsense\n\ncaf\xc3\xa9")
    text = message.text(message.text_body[0])
    assert (text.value, text.is_encoding_problem) == ("café", True)


def test_codecs_that_are_no_charsets_cannot_be_called() -> None:
    for name in ("zlib", "bz2", "rot13", "punycode", "unicode_escape", "base64", "idna", "undefined"):
        message = parse(f"Content-Type: text/plain; charset={name}\n\n\\u0041".encode())
        assert message.text(message.text_body[0]).value == "\\u0041"


def test_a_multipart_without_its_boundary_is_shown_as_text() -> None:
    message = parse(b"Content-Type: multipart/mixed; boundary=x\n\nhello")
    assert message.defects == ["missing-boundary"]
    assert message.preview == "hello"


def test_a_boundary_that_begins_like_another_is_another() -> None:
    message = parse(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--xy\nb\n--x--\n")
    assert [message.text(part).value for part in message.text_body] == ["a\n--xy\nb"]


def test_a_missing_end_keeps_the_last_part() -> None:
    message = parse(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n\nb")
    assert [message.text(part).value for part in message.text_body] == ["a", "b"]
    assert message.defects == ["missing-end"]


def texts_of(raw: bytes) -> list[str]:
    message = parse(raw)
    return [message.text(part).value for part in message.text_body]


def test_an_opening_line_at_the_end_opens_no_part() -> None:
    assert texts_of(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n \n") == ["a"]


def test_a_closing_line_that_lost_its_line_break_is_none_of_the_text() -> None:
    message = parse(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na--x--\r\n")
    assert message.text(message.text_body[0]).value == "a"
    assert message.defects == []


def test_a_boundary_right_below_the_header_begins_the_parts() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\nSubject: s\n--x\nContent-Type: text/html\n\na\n--x--\n"
    message = parse(raw)
    assert (message.subject, [part.type for part in message.text_body]) == ("s", ["text/html"])
    assert texts_of(raw) == ["a"]
    assert texts_of(b"Subject: s\n--\nBob\n") == ["--\nBob\n"]


def test_words_that_claim_to_be_base64_are_shown_and_base64_with_a_footer_is_decoded() -> None:
    head = b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    assert texts_of(head + b"Hello, how are you?\n") == ["Hello, how are you?\n"]
    assert texts_of(head + b"aGVsbG8gd29ybGQ=\n")[0] == "hello world"
    assert texts_of(head + b"aGVsbG8gd29ybGQ=\n-- \nYou are on the list.\n")[0].startswith("hello world")


def test_over_the_limits_a_message_keeps_its_headers() -> None:
    big = parse(b"Subject: big\n\n" + b"x" * 100, Limits(message_bytes=50))
    assert (big.subject, big.defects, big.text_body, big.is_whole) == ("big", ["too-large"], [], False)
    many = parse(b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 50, Limits(parts=10))
    assert len(list(many.body_structure.walk())) == 10
    assert "too-many-parts" in many.defects
    long = parse(b"Subject: " + b"y" * 100_000 + b"\nFrom: a@b\n\n")
    assert "header-too-long" in long.defects
    assert long.from_ == [Address(None, "a@b")]


def test_every_defect_has_a_sentence_for_the_reader() -> None:
    assert all(defect_sentence(defect).endswith(".") for defect in get_args(Defect))


def test_parts_nested_too_deeply_are_a_defect_and_not_followed() -> None:
    raw = b""
    for level in range(100):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
    message = parse(raw)
    assert "too-deep" in message.defects
    assert len(list(message.body_structure.walk())) == Limits().depth + 1


def test_a_digest_holds_messages() -> None:
    message = parse(b"Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--\n")
    assert [part.type for part in message.attachments] == ["message/rfc822"]


lines = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=x",
        b"--x",
        b"--x--",
        b"",
        b"Content-Transfer-Encoding: base64",
        b"Content-Type: text/html; charset=utf-7",
        b"+2D8-",
        b"Subject: =?utf-8?b?2A==?= \xff",
        b"=?x?q?=ff?=",
        b"To: <<a,",
        b"Content-Disposition: attachment; filename*0*=x'y'%ff",
        b"From: \x00\xd8\x00",
        b"begin 644 a",
        b"Date: 99 Foo 0",
    ]
)


@given(st.lists(lines | st.binary(max_size=40), max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_whatever_arrives_is_parsed_without_exception_or_surrogate(
    pieces: list[bytes], newline: bytes
) -> None:
    message = parse(newline.join(pieces))
    for part in message.body_structure.walk():
        if part.sub_parts is None:
            assert len(message.content(part)) == part.size
            message.text(part).value.encode()
        (part.name or "").encode()
    repr(message.headers).encode()
    shown = [message.subject or "", message.preview, *(h for pair in message.headers for h in pair)]
    shown += [a.email + (a.name or "") for a in message.from_ + message.to]
    assert not re.search("[\ud800-\udfff]", "".join(shown))
