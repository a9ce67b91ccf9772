"""The body of a draft (RFC 8621 §4.6): bodyStructure, or textBody, htmlBody and attachments.

Owns which bodies may be asked for and where their content comes from. A structure that mime/build.py would
write in another shape is refused, not rearranged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.email_raw import read_blob
from shinbox.errors import BlobNotFound, InvalidProperties, TooLarge
from shinbox.mime.build import OutgoingAttachment

BODY: Final = ("bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments")
MOST_ATTACHED: Final = 50_000_000
"""Bytes of all attachments together (maxSizeAttachmentsPerEmail)."""
_PART: Final = frozenset(
    "partId blobId size name type charset disposition cid language location subParts".split()  # noqa: SIM905
)


@dataclass
class DraftBody:
    """What the message says and what is attached."""

    text: str | None = None
    html: str | None = None
    attachments: list[OutgoingAttachment] = field(default_factory=list)


@dataclass(frozen=True)
class _Lists:
    text: list[Json]
    html: list[Json]
    attachments: list[Json]


def read_body(call: Call, emails: TypeHandler, given: Mapping[str, Any]) -> DraftBody:
    """The body that a creation describes.

    :raises InvalidProperties: it contradicts itself, or has a shape that is not written here.
    :raises BlobNotFound: it names blobs that the caller has not.
    """
    structure = given["bodyStructure"]
    if structure and any(given[name] for name in ("textBody", "htmlBody", "attachments")):
        raise InvalidProperties("Give bodyStructure, or the lists, not both.", properties=["bodyStructure"])
    lists = _from_structure(structure) if structure else _from_lists(given)
    for part in [*lists.text, *lists.html, *lists.attachments]:
        _check_part(part, given["bodyValues"])
    contents = _contents(call, emails, lists, given["bodyValues"])
    body = DraftBody()
    for part in lists.text:
        body.text = _text(contents[id(part)])
    for part in lists.html:
        body.html = _text(contents[id(part)])
    body.attachments = [_attachment(part, contents[id(part)]) for part in lists.attachments]
    return body


def _from_lists(given: Mapping[str, Any]) -> _Lists:
    for name, kind in (("textBody", "text/plain"), ("htmlBody", "text/html")):
        parts = given[name]
        if len(parts) > 1 or any(part.get("type", "text/plain") != kind for part in parts):
            raise InvalidProperties(f"{name} is one part of type {kind}.", properties=[name])
    return _Lists(given["textBody"], given["htmlBody"], given["attachments"])


def _from_structure(structure: Json) -> _Lists:
    """text | alternative(text, html) | related(html, …), inside mixed if files are attached."""
    text: list[Json] = []
    html: list[Json] = []
    files: list[Json] = []
    for place, part in _leaves(structure, ()):
        kind = part.get("type", "text/plain")
        attached = part.get("disposition") == "attachment" or (part.get("name") and kind == "text/plain")
        if (
            kind == "text/plain"
            and not attached
            and not text
            and place
            in (
                (),
                ("mixed",),
                ("alternative",),
                ("mixed", "alternative"),
            )
        ):
            text.append(part)
        elif kind == "text/html" and not attached and not html and "attachment" not in place:
            html.append(part)
        else:
            files.append(part)
    lists = _Lists(text, html, files)
    if _shape(structure) != _written_shape(lists):
        raise InvalidProperties(
            "The desk writes text, HTML beside it, images of the HTML and attachments after them;"
            " not this structure.",
            properties=["bodyStructure"],
        )
    return lists


def _leaves(part: Json, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    kind = part.get("type", "text/plain")
    if not kind.startswith("multipart/"):
        yield place, part
        return
    for inner in part.get("subParts") or []:
        yield from _leaves(inner, (*place, kind.partition("/")[2]))


Shape = str | tuple[Any, ...]


def _shape(part: Json) -> Shape:
    kind: str = part.get("type", "text/plain").lower()
    if not kind.startswith("multipart/"):
        return kind
    return (kind.partition("/")[2], *(_shape(inner) for inner in part.get("subParts") or []))


def _written_shape(lists: _Lists) -> Shape:
    """The shape that mime/build.py gives this body."""
    related = [
        p for p in lists.attachments if p.get("cid") and p.get("disposition") == "inline" and lists.html
    ]
    attached = [_shape(part) for part in lists.attachments if part not in related]
    texts: list[Shape] = ["text/plain"] if lists.text or not lists.html else []
    if lists.html:
        texts.append(("related", "text/html", *(_shape(p) for p in related)) if related else "text/html")
    body: Shape = ("alternative", *texts) if len(texts) > 1 else texts[0]
    return ("mixed", body, *attached) if attached else body


def _check_part(part: Json, values: Mapping[str, Any]) -> None:
    unknown = part.keys() - _PART
    if unknown:
        raise InvalidProperties(
            f"A part cannot be given “{sorted(unknown)[0]}”.", properties=["bodyStructure"]
        )
    part_id, blob_id = part.get("partId"), part.get("blobId")
    if (part_id is None) == (blob_id is None):
        raise InvalidProperties("A part has a partId or a blobId, not both.", properties=["bodyStructure"])
    if part_id is None:
        return
    if part_id not in values:
        raise InvalidProperties(f"bodyValues has no “{part_id}”.", properties=["bodyValues"])
    if not part.get("type", "text/plain").startswith("text/") or part.get("charset"):
        raise InvalidProperties(
            "Only text without a charset comes from bodyValues.", properties=["bodyValues"]
        )
    if part.get("size") is not None:
        raise InvalidProperties("The size of a text is the desk's to say.", properties=["bodyStructure"])
    value = values[part_id]
    if value.get("isTruncated") or value.get("isEncodingProblem"):
        raise InvalidProperties("A text that is cut or garbled cannot be sent.", properties=["bodyValues"])


def _contents(call: Call, emails: TypeHandler, lists: _Lists, values: Mapping[str, Any]) -> dict[int, bytes]:
    """The content of each part, by the identity of its description.

    Counted as it is read: a thousand parts may name the same large blob.
    """
    found: dict[int, bytes] = {}
    missing: list[str] = []
    size = 0
    for part in [*lists.text, *lists.html, *lists.attachments]:
        if part.get("partId") is not None:
            found[id(part)] = values[part["partId"]]["value"].encode("utf-8")
            continue
        blob = read_blob(call, emails, part["blobId"])
        if blob is None:
            missing.append(part["blobId"])
            continue
        size += len(blob.content)
        if size > MOST_ATTACHED:
            raise TooLarge(f"Attachments may have {MOST_ATTACHED} bytes together.", maxSize=MOST_ATTACHED)
        found[id(part)] = blob.content
    if missing:
        raise BlobNotFound(notFound=list(dict.fromkeys(missing)))
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _attachment(part: Json, content: bytes) -> OutgoingAttachment:
    return OutgoingAttachment(
        name=part.get("name") or "",
        type=part.get("type") or "application/octet-stream",
        content=content,
        disposition=part.get("disposition") or "attachment",
        cid=part.get("cid"),
    )
