"""An IMAP BODYSTRUCTURE (RFC 3501 §7.4.2) as the tree that `parse` gives for the same message.

Owns that reading, so that an email can be published with its parts, names and attachments before its body
is held. Refuses to know IMAP's syntax: the connector hands over nested lists. Total, like `parse`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeGuard

from shinbox.mime import body
from shinbox.mime.charsets import decode
from shinbox.mime.model import DEFAULT_LIMITS, BodyLists, BodyPart, Limits
from shinbox.mime.params import join_params
from shinbox.mime.words import decode_words

Node: TypeAlias = "bytes | str | int | Sequence[Node] | None"
"""A parenthesised list as the connector tokenises it: strings as bytes, NIL as None, numbers as int."""

_LINE_OF_BASE64 = 78
"""76 characters, which are 57 octets, and CRLF."""


def read_structure(node: Node, limits: Limits = DEFAULT_LIMITS) -> BodyPart:
    """The tree of parts; `part_id` as `parse` numbers them, `size` an estimate where content is encoded."""
    return _Reader(limits).part(node, "", 0)


def lists_of(root: BodyPart) -> tuple[BodyLists, bool]:
    """textBody, htmlBody and attachments of that tree, and whether it has attachments (RFC 8621 §4.1.4)."""
    lists = body.flatten(root)
    return lists, body.has_attachment(lists)


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.count = 0

    def part(self, node: Node, number: str, depth: int) -> BodyPart:
        self.count += 1
        items = list(node) if _is_list(node) else []
        if not items or not _is_list(items[0]):
            return _leaf(items, number or "1")
        if depth >= self.limits.depth:
            return BodyPart(number or "1", "application/octet-stream")
        return self._multipart(items, number, depth)

    def _multipart(self, items: list[Node], number: str, depth: int) -> BodyPart:
        children = 0
        while children < len(items) and _is_list(items[children]):
            children += 1
        prefix = f"{number}." if number else ""
        parts: list[BodyPart] = []
        for position, child in enumerate(items[:children], 1):
            if self.count >= self.limits.parts:
                break
            parts.append(self.part(child, f"{prefix}{position}", depth + 1))
        rest = items[children:]
        kind = _text(_at(rest, 0)).lower() or "mixed"
        part = BodyPart(None, f"multipart/{kind}", sub_parts=parts, params=_params(_at(rest, 1)))
        _describe(part, rest[2:])
        return part


def _leaf(items: list[Node], number: str) -> BodyPart:
    """type subtype params id description encoding octets; lines, or envelope, body, lines; extensions."""
    major, minor = _text(_at(items, 0)).lower() or "text", _text(_at(items, 1)).lower() or "plain"
    part = BodyPart(number, f"{major}/{minor}", params=_params(_at(items, 2)))
    part.cid = _text(_at(items, 3)).strip().strip("<>") or None
    part.encoding = _text(_at(items, 5)).lower()
    part.size = _decoded_size(_at(items, 6), part.encoding)
    embedded = major == "message" and minor in {"rfc822", "global"} and _is_list(_at(items, 7))
    fixed = 10 if embedded else 8 if major == "text" else 7
    _describe(part, items[fixed + 1 :])
    part.name = part.name or part.params.get("name") or None
    if major == "text":
        part.charset = part.params.get("charset") or "us-ascii"
    return part


def _describe(part: BodyPart, extension: list[Node]) -> None:
    """Disposition, language and location: what a server may leave out at the end."""
    disposition = _at(extension, 0)
    if _is_list(disposition):
        items = list(disposition)
        part.disposition = _text(_at(items, 0)).lower() or None
        part.name = _params(_at(items, 1)).get("filename") or None
    language = _at(extension, 1)
    tags = [_text(tag) for tag in language] if _is_list(language) else [_text(language)]
    part.language = [tag for tag in tags if tag] or None
    part.location = decode_words(_text(_at(extension, 2))) or None


def _decoded_size(octets: Node, encoding: str) -> int:
    size = max(octets, 0) if isinstance(octets, int) else 0
    line_ends = 2 * -(-size // _LINE_OF_BASE64)
    return max(size - line_ends, 0) * 3 // 4 if encoding == "base64" else size


def _params(node: Node) -> dict[str, str]:
    items = list(node) if _is_list(node) else []
    return join_params(
        (_text(key), _text(value)) for key, value in zip(items[::2], items[1::2], strict=False)
    )


def _is_list(node: Node) -> TypeGuard[Sequence[Node]]:
    return isinstance(node, (list, tuple))


def _at(items: Sequence[Node], place: int) -> Node:
    return items[place] if place < len(items) else None


def _text(node: Node) -> str:
    if isinstance(node, bytes):
        return decode(node, "").value
    if isinstance(node, str):
        return node.encode("utf-8", "replace").decode("utf-8")
    return str(node) if isinstance(node, int) else ""
