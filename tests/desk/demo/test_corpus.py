"""The demo's mail is believable, complete and the same on every run."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from shinbox.desk.demo.corpus import messages
from shinbox.desk.demo.mailworld import answer_to
from shinbox.mime.parse import parse

NEWEST = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_about_three_hundred_messages_in_three_mailboxes_none_from_the_future() -> None:
    made = messages(NEWEST)
    assert 270 <= len(made) <= 340
    assert set(Counter(message.account for message in made)) == {"support", "sales", "hr"}
    assert all(message.received_at <= NEWEST for message in made)


def test_two_runs_make_the_same_bytes() -> None:
    assert [m.raw for m in messages(NEWEST)] == [m.raw for m in messages(NEWEST)]


def test_the_corpus_has_what_a_demo_must_show() -> None:
    parsed = [parse(message.raw) for message in messages(NEWEST)]
    types = {part.type for message in parsed for part in message.body_structure.walk()}
    assert {"text/html", "application/pdf", "text/calendar", "message/delivery-status", "image/png"} <= types
    subjects = " ".join(message.subject or "" for message in parsed)
    scripts = ("ペ", "询", "안", "Н", "Ε", "ا", "ש", "ब", "ส", "ł")
    assert [s for s in scripts if s not in subjects + " ".join(m.preview for m in parsed)] == []
    assert any("\x1b" in (message.subject or "") for message in parsed), "the hostile one"
    assert any(message.references for message in parsed)


def test_every_message_id_is_used_once() -> None:
    ids = [id_ for m in messages(NEWEST) for id_ in parse(m.raw).message_id or []]
    assert [id_ for id_, times in Counter(ids).items() if times > 1] == []


def test_a_customer_answers_in_the_same_thread() -> None:
    question = parse(
        b"From: Halden Support <support@halden.example>\r\nTo: Ann <ann@post.example>\r\n"
        b"Subject: Re: Lamp\r\nMessage-ID: <a@halden.example>\r\nReferences: <q@post.example>\r\n"
        b"\r\nHello\r\n"
    )
    answer = parse(answer_to(question, "ann@post.example", 1, NEWEST))
    assert answer.in_reply_to == ["a@halden.example"]
    assert answer.references == ["q@post.example", "a@halden.example"]
    assert [(a.name, a.email) for a in answer.from_] == [("Ann", "ann@post.example")]
    assert [a.email for a in answer.to] == ["support@halden.example"]
    assert answer.subject == "Re: Lamp"
