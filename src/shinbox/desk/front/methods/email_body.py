"""The body of an email as JMAP shows it (RFC 8621 §4.1.4): parts, their blobs, their text.

Owns the wire form of body parts and body values, and the /get arguments about them. Reads structures that
the store holds and raw messages; parses nothing that the desk did not parse before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shinbox.desk.front.context import Json
from shinbox.desk.front.methods import header_forms
from shinbox.desk.front.methods.arguments import UnsignedInt, convert
from shinbox.desk.front.methods.email_raw import part_blob_id
from shinbox.errors import InvalidArguments
from shinbox.mime import body
from shinbox.mime.model import BodyPart
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.split import ParsedHeaders

PART_PROPERTIES: Final = (
    "partId",
    "blobId",
    "size",
    "name",
    "type",
    "charset",
    "disposition",
    "cid",
    "language",
    "location",
)
"""What is told of a part unless bodyProperties says otherwise (RFC 8621 §4.2)."""
_KNOWN: Final = frozenset({*PART_PROPERTIES, "headers", "subParts"})
BODY_PROPERTIES: Final = frozenset({"bodyStructure", "textBody", "htmlBody", "attachments", "bodyValues"})
"""The properties of an Email that need its structure."""
ARGUMENTS: Final = frozenset(
    {
        "bodyProperties",
        "fetchTextBodyValues",
        "fetchHTMLBodyValues",
        "fetchAllBodyValues",
        "maxBodyValueBytes",
    }
)


class BodyArguments(msgspec.Struct, kw_only=True):
    """What Email/get adds to /get (RFC 8621 §4.2)."""

    bodyProperties: list[str] | None = None
    fetchTextBodyValues: bool = False
    fetchHTMLBodyValues: bool = False
    fetchAllBodyValues: bool = False
    maxBodyValueBytes: UnsignedInt = 0

    @property
    def fetches(self) -> bool:
        """Whether any text is asked for."""
        return self.fetchTextBodyValues or self.fetchHTMLBodyValues or self.fetchAllBodyValues

    @property
    def part_properties(self) -> Sequence[str]:
        """What to tell of each part."""
        return PART_PROPERTIES if self.bodyProperties is None else self.bodyProperties

    @property
    def wants_part_headers(self) -> bool:
        """Whether headers of parts are asked for."""
        return any(name == "headers" or name.startswith("header:") for name in self.part_properties)


def read_arguments(arguments: Json) -> BodyArguments:
    """The arguments about bodies.

    :raises InvalidArguments: one is wrong.
    """
    given = {name: value for name, value in arguments.items() if name in ARGUMENTS}
    read = convert(given, BodyArguments)
    for name in read.part_properties:
        if name.startswith("header:"):
            header_forms.parse_property(name)
        elif name not in _KNOWN:
            raise InvalidArguments(f"bodyProperties: a part has no property “{name}”.")
    return read


def stored_structure(text: str) -> BodyPart:
    """The tree that the store holds as JSON (store/arrival.py); without one, a single part of text."""
    form = json.loads(text)
    return _part(form) if form else BodyPart("1", "text/plain", charset="us-ascii")


def _part(form: Json) -> BodyPart:
    return BodyPart(
        part_id=form["partId"],
        type=form["type"],
        size=form["size"],
        name=form["name"],
        charset=form["charset"],
        disposition=form["disposition"],
        cid=form["cid"],
        language=form["language"],
        location=form["location"],
        sub_parts=None if form["subParts"] is None else [_part(inner) for inner in form["subParts"]],
        headers=[(name, value) for name, value in form["headers"]],
    )


@dataclass(frozen=True)
class BodyForm:
    """How one email's parts are written: `email` is its row."""

    email: int
    properties: Sequence[str]

    def tree(self, part: BodyPart) -> Json:
        """A part with everything below it."""
        written = self.leaf(part)
        if part.sub_parts is not None or "subParts" in self.properties:
            inner = part.sub_parts
            written["subParts"] = None if inner is None else [self.tree(each) for each in inner]
        return written

    def leaf(self, part: BodyPart) -> Json:
        """A part alone."""
        return {name: self._value(part, name) for name in self.properties if name != "subParts"}

    def _value(self, part: BodyPart, name: str) -> Any:
        if name == "blobId":
            return None if part.part_id is None else part_blob_id(self.email, part.part_id)
        if name == "partId":
            return part.part_id
        if name == "headers":
            return [{"name": header, "value": value} for header, value in part.headers]
        if name.startswith("header:"):
            return header_forms.parse_property(name).of(ParsedHeaders(list(part.headers)))
        return getattr(part, name)


def body_properties(email: int, root: BodyPart, asked: BodyArguments, names: Iterable[str]) -> Json:
    """bodyStructure, textBody, htmlBody and attachments, as far as `names` asks."""
    lists = body.flatten(root)
    form = BodyForm(email, asked.part_properties)
    found = {"textBody": lists.text_body, "htmlBody": lists.html_body, "attachments": lists.attachments}
    written: Json = {
        name: [form.leaf(part) for part in parts] for name, parts in found.items() if name in names
    }
    if "bodyStructure" in names:
        written["bodyStructure"] = form.tree(root)
    return written


def body_values(message: ParsedMessage, asked: BodyArguments) -> Json:
    """The texts asked for, by part id (RFC 8621 §4.1.4 EmailBodyValue)."""
    parts: list[BodyPart] = []
    if asked.fetchAllBodyValues:
        parts += message.body_structure.walk()
    if asked.fetchTextBodyValues:
        parts += message.text_body
    if asked.fetchHTMLBodyValues:
        parts += message.html_body
    values: Json = {}
    for part in parts:
        if part.part_id is None or not part.type.startswith("text/") or part.part_id in values:
            continue
        text = message.text(part)
        value, cut = shortened(text.value, asked.maxBodyValueBytes, is_html=part.type == "text/html")
        values[part.part_id] = {
            "value": value,
            "isEncodingProblem": text.is_encoding_problem,
            "isTruncated": cut,
        }
    return values


def shortened(text: str, most: int, *, is_html: bool) -> tuple[str, bool]:
    """`text` in at most `most` bytes of UTF-8 (0: all of it), cut between characters and not in a tag."""
    encoded = text.encode("utf-8", "replace")
    if not most or len(encoded) <= most:
        return text, False
    value = encoded[:most].decode("utf-8", "ignore")
    if is_html and value.rfind("<") > value.rfind(">"):
        value = value[: value.rfind("<")]
    return value, True
