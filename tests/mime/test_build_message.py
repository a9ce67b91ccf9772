"""What build() writes: every mail server carries it, and parse() reads it back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.errors import InvalidField
from shinbox.mime.build import (
    OutgoingAttachment,
    OutgoingMessage,
    build,
    strip_bcc,
)
from shinbox.mime.model import Address
from shinbox.mime.parse import parse

PLAIN = OutgoingMessage(
    from_=[Address("Support", "support@example.org")],
    to=[Address("Müller, Jürgen", "j@example.net")],
    subject="Grüße aus Zürich",
    text="Hello\n-- \nSupport\n",
    message_id="1@example.org",
    date=datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=1))),
)

inline_text = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff")
    | st.sampled_from('ab ,;"\\<>@()=?éß日'),
    max_size=120,
).map(lambda text: " ".join(text.split()))
local = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9]{1,9})?", fullmatch=True)
emails = st.builds(lambda a, b: f"{a}@{b}.example", local, st.from_regex(r"[a-z]{1,12}", fullmatch=True))
addresses = st.lists(st.builds(Address, st.none() | inline_text.map(lambda t: t or None), emails), max_size=4)
ids = st.from_regex(r"[a-z0-9.$-]{1,40}@[a-z.]{1,20}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\ufeff") | st.just("\n"))
files = st.builds(
    OutgoingAttachment,
    name=inline_text.filter(lambda name: not re.search("[\u0300-\u036f]", name)),
    type=st.sampled_from(["application/pdf", "image/png", "text/plain", "text/calendar", "application/x-y"]),
    content=st.binary(max_size=200),
)
messages = st.builds(
    OutgoingMessage,
    from_=addresses,
    to=addresses,
    cc=addresses,
    bcc=addresses,
    reply_to=addresses,
    sender=addresses.map(lambda many: many[:1]),
    subject=inline_text,
    text=texts,
    html=st.none() | texts,
    message_id=ids,
    date=st.datetimes(
        min_value=datetime(1970, 1, 1),
        max_value=datetime(2100, 1, 1),
        timezones=st.integers(-12 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
    ),
    in_reply_to=st.lists(ids, max_size=2),
    references=st.lists(ids, max_size=6),
    attachments=st.lists(files, max_size=3),
)


def _nfc(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text)


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


@given(messages)
def test_what_is_built_is_parsed_back(draft: OutgoingMessage) -> None:
    message = parse(build(draft))
    assert message.defects == []
    for attribute in ("from_", "to", "cc", "bcc", "reply_to", "sender"):
        assert getattr(message, attribute) == getattr(draft, attribute)
    assert _nfc(message.subject or "") == _nfc(draft.subject)
    assert datetime.fromisoformat(message.sent_at or "") == draft.date.replace(microsecond=0)
    assert message.message_id == [draft.message_id]
    assert message.in_reply_to == (draft.in_reply_to or None)
    assert message.references == (draft.references or None)
    assert message.text(message.text_body[0]).value == _whole_lines(draft.text or "")
    if draft.html is not None:
        assert message.text(message.html_body[0]).value == _whole_lines(draft.html)
    assert [(part.name or "", part.type, message.content(part)) for part in message.attachments] == [
        (file.name, file.type, file.content) for file in draft.attachments
    ]


@given(messages)
def test_every_line_can_be_carried(draft: OutgoingMessage) -> None:
    raw = build(draft)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    assert raw.isascii()


@given(messages, st.sampled_from("\r\n\0"), st.data())
def test_no_field_can_smuggle_a_line(draft: OutgoingMessage, bad: str, data: st.DataObject) -> None:
    poison = f"x{bad}Bcc: evil@example.org"
    broken: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"subject": poison},
                {"to": [Address(poison, "a@b")]},
                {"cc": [Address(None, f"a{bad}@b")]},
                {"from_": [Address(None, f"a@b{bad}")]},
                {"message_id": poison},
                {"in_reply_to": [poison]},
                {"references": [poison]},
                {"extra_headers": [("X-Team", poison)]},
                {"extra_headers": [(poison, "x")]},
                {"attachments": [OutgoingAttachment(poison, "text/plain", b"")]},
                {"attachments": [OutgoingAttachment("x", poison, b"")]},
                {"attachments": [OutgoingAttachment("x", "text/plain", b"", poison)]},
                {"attachments": [OutgoingAttachment("x", "text/plain", b"", "inline", poison)]},
            ]
        )
    )
    with pytest.raises(InvalidField):
        build(replace(draft, **broken))


def test_the_same_message_gives_the_same_bytes() -> None:
    assert build(replace(PLAIN, html="<p>x")) == build(replace(PLAIN, html="<p>x"))


def test_text_html_images_and_files_stand_where_readers_expect_them() -> None:
    image = OutgoingAttachment("a.png", "image/png", b"\x89PNG", "inline", "img1@example.org")
    file = OutgoingAttachment("a.pdf", "application/pdf", b"%PDF")
    message = parse(build(replace(PLAIN, html='<img src="cid:img1@example.org">', attachments=[image, file])))
    assert [part.type for part in message.body_structure.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain"),
        *("multipart/related", "text/html", "image/png", "application/pdf"),
    ]
    assert message.attachments[0].cid == "img1@example.org"


def test_a_forwarded_message_keeps_its_octets() -> None:
    original = build(replace(PLAIN, message_id="0@example.org"))
    message = parse(
        build(replace(PLAIN, attachments=[OutgoingAttachment("m.eml", "message/rfc822", original)]))
    )
    assert message.content(message.attachments[0]) == original
    assert message.attachments[0].encoding == "7bit"


def test_an_international_domain_travels_as_a_labels_and_a_local_part_as_utf_8() -> None:
    raw = build(
        replace(PLAIN, to=[Address(None, "info@bücher.example"), Address(None, "jürgen@bücher.example")])
    )
    assert b"info@xn--bcher-kva.example" in raw
    assert parse(raw).to[1].email == "jürgen@bücher.example"


def test_local_parts_are_quoted_where_they_must_be() -> None:
    message = parse(build(replace(PLAIN, to=[Address("John", "john smith@example.org")])))
    assert message.to == [Address("John", '"john smith"@example.org')]


def test_bcc_leaves_no_trace_on_the_wire_and_nothing_else_changes() -> None:
    secret = [Address(f"Hidden {n}", f"hidden{n}@example.org") for n in range(5)]
    text = "Bcc: this line is text\n"
    with_bcc = build(replace(PLAIN, bcc=secret, text=text))
    assert b"hidden4" in with_bcc
    assert strip_bcc(with_bcc) == build(replace(PLAIN, text=text))
    assert strip_bcc(b"BCC : a@b,\r\n\tc@d\r\nSubject: x\r\n\r\nBcc: y") == b"Subject: x\r\n\r\nBcc: y"
    assert strip_bcc(b"bcc: a@b") == b""


def test_a_date_is_written_with_its_offset() -> None:
    assert b"Date: Sat, 21 Nov 2026 12:00:00 +0100\r\n" in build(PLAIN)
    assert b"+0000" in build(replace(PLAIN, date=datetime(2026, 1, 1, tzinfo=UTC)))
