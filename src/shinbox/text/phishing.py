"""Signs that a message is not from whom it seems to be from.

Owns naming them. Refuses to decide: a sign is shown beside what it is about, nothing is hidden or moved. All
that is judged here can be forged except what the own receiving server wrote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from shinbox.text.posing import another_address

SignKind = Literal["address-in-name", "mixed-scripts", "other-host", "reply-elsewhere", "failed-check"]

_HOST = re.compile(r"(?i)^(?:https?://)?((?:[\w-]{1,63}\.){1,8}[a-z\u00a1-\uffff-]{2,63})(?:[:/?#]|$)")
_WORD = re.compile(r"\w+")
_RESULT = re.compile(
    r"(?i)\b(spf|dkim|dmarc)\s*=\s*(fail|softfail|permerror|temperror|none|pass|neutral|policy)\b"
)
_COMMENT = re.compile(r"\([^()]{0,1000}\)")
_TWO_PART = frozenset({"co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go"})
_LOOKALIKES = (
    {"LATIN", "CYRILLIC"},
    {"LATIN", "GREEK"},
    {"CYRILLIC", "GREEK"},
    {"LATIN", "ARMENIAN"},
    {"LATIN", "CHEROKEE"},
)


@dataclass(frozen=True)
class Sign:
    """One sign: its kind, and a sentence that still has to go through safe()."""

    kind: SignKind
    text: str


def signs(
    *,
    name: str | None,
    email: str,
    reply_to: Sequence[str] = (),
    links: Sequence[tuple[str, str]] = (),
    authentication_results: Sequence[str] = (),
) -> list[Sign]:
    """Every sign in a message: the sender, where answers go, (text, target) of links, header values.

    Of several Authentication-Results (RFC 8601) the first is believed: the own server wrote it last, above
    those that came with the message.
    """
    found = [*_in_name(name or "", email), *_in_scripts(name or "", email)]
    elsewhere = [address for address in reply_to if domain_of(address) != domain_of(email)]
    if elsewhere:
        found.append(Sign("reply-elsewhere", f"answers go to {', '.join(elsewhere[:3])}"))
    for text, target in links[:500]:
        found += _in_link(text, target)
    return found + _in_results(authentication_results)


def _in_name(name: str, email: str) -> list[Sign]:
    said = another_address(name, email)
    return [Sign("address-in-name", f"the name says {said}, the address is {email}")] if said else []


def _in_scripts(name: str, email: str) -> list[Sign]:
    domain = readable_domain(email.rpartition("@")[2])
    words = [*_WORD.findall(name), *domain.split("."), email.rpartition("@")[0]]
    mixed = next((word for word in words if mixes_scripts(word)), None)
    return [Sign("mixed-scripts", f"letters of different scripts look alike in {mixed}")] if mixed else []


def _in_link(text: str, target: str) -> list[Sign]:
    """The text names a host, and the link leads to another one."""
    said = _HOST.match(text.strip())
    leads_to = host_of(target)
    if said is None or not leads_to or _same_site(said[1], leads_to):
        return []
    return [Sign("other-host", f"a link says {said[1]} and leads to {leads_to}")]


def _in_results(values: Sequence[str]) -> list[Sign]:
    for value in values[:1]:
        results = _COMMENT.sub(" ", value[:8_192]).partition(";")[2]
        outcome = {method.lower(): result.lower() for method, result in _RESULT.findall(results)}
        failed = [method.upper() for method in ("spf", "dkim", "dmarc") if outcome.get(method) == "fail"]
        if failed and outcome.get("dmarc") != "pass":
            return [Sign("failed-check", f"{' and '.join(failed)} failed: the sender may be forged")]
    return []


def mixes_scripts(word: str) -> bool:
    """True if a word has letters of two scripts that can be taken for each other."""
    if word.isascii():
        return False
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in word if letter.isalpha()}
    return any(pair <= scripts for pair in _LOOKALIKES)


def readable_domain(domain: str) -> str:
    """A-labels as the letters that they stand for; a label that cannot be read stays as it is."""
    return ".".join(_readable(label) for label in domain.split("."))


def _readable(label: str) -> str:
    if not label.lower().startswith("xn--") or len(label) > 63:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def host_of(target: str) -> str:
    """The host that a link leads to, in lower case; empty for other kinds of links and for nonsense."""
    try:
        parts = urlsplit(target.strip())
        return (parts.hostname or "").rstrip(".") if parts.scheme.lower() in {"http", "https", "ftp"} else ""
    except ValueError:
        return ""


def domain_of(email: str) -> str:
    """The registered domain of an address, roughly: the last two labels, three under co.uk and the like."""
    return _site(email.rpartition("@")[2])


def _site(host: str) -> str:
    labels = readable_domain(host.lower().rstrip(".")).split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _TWO_PART and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def _same_site(one: str, other: str) -> bool:
    return _site(one) == _site(other)
