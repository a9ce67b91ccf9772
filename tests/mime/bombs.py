"""Messages made to hurt whoever reads them, each small or made large by a few lines of code.

Run as a program it reads one of them in a process of its own and prints what that cost:
`python -m tests.mime.bombs NAME` → `{"seconds": …, "megabytes": …, "surrogates": …}`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

MB = 1024 * 1024


def nested(depth: int, boundary: str = "b%d", kind: str = "mixed") -> bytes:
    parts = []
    for level in range(depth):
        name = (boundary % level if "%" in boundary else boundary).encode()
        parts.append(b"Content-Type: multipart/%s; boundary=%s\n\n--%s\n" % (kind.encode(), name, name))
    return b"".join(parts)


def mail(head: bytes, body: bytes = b"x") -> bytes:
    return b"From: a@b\nSubject: bomb\n" + head + b"\n\n" + body


def html(source: bytes) -> bytes:
    return mail(b"Content-Type: text/html; charset=utf-8", source)


def multipart(body: bytes) -> bytes:
    return mail(b"Content-Type: multipart/mixed; boundary=x", body)


def messages_in_messages(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth


def tnef(attributes: int) -> bytes:
    data = b"\x78\x9f\x3e\x22\1\0" + struct.pack("<BHHIH", 2, 0x9002, 0, 0, 0) * attributes
    return mail(
        b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64", base64.encodebytes(data)
    )


def tnef_props(count: int) -> bytes:
    props = struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 0x101E, 0x3707, 0xFFFFFFFF) + b"\0" * count
    data = b"\x78\x9f\x3e\x22\1\0" + struct.pack("<BHHI", 2, 0x9003, 0, len(props)) + props
    return mail(
        b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64", base64.encodebytes(data)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "multiparts in multiparts": lambda: nested(100_000),
    "multiparts of one boundary": lambda: nested(50_000, "same"),
    "alternatives in alternatives": lambda: nested(1_000, kind="alternative"),
    "messages in messages": lambda: messages_in_messages(1_000_000),
    "a million parts": lambda: multipart(b"--x\n\n" * 1_000_000),
    "parts that never begin": lambda: multipart(b"\n--xy" * 5_000_000),
    "boundaries in one line": lambda: multipart(b"--x" * 8_000_000),
    "a long boundary": lambda: mail(
        b"Content-Type: multipart/mixed; boundary=" + b"y" * 60_000, b"--" + b"y" * MB
    ),
    "closings only": lambda: multipart(b"--x--\n" * 2_000_000),
    "a long subject": lambda: mail(b"Subject: " + b"y" * (10 * MB)),
    "a folded subject": lambda: mail(b"Subject:" + b"\n y" * 3_000_000),
    "a million headers": lambda: mail(b"a:\n" * 1_000_000),
    "headers without end": lambda: b"Subject: x\n" + b"y" * (40 * MB),
    "colons": lambda: b":" * (5 * MB),
    "continuation lines": lambda: b"a:" + b"\n\t" * (5 * MB),
    "encoded words": lambda: mail(b"Subject: " + b"=?utf-8?b?4pyT?= " * 60_000),
    "unfinished encoded words": lambda: mail(b"Subject: " + b"=?a?q?" * 10_000),
    "encoded words within words": lambda: mail(b"Subject: " + b"=?utf-8?q?=3D=3Futf-8=3Fq=3F" * 2_000),
    "parameters": lambda: mail(b"Content-Type: text/plain" + b"; a=b" * 1_000_000),
    "continued parameters": lambda: mail(
        b"Content-Type: a/b" + b"".join(b"; name*%d*=%%41" % n for n in range(100_000))
    ),
    "quotes in parameters": lambda: mail(b'Content-Type: a/b; name="' + b'\\"' * 30_000),
    "comments in comments": lambda: mail(b"To: " + b"(" * 60_000),
    "addresses": lambda: mail(b"To: " + b"a@b," * 1_000_000),
    "angle brackets": lambda: mail(b"To: " + b"<" * 60_000),
    "groups": lambda: mail(b"To: " + b"a:b@c;" * 10_000),
    "quoted names": lambda: mail(b"To: " + b'"\\' * 30_000),
    "references": lambda: mail(b"References: " + b"<a@b> " * 1_000_000),
    "angle brackets without end in references": lambda: mail(b"References: " + b"<" * 60_000),
    "a date of digits": lambda: mail(b"Date: " + b"1" * 60_000 + b" Jan 2020"),
    "charset bz2": lambda: mail(b"Content-Type: text/plain; charset=bz2", b"BZh9" + b"1" * MB),
    "charset punycode": lambda: mail(b"Content-Type: text/plain; charset=punycode", b"a-" + b"z9" * MB),
    "charset utf-7": lambda: mail(b"Content-Type: text/plain; charset=utf-7", b"+2D8-+AAA-" * 500_000),
    "charset iso-2022-jp": lambda: mail(
        b"Content-Type: text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B" * 500_000
    ),
    "no charset": lambda: mail(b"Content-Type: text/plain", bytes(range(128, 256)) * 80_000),
    "base64 paddings": lambda: mail(b"Content-Transfer-Encoding: base64", b"QQ==" * 2_000_000),
    "base64 of nothing": lambda: mail(b"Content-Transfer-Encoding: base64", b"=" * (20 * MB)),
    "quoted-printable": lambda: mail(b"Content-Transfer-Encoding: quoted-printable", b"=\n" * (8 * MB)),
    "uuencoded begins": lambda: mail(b"Content-Type: text/plain", b"begin 644 a\n" * 500_000 + b"\nend\n"),
    "uuencoded files": lambda: mail(b"", b"begin 644 a\n#86)C\n`\nend\n" * 100_000),
    "uuencoded without end": lambda: mail(b"", b"begin 644 a\n" + b"#86)C\n" * 1_000_000 + b"\nend x"),
    "tnef attributes": lambda: tnef(1_000_000),
    "tnef properties": lambda: tnef_props(5 * MB),
    "html nesting": lambda: html(b"<div>" * 2_000_000),
    "html comments": lambda: html(b"<!--" * 2_000_000),
    "html entities": lambda: html(b"&#x1F600;" * 1_000_000),
    "html attributes": lambda: html(b"<p " + b"a='" * 3_000_000),
    "html formatting copies": lambda: html(
        b"<p>" + b"".join(b"<font color=%d>" % n for n in range(2_000)) + b"</p>" + b"<p>x</p>" * 100_000
    ),
    "html tables": lambda: html(b"<table><tr><td>" * 300_000),
    "html cells": lambda: html(b"<table><tr><td colspan=1000000 rowspan=1000000>x" * 1_000),
    "html styles": lambda: html(b"<p style='overflow:hidden;height:0'>" * 100_000),
    "html style element": lambda: html(b"<style>" * 1_000_000),
    "a calendar": lambda: mail(
        b"Content-Type: text/calendar", b"BEGIN:VEVENT\n" * 500_000 + b'ATTENDEE;A="' * 100_000
    ),
    "a report": lambda: multipart(
        b"--x\nContent-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b\n\n" * 300_000
    ),
    "a bounce in dashes": lambda: mail(b"From: mailer-daemon@x", (b"-" * 200 + b"\n") * 50_000),
    "everything at once": lambda: nested(29) + b"--b28\n\n" * 900 + bytes(range(256)) * 40_000,
    "nulls": lambda: b"\0" * (20 * MB),
    "carriage returns": lambda: b"\r" * (10 * MB),
    "too large": lambda: mail(b"", b"x" * (60 * MB)),
}


def everything_shown(raw: bytes) -> Iterator[str]:
    """All the text that a client could show of a message, by every reader that we have."""
    from shinbox.mime.calendar import read_invitation
    from shinbox.mime.embedded import embedded_files
    from shinbox.mime.parse import parse
    from shinbox.mime.report import read_report
    from shinbox.text.flowed import unflow
    from shinbox.text.html import html_to_text
    from shinbox.text.quote import sections
    from shinbox.text.safe import safe_block
    from shinbox.text.urls import find_urls
    from shinbox.tui.wrap import wrap_all

    message = parse(raw)
    yield from (text for header in message.headers for text in header)
    yield from (message.subject or "", message.preview)
    for people in (message.from_, message.to, message.cc, message.bcc, message.reply_to, message.sender):
        yield from (text for person in people for text in (person.name or "", person.email))
    yield from (file.name for file in embedded_files(message))
    report = read_report(message)
    yield report.sentence() if report else ""
    for part in message.body_structure.walk():
        yield part.name or ""
        if part.sub_parts is not None or not part.type.startswith("text/"):
            continue
        text = message.text(part).value[:1_000_000]
        if part.type == "text/calendar":
            event = read_invitation(text)
            yield event.summary if event else ""
        if part.type == "text/html":
            text = html_to_text(text).text
        shown = safe_block(unflow(text[:200_000]))
        yield from ("\n".join(section.lines) for section in sections(shown))
        yield from (found.target for found in find_urls(shown))
        yield from (line for line, _ in wrap_all([(line, "") for line in shown.split("\n")], 80))


def _peak() -> int:
    """KiB of this program alone: getrusage's ru_maxrss begins with what the parent had at the fork."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def main(name: str) -> None:
    """Read one bomb and print what it cost beyond what was needed to make it."""
    list(everything_shown(b"From: a@b\n\nwarm\n" + binascii.hexlify(b"x")))
    raw = BOMBS[name]()
    surrogate = re.compile("[\ud800-\udfff]")
    began = time.process_time()
    found = sum(1 for text in everything_shown(raw) if surrogate.search(text))
    seconds = time.process_time() - began
    megabytes = _peak() // 1024
    print(json.dumps({"seconds": round(seconds, 2), "megabytes": megabytes, "surrogates": found}))


if __name__ == "__main__":
    main(sys.argv[1])
