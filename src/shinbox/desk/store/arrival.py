"""From a parsed message to the row that the store publishes: one translation for import, drafts and sync.

Owns the JSON form of a body structure in `email.structure` and what search finds of a message. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shinbox.desk.store.emails import NewEmail
from shinbox.desk.store.times import utc_now as utc_now
from shinbox.mime.model import Address, BodyPart
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.report import enclosed_message_id, read_report
from shinbox.mime.split import header_end

SEARCHED_CHARACTERS: Final = 200_000
"""How much of a message's text can be found by search."""


def new_email(
    parsed: ParsedMessage,
    *,
    received_at: str,
    mailboxes: frozenset[int],
    keywords: frozenset[str] = frozenset(),
    blob_hash: str | None = None,
    content_key: str | None = None,
    remote_email_id: str | None = None,
) -> NewEmail:
    """Everything the store keeps of a message whose raw form is held."""
    raw = parsed.raw
    end, _ = header_end(raw, 0, len(raw))
    return NewEmail(
        received_at=received_at,
        size=len(raw),
        keywords=keywords,
        mailboxes=mailboxes,
        sent_at=parsed.sent_at,
        subject=parsed.subject,
        from_=_pairs(parsed, "from", parsed.from_),
        to=_pairs(parsed, "to", parsed.to),
        cc=_pairs(parsed, "cc", parsed.cc),
        bcc=_pairs(parsed, "bcc", parsed.bcc),
        reply_to=_pairs(parsed, "reply-to", parsed.reply_to),
        sender=_pairs(parsed, "sender", parsed.sender),
        message_id=parsed.message_id,
        in_reply_to=parsed.in_reply_to,
        references=parsed.references,
        has_attachment=parsed.has_attachment,
        preview=parsed.preview,
        structure=structure(parsed.body_structure),
        header=raw[:end],
        blob_hash=blob_hash,
        defects=list(parsed.defects),
        content_key=content_key,
        remote_email_id=remote_email_id,
        text=search_text(parsed),
        about=about(parsed),
    )


def structure(part: BodyPart) -> dict[str, Any]:
    """A part and those below it with RFC 8621's names; `headers` is the list of [name, raw value]."""
    form: dict[str, Any] = {
        "partId": None if part.sub_parts is not None else part.part_id,
        "type": part.type,
        "size": part.size,
        "name": part.name,
        "charset": part.charset,
        "disposition": part.disposition,
        "cid": part.cid,
        "language": part.language,
        "location": part.location,
        "headers": [list(header) for header in part.headers],
        "subParts": None,
    }
    if part.sub_parts is not None:
        form["subParts"] = [structure(inner) for inner in part.sub_parts]
    return form


def search_text(parsed: ParsedMessage) -> str:
    """The words of a message and the names of its attachments, as far as search looks."""
    found: list[str] = []
    room = SEARCHED_CHARACTERS
    for part in _texts(parsed):
        text = parsed.text(part).value[:room]
        found.append(text)
        room -= len(text)
        if room <= 0:
            break
    found += [part.name for part in parsed.attachments if part.name]
    return "\n".join(found)


def is_report(parsed: ParsedMessage) -> bool:
    """Whether a message is in the form of a report (RFC 6522); its header is enough to tell."""
    return parsed.body_structure.type == "multipart/report"


def about(parsed: ParsedMessage) -> str | None:
    """The Message-ID that a report in the standard's form is about: few servers mention it in References."""
    if not is_report(parsed):
        return None
    report = read_report(parsed)
    return report.about_message_id if report is not None else enclosed_message_id(parsed)


def _texts(parsed: ParsedMessage) -> Sequence[BodyPart]:
    return [part for part in parsed.text_body if part.type.startswith("text/")]


def _pairs(
    parsed: ParsedMessage, name: str, addresses: Sequence[Address]
) -> list[tuple[str | None, str]] | None:
    if not addresses and parsed.header(name) is None:
        return None
    return [(a.name, a.email) for a in addresses]
