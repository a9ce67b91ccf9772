"""What others say about the messages of ../shared/corpora, in the words of our ParsedMessage.

Owns reading the expected results of stalwart's mail-parser (JSON) and Apache mime4j (XML and decoded parts).
Refuses to judge: the comparison and the list of accepted differences live in test_corpora.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from shinbox.mime.dates import rfc3339
from shinbox.mime.model import Address, BodyPart
from shinbox.mime.parse import ParsedMessage, parse

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"


@dataclass(frozen=True)
class Case:
    """One message: where it comes from and its octets."""

    name: str
    raw: bytes
    origin: Path


def cases(corpus: str) -> Iterator[Case]:
    """The messages of a corpus in order; `origin` is where expected results lie."""
    folder = CORPORA / corpus
    for line in (folder / "INDEX.tsv").read_text().splitlines():
        number, origin, _ = line.split("\t")
        yield Case(
            f"{corpus}/{number}", (folder / "eml" / f"{number}.eml").read_bytes(), folder / "oracle" / origin
        )


Facts = dict[str, Any]
"""Field → value, comparable by `==`."""


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- ours ---------------------------------------------------------------------------------------


def ours(message: ParsedMessage) -> Facts:
    """A parsed message in the form that both oracles are brought to."""
    facts: Facts = {"subject": " ".join((message.subject or "").split()), "date": message.sent_at}
    for field in ("from", "to", "cc", "bcc", "reply_to", "sender"):
        facts[field] = _people(getattr(message, "from_" if field == "from" else field))
    for field in ("message_id", "in_reply_to", "references"):
        facts[field] = getattr(message, field) or []
    facts["text"] = [_text(message, part) for part in message.text_body]
    facts["html"] = [_text(message, part) for part in message.html_body]
    listed = [*map(id, message.attachments), *(id(part) for part in message.text_body if _is_media(part))]
    for place, part in enumerate(part for part in message.body_structure.walk() if id(part) in listed):
        content = _text(message, part)
        facts[f"attachment {place}"] = (part.name, part.type, content)
    return facts


def _is_media(part: BodyPart) -> bool:
    """mail-parser lists media that are shown inline as attachments too; RFC 8621 §4.1.4 does not."""
    return part.type.startswith(("image/", "audio/", "video/"))


def _people(addresses: list[Address]) -> list[tuple[str | None, str]]:
    return [(address.name, address.email) for address in addresses]


def _text(message: ParsedMessage, part: BodyPart) -> str | bytes:
    return message.text(part).value if part.type.startswith("text/") else message.content(part)


# --- stalwart -----------------------------------------------------------------------------------


def stalwart(case: Case) -> Facts:
    """stalwart mail-parser's JSON: dates as parts, addresses as lists or groups, bytes as numbers."""
    line_ends = ".crlf.json" if b"\r\n" in case.raw else ".json"
    told = json.loads(case.origin.with_suffix(line_ends).read_text())
    headers: dict[str, Any] = {}
    for header in told["parts"][0]["headers"]:
        headers[header["name"] if isinstance(header["name"], str) else header["name"]["other"]] = header[
            "value"
        ]
    facts: Facts = {
        "subject": " ".join((_one(headers.get("subject")) or "").split()),
        "date": _date(headers.get("date")),
    }
    for field in ("from", "to", "cc", "bcc", "reply_to", "sender"):
        facts[field] = _told_people(headers.get(field))
    for field in ("message_id", "in_reply_to", "references"):
        facts[field] = _many(headers.get(field))
    facts["text"] = [_told_text(told["parts"][n]) for n in told["text_body"]]
    facts["html"] = [_told_text(told["parts"][n]) for n in told["html_body"]]
    for place, n in enumerate(told["attachments"]):
        facts[f"attachment {place}"] = _told_attachment(told["parts"][n], case.raw)
    return facts


