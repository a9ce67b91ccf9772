"""A BODYSTRUCTURE from a server says the same as the parsed message."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shinbox.mime.model import BodyPart
from shinbox.mime.parse import parse
from shinbox.mime.structure import lists_of, read_structure

RAW = b"""Content-Type: multipart/mixed; boundary=o

--o
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=utf-8

hello
--i
Content-Type: text/html

<p>hello
--i--
--o
Content-Type: application/pdf; name=a.pdf
Content-Disposition: attachment; filename*=utf-8''%C3%BC.pdf
Content-Transfer-Encoding: base64
Content-ID: <c@x>
Content-Language: de, en

SGVsbG8=
--o
Content-Type: message/rfc822

Subject: inner

text
--o--
""".replace(b"\n", b"\r\n")

# What Dovecot 2.3 answers for RAW.
STRUCTURE: list[Any] = [
    [
        [b"text", b"plain", [b"charset", b"utf-8"], None, None, b"7bit", 5, 0, None, None, None, None],
        [b"text", b"html", None, None, None, b"7bit", 8, 0, None, None, None, None],
        *(b"alternative", [b"boundary", b"i"], None, None, None),
    ],
    [
        *(b"application", b"pdf", [b"name", b"a.pdf"], b"<c@x>", None, b"base64", 8, None),
        *([b"attachment", [b"filename*", b"utf-8''%C3%BC.pdf"]], [b"de", b"en"], None),
    ],
    [
        *(b"message", b"rfc822", None, None, None, b"7bit", 22),
        [None, b"inner", None, None, None, None, None, None, None, None],
        [b"text", b"plain", [b"charset", b"us-ascii"], None, None, b"7bit", 4, 0, None, None, None, None],
        *(3, None, None, None, None),
    ],
    *(b"mixed", [b"boundary", b"o"], None, None, None),
]


def facts(part: BodyPart) -> tuple[object, ...]:
    return (part.part_id, part.type, part.name, part.charset, part.disposition, part.cid, part.language)


def test_the_tree_from_the_server_is_the_tree_of_the_message() -> None:
    parsed, published = parse(RAW).body_structure, read_structure(STRUCTURE)
    assert [facts(part) for part in published.walk()] == [facts(part) for part in parsed.walk()]


def test_lists_and_attachments_are_known_before_the_body_is() -> None:
    message = parse(RAW)
    lists, has_attachment = lists_of(read_structure(STRUCTURE))
    assert has_attachment is message.has_attachment is True
    assert (
        [part.part_id for part in lists.text_body] == [part.part_id for part in message.text_body] == ["1.1"]
    )
    assert [part.part_id for part in lists.attachments] == [part.part_id for part in message.attachments]


def test_sizes_are_exact_where_nothing_is_encoded_and_close_where_it_is() -> None:
    sizes = {part.part_id: part.size for part in read_structure(STRUCTURE).walk()}
    assert sizes["1.1"] == 5
    assert abs(sizes["2"] - 5) <= 1


def test_a_single_part_is_number_one() -> None:
    assert read_structure([b"TEXT", b"PLAIN", None, None, None, b"7BIT", 3, 1]).part_id == "1"


def test_a_bounded_tree_comes_from_an_unbounded_one() -> None:
    node: list[object] = [b"text", b"plain", None, None, None, b"7bit", 1, 1]
    for _ in range(5_000):
        node = [node, b"mixed"]
    assert len(list(read_structure(node).walk())) == 31  # type: ignore[arg-type]  # a list of objects is a Node


nodes = st.recursive(
    st.none()
    | st.integers()
    | st.binary(max_size=8)
    | st.sampled_from([b"text", b"message", b"rfc822", b"base64"]),
    lambda inner: st.lists(inner, max_size=9),
    max_leaves=40,
)


@given(nodes)
def test_whatever_a_server_says_is_a_tree(node: object) -> None:
    root = read_structure(node)  # type: ignore[arg-type]  # anything at all is the point of the test
    lists_of(root)
    ids = [part.part_id for part in root.walk() if part.sub_parts is None]
    assert len(set(ids)) == len(ids)
