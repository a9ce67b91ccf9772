"""What a megabyte of mail costs to parse, lay out and build, beside the standard library in the same run.

One line a figure: name, value, unit, ratio to the other. `python -m benchmarks.bench_mime`. Where
fast-mail-parser (Rust) is installed it runs beside them: no dependency of ours, so put it in a venv of its
own and name that in PYTHONPATH.
"""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.figures import report
from shinbox.mime.build import OutgoingAttachment, OutgoingMessage, build
from shinbox.mime.model import Address
from shinbox.mime.parse import parse
from shinbox.text.html import html_to_text
from shinbox.text.safe import safe

ROUNDS = 3
_WORDS = (
    *("Rechnung", "order", "Lieferung", "naïve", "please", "Größe", "invoice", "東京", "thanks", "Привет"),
    *("delayed", "tomorrow", "the", "a", "of"),
)


def _text(random_: random.Random, words: int) -> str:
    lines = (" ".join(random_.choices(_WORDS, k=11)) for _ in range(words // 11))
    return "\n".join(lines) + "\n"


def _html(random_: random.Random, rows: int) -> str:
    cells = "".join(
        f"<tr><td style='padding:0'><p>{_text(random_, 22)}</p></td><td><a href='https://x.example/{n}'>more</a></td></tr>"
        for n in range(rows)
    )
    return f"<html><head><style>p {{}}</style></head><body><table>{cells}</table></body></html>"


def _outgoing(random_: random.Random, number: int, attachment: int = 0) -> OutgoingMessage:
    files = [OutgoingAttachment("Übersicht.pdf", "application/pdf", random_.randbytes(attachment))]
    return OutgoingMessage(
        from_=[Address("Jürgen Müller", "j@example.org")],
        to=[Address("Support", "support@example.org"), Address(None, "b@example.org")],
        subject=_text(random_, 11).strip(),
        text=_text(random_, 200),
        html=_html(random_, 10),
        message_id=f"{number}@example.org",
        date=datetime(2026, 11, 21, tzinfo=UTC),
        references=[f"{number - n}@example.org" for n in range(1, 5)],
        attachments=files if attachment else [],
    )


def _best(work: Callable[[], object]) -> float:
    """The fastest of a few rounds, in seconds of processor time."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _beside(name: str, value: float, unit: str, other: str, ratio: float) -> None:
    report(name, value, unit, f"{other} / shinbox = {ratio:.2f}")


def _with_stdlib(raw: bytes) -> list[object]:
    """What `parse` gives, as far as compat32 and email.utils can say it."""
    message: Message = email.message_from_bytes(raw)
    names = ("subject", "from", "to", "cc", "bcc", "reply-to", "sender", "references", "in-reply-to")
    shown: list[object] = [
        str(email.header.make_header(email.header.decode_header(message.get(name, "")))) for name in names
    ]
    shown += [email.utils.getaddresses(message.get_all(name, [])) for name in ("from", "to", "cc", "bcc")]
    shown.append(email.utils.parsedate_to_datetime(message["date"]))
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        text = part.get_content_maintype() == "text"
        shown.append(content.decode(part.get_content_charset() or "ascii", "replace") if text else content)
    return shown


def _with_shinbox(raw: bytes) -> list[object]:
    message = parse(raw)
    return [
        message.text(part) if part.type.startswith("text/") else message.content(part)
        for part in message.body_structure.walk()
        if part.sub_parts is None
    ]


def _with_fast(read: Callable[[bytes], Any], raw: bytes) -> list[object]:
    """What it decodes by itself; addresses stay text, the date too."""
    message = read(raw)
    return [message.subject, message.date, message.headers, message.text_plain, message.text_html] + [
        file.content for file in message.attachments
    ]


def bench_parse(name: str, messages: list[bytes]) -> None:
    """Headers, addresses, date, every part decoded."""
    megabytes = sum(map(len, messages)) / 1e6
    ours = _best(lambda: [_with_shinbox(raw) for raw in messages]) / megabytes * 1000
    stdlib = _best(lambda: [_with_stdlib(raw) for raw in messages]) / megabytes * 1000
    _beside(f"parse {name}", ours, "ms/MB", "stdlib compat32", stdlib / ours)
    if find_spec("fast_mail_parser"):
        read = import_module("fast_mail_parser").parse_email
        fast = _best(lambda: [_with_fast(read, raw) for raw in messages]) / megabytes * 1000
        _beside(f"parse {name}", ours, "ms/MB", "fast-mail-parser", fast / ours)


def bench_html(source: str) -> None:
    """Layout with links; beside it the layout library alone, and the bare words by selectolax."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig
    from selectolax.lexbor import LexborHTMLParser

    megabytes = len(source.encode()) / 1e6
    ours = _best(lambda: html_to_text(source)) / megabytes * 1000
    library = _best(lambda: get_text(source, ParserConfig(display_links=True))) / megabytes * 1000
    bare = _best(lambda: LexborHTMLParser(source).text()) / megabytes * 1000
    _beside("html to text", ours, "ms/MB", "inscriptis, hidden words shown", library / ours)
    _beside("html to text", ours, "ms/MB", "selectolax, words only", bare / ours)


def _build_with_stdlib(draft: OutgoingMessage) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = ", ".join(email.utils.formataddr((a.name, a.email)) for a in draft.from_)
    message["To"] = ", ".join(email.utils.formataddr((a.name or "", a.email)) for a in draft.to)
    message["Subject"] = draft.subject
    message["Message-ID"] = f"<{draft.message_id}>"
    message["References"] = " ".join(f"<{ref}>" for ref in draft.references)
    message["Date"] = draft.date
    message.set_content(draft.text or "")
    message.add_alternative(draft.html or "", subtype="html")
    for file in draft.attachments:
        major, _, minor = file.type.partition("/")
        message.add_attachment(file.content, maintype=major, subtype=minor, filename=file.name)
    return message.as_bytes()


def bench_build(name: str, drafts: list[OutgoingMessage]) -> None:
    """Text, HTML, attachments."""
    megabytes = sum(len(build(draft)) for draft in drafts) / 1e6
    ours = _best(lambda: [build(draft) for draft in drafts]) / megabytes * 1000
    stdlib = _best(lambda: [_build_with_stdlib(draft) for draft in drafts]) / megabytes * 1000
    _beside(f"build {name}", ours, "ms/MB", "stdlib", stdlib / ours)


def bench_safe(lines: list[str]) -> None:
    """One list row passes five texts through safe()."""
    seconds = _best(lambda: [safe(line) for line in lines]) / len(lines)
    report("safe() of one list text", seconds * 1e6, "us", "-")


def main() -> None:
    """Measure on the same generated mail every time."""
    random_ = random.Random(1)
    small = [_outgoing(random_, n) for n in range(200)]
    large = [_outgoing(random_, n, attachment=2_000_000) for n in range(5)]
    bench_parse("messages of 6 KB", [build(draft) for draft in small])
    bench_parse("messages of 2.7 MB", [build(draft) for draft in large])
    bench_html(_html(random_, 3_000))
    bench_build("messages of 6 KB", small)
    bench_build("messages of 2.7 MB", large)
    bench_safe([draft.subject for draft in small] * 20)


if __name__ == "__main__":
    main()
