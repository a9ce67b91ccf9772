"""A message as lines for the reader: header, warnings, text, attachments.

Pure. Texts stay as they came: the reader makes them safe. HTML becomes text here, with the library loaded
only when the first HTML message is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from shinbox.client.formats import Toned, about_file, count, full_addresses, long_date
from shinbox.client.showing import files, notices, shown_parts
from shinbox.jmap.objects import Email, EmailAddress, EmailBodyPart
from shinbox.text.parts import ShownPart
from shinbox.text.quote import sections


def message_lines(email: Email, now: datetime) -> list[Toned]:
    """Everything that the reader shows. HTML takes some 0.2 s a megabyte: call it off the loop."""
    parts = shown_parts(email)
    told = notices(email, parts, now)
    return [*_header(email, now), *told, ("", ""), *_text_lines(_joined(parts)), *_attachments(email)]


def body_lines(email: Email) -> list[Toned]:
    """The text alone."""
    return list(_text_lines(body_text(email)))


def body_text(email: Email) -> str:
    """The text of a message, as the sender meant it to be read; HTML as plain text."""
    return _joined(shown_parts(email))


def _joined(parts: Sequence[ShownPart]) -> str:
    return "\n\n".join(
        part.with_targets + ("\n\n[The message is longer than this.]" if part.is_cut else "")
        for part in parts
    )


def _header(email: Email, now: datetime) -> Iterator[Toned]:
    yield (email.subject or "").strip() or "(no subject)", "subject"
    yield from _people("From", email.from_)
    yield from _people("To", email.to)
    yield from _people("Cc", email.cc)
    if email.reply_to and email.reply_to != email.from_:
        yield from _people("Reply to", email.reply_to)
    notes = [long_date(email.sent_at or email.received_at, now)]
    if any(part.type == "text/html" for part in email.text_body):
        notes.append("HTML shown as text")
    yield f"{'Date':<9}{'   '.join(notes)}", "header"


def _people(label: str, people: Sequence[EmailAddress] | None) -> Iterator[Toned]:
    if people:
        yield f"{label:<9}{full_addresses(people)}", "header"


_TONES = {"text": "", "quote": "quote", "signature": "muted"}


def _text_lines(text: str) -> Iterator[Toned]:
    for section in sections(text.replace("\r\n", "\n")):
        for line in section.lines:
            yield line, _TONES[section.kind]


def _attachments(email: Email) -> Iterator[Toned]:
    listed = files(email)
    if listed:
        yield "", ""
        # A heading keeps their numbers apart from those of the links.
        yield f"{count(len(listed), 'file')}:", "header"
        yield from file_lines(listed)


def file_lines(parts: Sequence[EmailBodyPart], first: int = 1) -> Iterator[Toned]:
    """Files by the numbers that the box of files gives them too."""
    for number, part in enumerate(parts, first):
        yield f"{number:>2} {part.name or '(no name)'}  {about_file(part.type, part.size)}", "file"
