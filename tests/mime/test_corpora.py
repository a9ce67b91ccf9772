"""The messages of ../shared/corpora against what other parsers say about them.

Every difference stands in accepted_differences.tsv with its reason: a new one fails, and so does one that is
no longer there. The corpora are not part of the project; without them the tests skip and say so.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shinbox.mime.parse import parse
from shinbox.text.html import html_to_text
from tests.mime import oracles

needs_corpora = pytest.mark.skipif(
    not oracles.CORPORA.is_dir(), reason=f"the corpora are not at {oracles.CORPORA}"
)
ACCEPTED = Path(__file__).with_name("accepted_differences.tsv")
_SURROGATE = re.compile("[\ud800-\udfff]")


def accepted(corpus: str) -> set[tuple[str, str]]:
    rows = [
        line.split("\t")
        for line in ACCEPTED.read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert all(len(row) == 3 and row[2] for row in rows), (
        "each difference has a message, a field and a reason"
    )
    return {(name, field) for name, field, _ in rows if name.startswith(corpus)}


@needs_corpora
def test_stalwart_mail_parser_agrees() -> None:
    differing, compared = set(), 0
    for case in oracles.cases("stalwart"):
        mine, theirs = oracles.ours(parse(case.raw)), oracles.stalwart(case)
        compared += len(mine.keys() | theirs.keys())
        differing |= {
            (case.name, field)
            for field in mine.keys() | theirs.keys()
            if not oracles.agree(mine.get(field), theirs.get(field))
        }
    print(f"{compared} fields compared, {len(differing)} differ")
    assert differing == accepted("stalwart")


@needs_corpora
def test_mime4j_agrees_on_every_part() -> None:
    differing, compared = set(), 0
    for case in oracles.cases("mime4j"):
        mine, theirs = oracles.our_leaves(case.raw), oracles.mime4j(case)
        compared += max(len(mine), len(theirs))
        if mine != theirs:
            differing.add((case.name, "parts"))
    print(f"{compared} parts compared, {len(differing)} messages differ")
    assert differing == accepted("mime4j")


def everything_shown(raw: bytes) -> Iterator[str]:
    """All the text that a client could show of a message."""
    message = parse(raw)
    yield from (text for header in message.headers for text in header)
    yield from (message.subject or "", message.preview)
    for people in (message.from_, message.to, message.cc, message.bcc, message.reply_to, message.sender):
        yield from (text for person in people for text in (person.name or "", person.email))
    for part in message.body_structure.walk():
        yield part.name or ""
        if part.type.startswith("text/") and part.sub_parts is None:
            text = message.text(part).value
            yield html_to_text(text).text if part.type == "text/html" else text


@needs_corpora
@pytest.mark.parametrize("corpus", ["stalwart", "mime4j", "sisimai"])
def test_every_message_is_shown_in_time_and_without_surrogates(corpus: str) -> None:
    count = 0
    for case in oracles.cases(corpus):
        began = time.process_time()
        assert not any(_SURROGATE.search(text) for text in everything_shown(case.raw)), case.name
        assert time.process_time() - began < 2.0, case.name
        count += 1
    assert count