def _many(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    return list(value.get("TextList") or ([value["Text"]] if "Text" in value else []))


def _one(value: Any) -> str | None:
    return next(iter(_many(value)), None)


def _date(value: Any) -> str | None:
    if not isinstance(value, dict) or "DateTime" not in value:
        return None
    told = value["DateTime"]
    offset = timedelta(hours=told["tz_hour"], minutes=told["tz_minute"])
    zone = timezone(-offset if told["tz_before_gmt"] else offset)
    year, month, day, hour, minute, second = (
        told[k] for k in ("year", "month", "day", "hour", "minute", "second")
    )
    return rfc3339(datetime(year, month, day, hour, minute, second, tzinfo=zone))


def _told_people(value: Any) -> list[tuple[str | None, str]]:
    if not isinstance(value, dict) or "Address" not in value:
        return []
    told = value["Address"]
    people = told.get("List") or [person for group in told.get("Group", []) for person in group["addresses"]]
    return [(p["name"], p["address"] or "") if p["address"] else (None, p["name"] or "") for p in people]


def _told_text(part: dict[str, Any]) -> str | bytes:
    body = part["body"]
    text = body.get("Text", body.get("Html"))
    return _lines(text) if text is not None else _octets(body)


def _octets(body: dict[str, Any]) -> bytes:
    return bytes(body.get("Binary", body.get("InlineBinary", [])))


def _told_attachment(part: dict[str, Any], raw: bytes) -> tuple[str | None, str, str | bytes]:
    headers = {
        h["name"] if isinstance(h["name"], str) else h["name"]["other"]: h["value"] for h in part["headers"]
    }
    told = (headers.get("content_type") or {}) if isinstance(headers.get("content_type"), dict) else {}
    kind = told.get("ContentType", {})
    how = headers.get("content_disposition")
    how = how.get("ContentType", {}) if isinstance(how, dict) else {}
    named = _attributes(how).get("filename") or _attributes(kind).get("name")
    media = f"{kind.get('c_type', '')}/{kind.get('c_subtype') or ''}".lower()
    body = part["body"]
    if "Text" in body or "Html" in body:
        text = _told_text(part)
        return named, media, text if media.startswith("text/") or isinstance(text, bytes) else text.encode()
    if "Message" in body:
        return named, media, raw[part["offset_body"] : part["offset_end"]]
    return named, media, _octets(body)


def _attributes(told: dict[str, Any]) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in told.get("attributes") or []}


def agree(mine: Any, theirs: Any) -> bool:
    """Equal, or theirs says less: a character that they could not read, a type that they do not name."""
    if isinstance(mine, (list, tuple)) and isinstance(theirs, (list, tuple)):
        return len(mine) == len(theirs) and all(map(agree, mine, theirs))
    if theirs == "/":
        return True
    if isinstance(mine, str) and isinstance(theirs, str) and "\ufffd" in theirs:
        return re.fullmatch(re.escape(theirs).replace("\ufffd", "[^\x00-\x7f]+"), mine) is not None
    return bool(mine == theirs)


# --- mime4j -------------------------------------------------------------------------------------


def mime4j(case: Case) -> list[bytes]:
    """The decoded leaves in order, messages within messages opened; line ends LF."""
    described = case.origin.with_name(case.origin.stem + "_decoded.xml")
    source = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", described.read_bytes())
    nodes = [
        node for node in ElementTree.fromstring(source).iter() if node.tag in {"text-body", "binary-body"}
    ]
    files = [case.origin.with_name(node.attrib["name"]) for node in nodes if "name" in node.attrib]
    return [file.read_bytes().replace(b"\r\n", b"\n") for file in files]


def our_leaves(raw: bytes) -> list[bytes]:
    """The same of our parser."""
    message = parse(raw)
    leaves: list[bytes] = []
    for part in message.body_structure.walk():
        if part.sub_parts is not None:
            continue
        content = message.content(part)
        leaves += our_leaves(content) if part.type == "message/rfc822" else [content.replace(b"\r\n", b"\n")]
    return leaves
