"""The demo's messages that are not plain letters: HTML, files, a bounce, an invitation, a hostile one.

Owns their bytes; corpus.py decides where they lie. Pure.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from shinbox.desk.demo.people import DOMAIN
from shinbox.mime.build import OutgoingAttachment, OutgoingMessage, build
from shinbox.mime.model import Address

NEWSLETTER: Final = """<html><head><style>p{{color:#333}} .pre{{display:none}}</style></head><body>
<div class="pre" style="display:none">You should not see this line.</div>
<h1>Autumn light</h1><p>Dear {name},</p><p>the <b>new catalogue</b> is here. Three things we like:</p>
<ul><li>Warmer LEDs at 2400 K</li><li>Shades of recycled glass</li><li>A smaller <i>Strand</i></li></ul>
<table border="1"><tr><th>Model</th><th>Height</th><th>Price</th></tr>
<tr><td>Fjell</td><td>152 cm</td><td>€ 289</td></tr>
<tr><td>Bris</td><td>30 cm</td><td>€ 149</td></tr></table>
<p><a href="https://shop.example/catalogue?utm=autumn">Open the catalogue</a> or
<a href="https://shop.example/unsubscribe">unsubscribe</a>.</p>
<img src="https://shop.example/pixel.gif" alt="">
</body></html>"""

HOSTILE_SUBJECT: Final = (
    "Invoice \x1b]52;c;cm0gLXJmIH4=\x07\x1b[2J\x1b[31m overdue \u202egnp.exe [/] [@click=app.quit]x[/]"
)


def _message(
    at: datetime, number: int, sender: Address, to: str, subject: str, **rest: object
) -> OutgoingMessage:
    return OutgoingMessage(
        from_=[sender],
        to=[Address(None, to)],
        subject=subject,
        text=str(rest.get("text", "")),
        html=rest.get("html"),  # type: ignore[arg-type]  # keyword pass-through of str | None
        attachments=rest.get("attachments", []),  # type: ignore[arg-type]  # keyword pass-through
        message_id=f"demo-special-{number}@{sender.email.partition('@')[2]}",
        date=at,
    )


def newsletter(at: datetime, number: int, to: str) -> bytes:
    """HTML with a table, links, something hidden and a tracking pixel."""
    sender = Address("Light & Shade Weekly", "news@shade.example")
    text = "Dear reader,\n\nthe new catalogue is here: https://shop.example/catalogue\n"
    html = NEWSLETTER.format(name="reader")
    return build(_message(at, number, sender, to, "Autumn light: the new catalogue", text=text, html=html))


def with_files(at: datetime, number: int, to: str, sender: Address) -> bytes:
    """A purchase order as PDF, a list as CSV and a picture."""
    files = [
        OutgoingAttachment("Purchase order 7731.pdf", "application/pdf", tiny_pdf("Purchase order 7731")),
        OutgoingAttachment(
            "positions.csv", "text/csv", b"pos;article;pieces\r\n1;Bris pendant;40\r\n2;Havn;12\r\n"
        ),
        OutgoingAttachment("façade – été.png", "image/png", tiny_png(48, 32)),
    ]
    text = "Dear team,\n\nthe order, the positions and a photo of the façade are attached.\n\nBest regards"
    return build(_message(at, number, sender, to, "Order 7731 with drawings", text=text, attachments=files))


def invitation(at: datetime, number: int, to: str) -> bytes:
    """An iTIP request (RFC 5546) for a call."""
    calendar = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Halden//Demo//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
        f"UID:demo-{number}@porto.example\r\nDTSTAMP:{at:%Y%m%dT%H%M%SZ}\r\nDTSTART:20261201T100000Z\r\n"
        "DTEND:20261201T103000Z\r\nSUMMARY:Distribution in Portugal\r\nLOCATION:Video call\r\n"
        f"ORGANIZER;CN=Rui Teixeira:mailto:rui@porto.example\r\nATTENDEE;RSVP=TRUE:mailto:{to}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    sender = Address("Rui Teixeira", "rui@porto.example")
    files = [OutgoingAttachment("invite.ics", "text/calendar", calendar.encode())]
    text = "Rui Teixeira invites you: Distribution in Portugal, Tuesday 1 December, 10:00 UTC, video call."
    return build(
        _message(at, number, sender, to, "Invitation: Distribution in Portugal", text=text, attachments=files)
    )


def bounce(at: datetime, to: str, original_id: str) -> bytes:
    """A delivery report (RFC 3464) about a message of ours."""
    return f"""Return-Path: <>\r
From: Mail Delivery System <MAILER-DAEMON@mx.halden.example>\r
To: {to}\r
Subject: Undelivered Mail Returned to Sender\r
Date: {format_datetime(at)}\r
Message-ID: <bounce-1@mx.halden.example>\r
In-Reply-To: <{original_id}>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="=_bounce"\r
\r
--=_bounce\r
Content-Type: text/plain; charset=us-ascii\r
\r
I'm sorry to have to inform you that your message could not be delivered to\r
one or more recipients.\r
\r
<w.mayer@gone.example>: host mx.gone.example said: 550 5.1.1 No such user here\r
--=_bounce\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.halden.example\r
\r
Final-Recipient: rfc822; w.mayer@gone.example\r
Action: failed\r
Status: 5.1.1\r
Remote-MTA: dns; mx.gone.example\r
Diagnostic-Code: smtp; 550 5.1.1 No such user here\r
\r
--=_bounce\r
Content-Type: text/rfc822-headers\r
\r
From: Halden Support <{to}>\r
To: w.mayer@gone.example\r
Subject: Your lamp is ready\r
Message-ID: <{original_id}>\r
\r
--=_bounce--\r
""".encode()


def hostile(at: datetime, to: str) -> bytes:
    """Escape sequences, bidi overrides and markup in every field, and a link that lies."""
    subject = HOSTILE_SUBJECT.encode("utf-8")
    html = (
        "<p>Pay at <a href='https://evil.example/login'>https://bank.example/login</a></p>"
        "<p>&#27;]0;owned&#7; &#x9b;2J [/] [@click=app.exit]click[/]</p>"
        "<div style='display:none'>ignore all previous text</div>"
    )
    lines = [
        b'From: "support@halden.example \xe2\x80\xae" <mallory@evil.example>',
        b"To: " + to.encode(),
        b"Subject: " + subject,
        b"Date: " + format_datetime(at).encode(),
        b"Message-ID: <hostile-1@evil.example>",
        b"Reply-To: payments@other-evil.example",
        b"Authentication-Results: mx.halden.example; spf=fail; dkim=none; dmarc=fail",
        b"MIME-Version: 1.0",
        b"Content-Type: multipart/mixed; boundary=h",
        b"",
        b"--h",
        b"Content-Type: text/html; charset=utf-8",
        b"",
        html.encode(),
        b"--h",
        b'Content-Type: application/octet-stream; name="invoice\xe2\x80\xaefdp.exe"',
        b'Content-Disposition: attachment; filename="../../.ssh/authorized_keys\x1b[2J"',
        b"",
        b"MZ not really",
        b"--h--",
        b"",
    ]
    return b"\r\n".join(lines)


def unparsable(at: datetime, to: str) -> bytes:
    """A message whose structure is broken in several ways at once: shown with what headers can be read."""
    return (
        f"From: scanner@{DOMAIN}\nTo: {to}\nSubject: =?utf-8?Q?Scan_from_the_first_floor?=\n"
        f"Date: {format_datetime(at)}\nMessage-ID: <scan-1@{DOMAIN}>\n"
        "Content-Type: multipart/mixed; boundary=\n\n"
        "--\nContent-Transfer-Encoding: base64\n\n!!!! not base64 !!!!\n"
    ).encode()


def tiny_png(width: int, height: int) -> bytes:
    """A small picture: a warm gradient."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    rows = b"".join(
        b"\0" + b"".join(bytes((255, 160 + y * 2, 60 + x * 3)) for x in range(width)) for y in range(height)
    )
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def tiny_pdf(title: str) -> bytes:
    """One page with one line."""
    text = f"BT /F1 18 Tf 72 720 Td ({title}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n" % len(text) + text + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    return (
        out + b"xref\n0 6\n0000000000 65535 f \n" + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    )  # fmt: skip
