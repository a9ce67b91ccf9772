"""Why mail was refused, in words: enhanced status codes (RFC 3463) and what servers write beside them.

Owns that table. Refuses to know how a code was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """One recipient: address, status (`5.1.1` or empty), the reason in words, what the server wrote."""

    address: str
    status: str
    reason: str
    diagnostic: str


_WORDS = (
    ("the mailbox is full", r"quota|mailbox (?:is )?full|insufficient (?:system )?storage|not enough space"),
    (
        "the message is too large",
        r"too (?:large|big)|size (?:limit|exceed)|exceeds (?:the )?(?:maximum|size)",
    ),
    ("the message is too large", r"message size"),
    (
        "there is no such address",
        r"user (?:is )?unknown|unknown (?:user|recipient|address)|does(?:n't| not) exist",
    ),
    (
        "there is no such address",
        r"no such (?:user|recipient|mailbox|address|person)|recipient rejected: user",
    ),
    ("there is no such address", r"mailbox (?:unavailable|not available|unknown)|not found|no mailbox"),
    ("there is no such address", r"invalid (?:recipient|mailbox|user)|undeliverable address|not a valid"),
    ("there is no such address", r"unrouteable address|recipient address rejected: (?:user|undeliverable)"),
    (
        "the mailbox is switched off",
        r"disabled|inactive|suspended|deactivated|account (?:has been|is) closed",
    ),
    ("there is no such mail domain", r"host (?:or domain name )?(?:unknown|not found)|nxdomain|no mx"),
    ("there is no such mail domain", r"unrouteable mail domain|name (?:or )?service error|domain not"),
    ("it was taken for spam", r"spam|junk|blacklist|block ?list|reputation|rbl|bulk|\blisted"),
    ("the sender could not be verified", r"dmarc|spf|dkim|authenticat|not authori[sz]ed"),
    ("its content was refused", r"virus|malware|infected|attachment type"),
    (
        "the server is busy or makes new senders wait",
        r"grey.?list|try again|temporar|deferred|\brate|too many",
    ),
    ("the server could not be reached", r"timed? ?out|connection refused|could not connect|no route"),
    ("the server could not be reached", r"unreachable|lost connection"),
    ("the server does not accept mail for that address", r"relay"),
    ("the server refused it", r"policy|denied|refused|rejected|prohibited|not allowed|blocked"),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), reason) for reason, pattern in _WORDS)
_CODES = {
    "1.0": "there is a problem with the address",
    "1.1": "there is no such address",
    "1.2": "there is no such mail domain",
    "1.3": "the address is not valid",
    "1.6": "the mailbox has moved",
    "1.8": "the sender's address is not accepted",
    "1.10": "the address takes no mail",
    "2.0": "there is a problem with the mailbox",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the message is too large",
    "2.4": "the mailing list has a problem",
    "3.1": "the mail server's disk is full",
    "3.2": "the mail server takes no mail at the moment",
    "3.4": "the message is too large",
    "4.1": "the server did not answer",
    "4.2": "the connection broke",
    "4.4": "the way to the server is not known",
    "4.6": "the message went in circles",
    "4.7": "delivery took too long",
    "5.3": "there are too many recipients",
    "6.1": "its content was refused",
    "7.0": "the server refused it",
    "7.1": "the server refused it",
    "7.26": "the sender could not be verified",
    "7.5": "the sender could not be verified",
}
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_VAGUE = frozenset({"0.0", "1.0", "2.0", "7.0", "7.1", "4.7", "4.1"})


def status_in(text: str) -> str:
    """The first enhanced status code in a server's answer, or an empty string."""
    found = _STATUS.search(text[:2_000])
    return found[0] if found else ""


def reason_of(status: str, diagnostic: str) -> str:
    """The reason in words: from a precise code, else from what the server wrote, else that, quoted."""
    code = _STATUS.fullmatch(status) or _STATUS.search(diagnostic[:2_000])
    detail = f"{code[2]}.{code[3]}" if code else ""
    if detail in _CODES and detail not in _VAGUE:
        return _CODES[detail]
    worded = next((reason for pattern, reason in _PATTERNS if pattern.search(diagnostic[:2_000])), "")
    if worded or detail in _CODES:
        return worded or _CODES[detail]
    said = " ".join(diagnostic.split())
    return f"the server said: {said[:200]}" if said else ""
