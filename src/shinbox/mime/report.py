"""Reports about sent mail: bounces, delays (RFC 3464), read receipts (RFC 8098), complaints (RFC 5965).

Owns turning one into a sentence. Refuses to file it: `about_message_id` is what the desk looks for. Anybody
can write a report, so it is shown as what its sender claims and decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from shinbox.mime import headers
from shinbox.mime.bounces import read_unstructured
from shinbox.mime.model import BodyPart
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.reasons import Failure, reason_of
from shinbox.mime.split import ParsedHeaders, parse_headers

Kind = Literal["failed", "delayed", "delivered", "relayed", "expanded", "read", "deleted", "complaint"]
_ACTIONS: dict[str, Kind] = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}
_SAID = {
    "failed": "not delivered",
    "delayed": "not delivered yet",
    "delivered": "delivered",
    "relayed": "passed on, with no word of what became of it,",
    "expanded": "delivered and passed on",
}
MAX_RECIPIENTS = 500


@dataclass(frozen=True)
class Delivery:
    """What a report claims of one recipient (RFC 3464 §2.3). `addresses`: what it is called there, the one
    that the message was sent to first."""

    addresses: list[str]
    kind: Kind
    outcome: Failure


@dataclass(frozen=True)
class Report:
    """What became of a message, as a report claims it; the worst outcome of all recipients is `kind`.

    `deliveries` names each recipient, and is empty unless the report follows RFC 3464.
    """

    kind: Kind
    failures: list[Failure] = field(default_factory=list)
    about_message_id: str | None = None
    about_subject: str | None = None
    complaint: str = ""
    deliveries: list[Delivery] = field(default_factory=list)

    def sentence(self) -> str:
        """`not delivered to jane@example.org, because the mailbox is full`; still to go through safe()."""
        people = _joined([failure.address for failure in self.failures if failure.address])
        if self.kind in {"read", "deleted"}:
            said = "read" if self.kind == "read" else "deleted without being read"
            return f"{said} by {people}" if people else said
        if self.kind == "complaint":
            return f"reported as {self.complaint or 'unwanted'}" + (f" by {people}" if people else "")
        because = next((failure.reason for failure in self.failures if failure.reason), "")
        said = f"{_SAID[self.kind]} to {people}" if people else _SAID[self.kind]
        return f"{said}, because {because}" if because and self.kind in {"failed", "delayed"} else said


def read_report(message: ParsedMessage) -> Report | None:
    """The report that `message` is, or None for ordinary mail."""
    parts = list(message.body_structure.walk())
    status = _first(parts, "message/delivery-status", "message/global-delivery-status")
    receipt = _first(parts, "message/disposition-notification", "message/global-disposition-notification")
    abuse = _first(parts, "message/feedback-report")
    about = _about(message, parts)
    if status is not None and (report := _delivery(message.content(status), about)):
        return report
    if receipt is not None:
        return _receipt(message.content(receipt), about)
    if abuse is not None:
        return _complaint(message.content(abuse), about)
    failures = read_unstructured(message)
    return Report("failed", failures, _id(about), _subject(about)) if failures else None


def enclosed_message_id(message: ParsedMessage) -> str | None:
    """The Message-ID of the message that `message` brings back or quotes: what it is about where its report
    is empty or cannot be read."""
    return _id(_about(message, list(message.body_structure.walk())))


def _joined(people: list[str]) -> str:
    """Up to three of them, then how many more."""
    each = list(dict.fromkeys(people))
    return ", ".join(each[:3]) + (f" and {len(each) - 3} more" if len(each) > 3 else "")


def _first(parts: list[BodyPart], *kinds: str) -> BodyPart | None:
    return next((part for part in parts if part.type in kinds), None)


def _about(message: ParsedMessage, parts: list[BodyPart]) -> ParsedHeaders:
    """The header of the message that the report is about: attached, or quoted at the end of the text."""
    enclosed = _first(
        parts, "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"
    )
    if enclosed is not None:
        return parse_headers(re.split(rb"\r?\n\r?\n", message.content(enclosed).lstrip(), maxsplit=1)[0])
    text = next((message.text(part).value for part in message.text_body if part.type == "text/plain"), "")
    quoted = re.search(r"(?im)^[> ]*message-id:[^\n]*$", text[-200_000:])
    return parse_headers(quoted[0].lstrip("> ").encode("utf-8", "replace")) if quoted else ParsedHeaders()


def _id(about: ParsedHeaders) -> str | None:
    ids = headers.as_message_ids(about.last("message-id") or "")
    return ids[0] if ids else None


def _subject(about: ParsedHeaders) -> str | None:
    value = about.last("subject")
    return headers.as_text(value) if value is not None else None


def _groups(content: bytes) -> list[ParsedHeaders]:
    """Blocks of fields between empty lines (RFC 3464 §2.1)."""
    blocks = re.split(rb"(?:\r?\n[ \t]*){2,}", content.strip(), maxsplit=MAX_RECIPIENTS)
    return [parse_headers(block) for block in blocks[:MAX_RECIPIENTS]]


def _delivery(content: bytes, about: ParsedHeaders) -> Report | None:
    each = [found for group in _groups(content) if (found := _recipient(group)) is not None]
    if not each:
        return None
    worst = min((one.kind for one in each), key=list(_ACTIONS.values()).index)
    shown = [one.outcome for one in each if one.kind == worst]
    return Report(worst, shown, _id(about), _subject(about), deliveries=each)


def _recipient(group: ParsedHeaders) -> Delivery | None:
    """The fields about one recipient, or None where they are about the message as a whole."""
    original, final = (_typed(group.last(f"{which}-recipient")) for which in ("original", "final"))
    action = headers.as_text(group.last("action") or "").lower().split("(")[0].strip()
    if not (original or final or action):
        return None
    status = headers.as_text(group.last("status") or "").split(" ")[0]
    kind = _ACTIONS.get(action) or ("delayed" if status.startswith("4") else "failed")
    diagnostic = _typed(group.last("diagnostic-code"))
    reason = reason_of(status, diagnostic) if kind in {"failed", "delayed"} else ""
    addresses = [address for address in dict.fromkeys((original, final)) if address]
    return Delivery(addresses, kind, Failure(final or original, status, reason, diagnostic))


def _typed(value: str | None) -> str:
    """`rfc822; jane@example.org` and `smtp; 550 no such user` without the type."""
    text = headers.as_text(value or "")
    kind, separator, rest = text.partition(";")
    return (rest if separator and " " not in kind.strip() else text).strip().strip("<>")


def _receipt(content: bytes, about: ParsedHeaders) -> Report:
    """RFC 8098 §3.2.6: `mode/mode; type/modifiers`."""
    group = (_groups(content) or [ParsedHeaders()])[0]
    disposition = headers.as_text(group.last("disposition") or "").lower().rpartition(";")[2]
    kind: Kind = "deleted" if "deleted" in disposition else "read"
    who = _typed(group.last("final-recipient"))
    original = headers.as_message_ids(group.last("original-message-id") or "")
    about_id = original[0] if original else _id(about)
    return Report(kind, [Failure(who, "", "", "")] if who else [], about_id, _subject(about))


def _complaint(content: bytes, about: ParsedHeaders) -> Report:
    group = (_groups(content) or [ParsedHeaders()])[0]
    what = {
        "abuse": "spam",
        "fraud": "fraud",
        "virus": "a virus",
        "not-spam": "not spam",
        "opt-out": "unwanted",
    }
    kind = headers.as_text(group.last("feedback-type") or "").lower()
    who = headers.as_addresses(group.last("original-rcpt-to") or about.last("to") or "")
    people = [Failure(address.email, "", "", "") for address in who[:MAX_RECIPIENTS]]
    return Report("complaint", people, _id(about), _subject(about), what.get(kind, kind))
