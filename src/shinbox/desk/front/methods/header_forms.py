"""header:{name}[:as{form}][:all] (RFC 8621 §4.1.2, §4.1.3): which forms a header may be asked in.

Owns the parsing of such property names and the table of forms; how a value is read is mime/headers.py's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shinbox.errors import InvalidArguments
from shinbox.mime import headers
from shinbox.mime.split import ParsedHeaders

_NAME: Final = re.compile(r"header:([!-9;-~]+?)(?::as([A-Za-z]+))?(:all)?")

READERS: Final[dict[str, Callable[[str], Any]]] = {
    "Raw": headers.as_raw,
    "Text": headers.as_text,
    "Addresses": headers.as_addresses,
    "GroupedAddresses": headers.as_grouped_addresses,
    "MessageIds": headers.as_message_ids,
    "Date": headers.as_date,
    "URLs": headers.as_urls,
}

_ADDRESSES = ("from", "sender", "reply-to", "to", "cc", "bcc")
_URLS = ("list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive")
_FORMS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(
        [*_ADDRESSES, *(f"resent-{name}" for name in _ADDRESSES)],
        frozenset({"Addresses", "GroupedAddresses"}),
    ),
    **dict.fromkeys(["subject", "comments", "keywords", "list-id"], frozenset({"Text"})),
    **dict.fromkeys(
        ["message-id", "in-reply-to", "references", "resent-message-id"], frozenset({"MessageIds"})
    ),
    **dict.fromkeys(["date", "resent-date"], frozenset({"Date"})),
    **dict.fromkeys(_URLS, frozenset({"URLs"})),
    **dict.fromkeys(["return-path", "received"], frozenset[str]()),
}
"""What headers that a standard defines may be read as, beside Raw; all others as anything."""


@dataclass(frozen=True)
class HeaderProperty:
    """One such property: the header's name as asked, its form, and whether all instances are meant."""

    property: str
    header: str
    form: str
    all: bool

    def of(self, found: ParsedHeaders) -> Any:
        """Its value in a header block: that of the last instance, null without one ([] with :all)."""
        read = READERS[self.form]
        if self.all:
            return [msgspec.to_builtins(read(value)) for value in found.all(self.header)]
        value = found.last(self.header)
        return None if value is None else msgspec.to_builtins(read(value))


def parse_property(name: str) -> HeaderProperty:
    """Read a property name that begins with "header:".

    :raises InvalidArguments: it is none, or the header has no such form.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise InvalidArguments(f"“{name}” is no header property.")
    header, form, every = match.groups()
    form = form or "Raw"
    if form not in READERS or form not in _FORMS.get(header.lower(), READERS.keys()) | {"Raw"}:
        raise InvalidArguments(f"“{name}”: {header} cannot be read as {form}.")
    return HeaderProperty(name, header, form, bool(every))


def wanted(properties: Sequence[str]) -> list[HeaderProperty]:
    """The header properties among `properties`."""
    return [parse_property(name) for name in properties if name.startswith("header:")]
