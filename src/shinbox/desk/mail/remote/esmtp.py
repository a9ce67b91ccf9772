"""What a server's extensions allow a message to be, and the options of MAIL and RCPT.

Pure. Owns SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531) and DSN (RFC 3461); takes the extensions
as EHLO announced them, names in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shinbox.desk.mail.remote.outcome import Envelope, Message, Notify, Refused

_XTEXT = re.compile(r"[^!-*,-<>-~]")


def needs_utf8(envelope: Envelope, message: Message) -> bool:
    """Whether an address or the header holds other than ASCII."""
    return not (message.header_is_ascii and "".join((envelope.sender, *envelope.recipients)).isascii())


def impossible(offered: Mapping[str, str], envelope: Envelope, message: Message) -> Refused | None:
    """What the server's own announcement rules out, before anything is sent."""
    if needs_utf8(envelope, message) and "smtputf8" not in offered:
        return Refused(
            553, "The server takes only ASCII in addresses and header (no SMTPUTF8).", permanent=True
        )
    if not message.is_ascii and "8bitmime" not in offered:
        return Refused(554, "The server takes only 7-bit text (no 8BITMIME).", permanent=True)
    limit = offered.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(message.data):
        text = f"The message has {len(message.data)} octets, the server takes {limit}."
        return Refused(552, text, permanent=True)
    return None


def mail_options(offered: Mapping[str, str], envelope: Envelope, message: Message) -> list[bytes]:
    """The parameters of MAIL FROM."""
    options = []
    if "size" in offered:
        options.append(b"SIZE=%d" % len(message.data))
    if not message.is_ascii:
        options.append(b"BODY=8BITMIME")
    if needs_utf8(envelope, message):
        options.append(b"SMTPUTF8")
    if envelope.notify is not None and "dsn" in offered:
        options.append(b"RET=FULL" if envelope.notify.full else b"RET=HDRS")
        if envelope.notify.envelope_id is not None:
            options.append(b"ENVID=" + xtext(envelope.notify.envelope_id))
    return options


def rcpt_options(offered: Mapping[str, str], notify: Notify | None, recipient: str) -> list[bytes]:
    """The parameters of RCPT TO."""
    if notify is None or "dsn" not in offered:
        return []
    options = [b"NOTIFY=" + ",".join(sorted(notify.on)).encode("ascii")]
    if recipient.isascii():
        options.append(b"ORCPT=rfc822;" + xtext(recipient))
    return options


def xtext(text: str) -> bytes:
    """RFC 3461 §4: what is not printable ASCII, and `+` and `=`, as `+XX`."""
    octets = text.encode("utf-8").decode("latin-1")
    return _XTEXT.sub(lambda match: f"+{ord(match[0]):02X}", octets).encode("ascii")
