"""docs/mail.md: real-world messages side by side with what shinbox shows of them.

`python -m tools.mail_cases` writes the page; tests/mime/test_mail_page.py holds it against the program. Owns
the cases and the page's layout; what is shown comes from text/ and mime/ alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from shinbox.mime.calendar import read_invitation
from shinbox.mime.embedded import embedded_files
from shinbox.mime.model import BodyPart, defect_sentence
from shinbox.mime.parse import ParsedMessage, parse
from shinbox.mime.protection import protection_of
from shinbox.mime.report import read_report
from shinbox.text.html import html_to_text
from shinbox.text.parts import show_part
from shinbox.text.phishing import signs
from shinbox.text.safe import safe, safe_block

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "mail.md"
MESSAGES = PROJECT / "tests" / "mime" / "cases"


def cases() -> list[tuple[str, bytes]]:
    """Title and octets of each message; the file's name is `NN-The-title.eml`."""
    return [(file.stem[3:].replace("-", " "), file.read_bytes()) for file in sorted(MESSAGES.glob("*.eml"))]


def shown(raw: bytes) -> str:
    """What a reader sees of `raw`: header lines, notes, attachments, text."""
    message = parse(raw)
    return "\n".join([*_header(message), "", *_body(message)]).rstrip()


def _header(message: ParsedMessage) -> Iterator[str]:
    for label, people in (("From", message.from_), ("To", message.to)):
        if people:
            yield f"{label}: " + safe(
                ", ".join(f"{p.name} <{p.email}>" if p.name else p.email for p in people)
            )
    if message.subject is not None:
        yield f"Subject: {safe(message.subject)}"
    yield from (f"! {safe(note)}" for note in _notes(message))
    files = [part.name or part.type for part in message.attachments if part.type != "text/calendar"]
    files += [f"{file.name} (inside)" for file in embedded_files(message)]
    if files:
        yield f"Attached: {safe(', '.join(files))}"


def _notes(message: ParsedMessage) -> Iterator[str]:
    links: list[tuple[str, str]] = []
    for part in message.html_body:
        if part.type == "text/html":
            links += [(link.text, link.target) for link in html_to_text(message.text(part).value).links]
    for person in message.from_[:1]:
        reply_to = [other.email for other in message.reply_to]
        yield from (
            sign.text for sign in signs(name=person.name, email=person.email, reply_to=reply_to, links=links)
        )
    if report := read_report(message):
        yield report.sentence()
    if protection := protection_of(message):
        yield protection.sentence()
    yield from (defect_sentence(defect) for defect in message.defects)


def _body(message: ParsedMessage) -> Iterator[str]:
    for part in (*message.text_body, *message.attachments):
        if part.type == "text/calendar":
            yield from _invitation(message, part)
    for part in message.text_body:
        if part.type.startswith("text/"):
            yield safe_block(_text(message, part)).rstrip()


def _text(message: ParsedMessage, part: BodyPart) -> str:
    text = message.text(part).value
    content_type = next((value for name, value in part.headers if name.lower() == "content-type"), "")
    return show_part(text, content_type, is_html=part.type == "text/html").with_targets


def _invitation(message: ParsedMessage, part: BodyPart) -> Iterator[str]:
    event = read_invitation(message.text(part).value)
    if event is None or event.starts is None:
        return
    yield f"What: {safe(event.summary)}"
    yield f"When: {event.starts.at:%Y-%m-%d %H:%M} {safe(event.starts.zone or '')}".rstrip()
    yield f"Where: {safe(event.location)}"
    yield f"Your answer: {safe(event.state(message.to[0].email if message.to else ''))}"


def _written(raw: bytes) -> str:
    """The octets for a page: what is no plain ASCII stands as \\x.."""
    text = raw.decode("ascii", "backslashreplace")
    return "".join(c if c == "\n" or " " <= c <= "~" else f"\\x{ord(c):02x}" for c in text).rstrip()


def page() -> str:
    """The whole of docs/mail.md."""
    lines = ["# Mail as it really is", ""]
    lines += [
        "Each message as it arrives, and what shinbox shows of it. Octets that are no ASCII stand as `\\x..`."
    ]
    lines += ["This page is made by `python -m tools.mail_cases`; a test holds it against the program.", ""]
    for number, (title, raw) in enumerate(cases(), 1):
        lines += [f"## {number}. {title}", "", "The message:", "", "```text", _written(raw), "```", ""]
        lines += ["What is shown:", "", "```text", shown(raw), "```", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
