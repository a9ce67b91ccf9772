"""Bounces that follow no standard: what qmail, exim, Exchange and many others write in plain words.

Owns recognising such a message and finding whom it is about. Careful: a person's mail that quotes a bounce
is none, so the sender has to be a mail system.
"""

from __future__ import annotations

import re

from shinbox.mime.model import BodyPart
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.preview import words_of_html
from shinbox.mime.reasons import Failure, reason_of, status_in

LOOKED_AT = 20_000
MAX_RECIPIENTS = 50
_SYSTEM = re.compile(
    r"(?i)^(?:mailer-daemon|mailerdaemon|mail-daemon|postmaster|mail\.?delivery|mdaemon|bounces?|maildelivery"
    r"|mail-?administrator|system_?administrator|no-?reply|noreply|double-bounce)(?:[@.+_-]|$)"
    r"|mail delivery (?:sub)?system|mail administrator|mail delivery service"
)
_SUBJECT = re.compile(
    r"(?i)undeliver|not? ?deliver|deliver\w* (?:failure|failed|problem|status|error|unable)|failure notice"
    r"|returned mail|mail (?:failure|error|system error)|failed mail|returning message|error sending"
    r"|could not (?:be )?(?:send|deliver|sent)|bounce|non remis|unzustellbar|rejected|no se pudo entregar"
    r"|delivery has failed|mail could not|message status|couldn't be delivered|can't be delivered"
    r"|配信|送信|エラー|返送|宛先|不達"
)
_END = re.compile(
    r"(?im)^[- \t*=>]*(?:below this line is a copy|this is a copy of the message"
    r"|(?:included is |original |returned |begin |unsent |received |the )?"
    r"(?:original|returned|unsent|attached|included|header)?[ -]*(?:message|headers?|mail)"
    r"(?: (?:follows|below|header|text|contents?))?[- \t*=:]*$|return-path: <|received: from )"
)
_ADDRESS = re.compile(
    r"(?i)(?<![\w.+%-])([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})"
)
_REFUSAL = re.compile(r"(?i)\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b")


def read_unstructured(message: ParsedMessage) -> list[Failure]:
    """Whom a bounce in free words is about and why; empty if it is none."""
    if not _is_from_a_system(message):
        return []
    said = "\n".join(_words(message, part) for part in message.text_body)[:LOOKED_AT]
    end = _END.search(said, 40)
    said = said[: end.start()] if end else said
    if not (_SUBJECT.search(message.subject or "") or _REFUSAL.search(said)):
        return []
    own = {address.email.lower() for address in (*message.from_, *message.to)}
    failed = message.header("x-failed-recipients")
    people = _ADDRESS.findall(failed) if failed else _ADDRESS.findall(said)
    known = dict.fromkeys(person for person in people if failed or person.lower() not in own)
    wording = _answer(said)
    status = status_in(said)
    reason = reason_of(status, wording or said)
    return [Failure(person, status, reason, wording) for person in list(known)[:MAX_RECIPIENTS]]


def _is_from_a_system(message: ParsedMessage) -> bool:
    if (message.header("return-path") or "").strip() == "<>" and _SUBJECT.search(message.subject or ""):
        return True
    return any(_SYSTEM.search(person.email) or _SYSTEM.search(person.name or "") for person in message.from_)


def _words(message: ParsedMessage, part: BodyPart) -> str:
    if not part.type.startswith("text/"):
        return ""
    text = message.text(part).value[: 4 * LOOKED_AT]
    return words_of_html(text) if part.type == "text/html" else text


def _answer(said: str) -> str:
    """The line in which the other server speaks, with the two that follow it."""
    lines = said.split("\n")
    place = next((n for n, line in enumerate(lines) if _REFUSAL.search(line)), None)
    return " ".join(" ".join(lines[place : place + 3]).split())[:500] if place is not None else ""
