"""Coverage-guided fuzzing of all that reads what strangers write: `python -m tools.fuzz [libFuzzer options]`.

Owns the targets, the seeds and what counts as a failure: an exception, a lone surrogate, a control character
that passed `safe`, a part whose size is not its content's. Needs atheris (requirements-torture.txt); the rest
of the project does not. An input's first octet chooses its target. A failing input is kept in the artefacts'
folder under the name of its failure, and fuzzing goes on; the exit code tells at the end.

`python -m tools.fuzz -max_total_time=3600 -artifact_prefix=build/fuzz/`
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # installed for torture only

with atheris.instrument_imports(include=["shinbox.mime", "shinbox.text"]):
    from shinbox.mime import headers, structure
    from shinbox.mime.addresses import parse_groups
    from shinbox.mime.calendar import read_invitation
    from shinbox.mime.charsets import decode
    from shinbox.mime.embedded import embedded_files
    from shinbox.mime.params import parse_value
    from shinbox.mime.parse import ParsedMessage, parse
    from shinbox.mime.preview import preview_of_html, words_of_html
    from shinbox.mime.protection import protection_of
    from shinbox.mime.report import read_report
    from shinbox.mime.tnef import SIGNATURE, read_tnef
    from shinbox.mime.transfer import decode_content
    from shinbox.text.flowed import flow_of, unflow
    from shinbox.text.html import html_to_text
    from shinbox.text.phishing import signs
    from shinbox.text.quote import quote, sections
    from shinbox.text.safe import safe, safe_block
    from shinbox.text.search import parse_search
    from shinbox.text.urls import find_urls
    from shinbox.text.width import cut
    from shinbox.tui.wrap import wrap_all

from shinbox.errors import InvalidArguments

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
LONGEST_SEED = 20_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def fuzz_message(data: bytes) -> None:
    """A whole message through every reader."""
    message = parse(data)
    shown = [message.subject or "", message.preview, *(text for header in message.headers for text in header)]
    for people in (message.from_, message.to, message.cc, message.bcc, message.reply_to, message.sender):
        shown += [text for person in people for text in (person.name or "", person.email)]
    for part in message.body_structure.walk():
        if part.sub_parts is None:
            assert len(message.content(part)) == part.size, "a part's size is not its content's"
            shown += [part.name or "", message.text(part).value if part.type.startswith("text/") else ""]
    _check(*shown, *(file.name for file in embedded_files(message)), *_said_of(message))


def _said_of(message: ParsedMessage) -> Iterator[str]:
    report, protection = read_report(message), protection_of(message)
    yield report.sentence() if report else ""
    yield protection.sentence() if protection else ""
    for sender in message.from_[:1]:
        found = signs(
            name=sender.name,
            email=sender.email,
            reply_to=[person.email for person in message.reply_to],
            authentication_results=[value for name, value in message.headers if name.lower().endswith("s")],
        )
        yield from (sign.text for sign in found)


def fuzz_report(data: bytes) -> None:
    """A delivery report, a receipt and a complaint with these fields in it."""
    for kind in (b"delivery-status", b"disposition-notification", b"feedback-report"):
        head = b"From: mailer-daemon@x\nContent-Type: multipart/report; boundary=x\n\n--x\n\nx\n"
        message = parse(head + b"--x\nContent-Type: message/" + kind + b"\n\n" + data + b"\n--x--\n")
        _check(*_said_of(message))


def fuzz_calendar(data: bytes) -> None:
    """A calendar part."""
    event = read_invitation(decode(data, "utf-8").value)
    if event is not None:
        _check(event.summary, event.location, event.description, event.repeats, event.state("a@b"))


def fuzz_tnef(data: bytes) -> None:
    """A winmail.dat."""
    found = read_tnef(data if data.startswith(SIGNATURE) else SIGNATURE + data)
    _check(found.text, found.html, *(text for file in found.files for text in (file.name, file.type)))


def fuzz_uu(data: bytes) -> None:
    """A transfer encoding, and a text with uuencoded files in it."""
    for encoding in ("base64", "quoted-printable", "x-uuencode", "7bit"):
        decode_content(data, encoding)
    embedded_files(parse(b"\nbegin 644 a.txt\n" + data + b"\nend\n"))


def fuzz_html(data: bytes) -> None:
    """A document."""
    source = decode(data, "utf-8").value
    found = html_to_text(source)
    _check(found.text, preview_of_html(source), words_of_html(source))
    _check(*(text for link in found.links for text in (link.text, link.target)))


def fuzz_text(data: bytes) -> None:
    """Plain text on its way to the screen: no control gets there."""
    text = data.decode("utf-8", "surrogateescape" if len(data) % 2 else "replace")
    line, block = safe(text), safe_block(unflow(text, delsp=len(data) % 3 == 0))
    assert not _CONTROL.search(line), "safe let a control pass"
    assert "\n" not in line, "safe let a line break pass"
    assert not _CONTROL.search(block), "safe_block let a control pass"
    wrapped = [line for line, _ in wrap_all([(line, "") for line in block.split("\n")], 40)]
    _check(line, block, cut(line, 20), *wrapped, quote(block))
    assert "\n".join("\n".join(section.lines) for section in sections(block)) == block, "sections lost a line"
    for found in find_urls(block):
        assert block[found.start : found.end] in found.target, "a found address is not in the text"


def fuzz_headers(data: bytes) -> None:
    """One header's value in all its forms."""
    value = decode(data, "utf-8").value
    kind, params = parse_value(value)
    _check(
        headers.as_text(value), headers.as_raw(value), headers.as_date(value) or "", kind, *params.values()
    )
    _check(*(text for found in headers.as_addresses(value) for text in (found.name or "", found.email)))
    _check(*(group.name or "" for group in parse_groups(value)))
    _check(*(headers.as_message_ids(value) or []), *(headers.as_urls(value) or []))
    flow_of(value)


def fuzz_structure(data: bytes) -> None:
    """A BODYSTRUCTURE as nested lists."""
    root = structure.read_structure(_nodes(data))
    structure.lists_of(root)
    for part in root.walk():
        _check(part.type, part.name or "", part.cid or "", part.location or "", *part.params.values())


def _nodes(data: bytes) -> Any:
    """Brackets to lists, quoted strings to octets, numbers to int, NIL to None."""
    found: list[list[Any]] = [[]]
    for token in re.findall(rb'[()]|"(?:[^"\\]|\\.)*"|[^()\s"]+', data, re.DOTALL):
        if token == b"(":
            found.append([])
        elif token == b")" and len(found) > 1:
            closed = found.pop()
            found[-1].append(closed)
        elif token != b")":
            found[-1].append(
                token[1:-1] if token[:1] == b'"' else None if token == b"NIL" else _number_or(token)
            )
    return found[0][0] if found[0] else found[-1]


def _number_or(token: bytes) -> int | bytes:
    return int(token) if re.fullmatch(rb"-?[0-9]{1,15}", token) else token


def fuzz_search(data: bytes) -> None:
    """What somebody types into the search line: a filter, or a sentence of what is wrong."""
    try:
        parse_search(data.decode("utf-8", "replace"), NOW, {"Inbox": "m1"})
    except InvalidArguments as refusal:
        assert str(refusal), "a refusal without a word"


TARGETS: dict[str, Callable[[bytes], None]] = {
    "m": fuzz_message,
    "r": fuzz_report,
    "c": fuzz_calendar,
    "t": fuzz_tnef,
    "u": fuzz_uu,
    "h": fuzz_html,
    "s": fuzz_text,
    "f": fuzz_headers,
    "b": fuzz_structure,
    "q": fuzz_search,
}
_BY_OCTET = [TARGETS.get(chr(octet)) or list(TARGETS.values())[octet % len(TARGETS)] for octet in range(256)]


def _check(*texts: str) -> None:
    for text in texts:
        assert not _SURROGATE.search(text), "a lone surrogate"


# --- seeds --------------------------------------------------------------------------------------


def seeds() -> Iterator[bytes]:
    """The project's cases and, where they are, the corpora: whole, and each part for its own target."""
    files = [*sorted((ROOT / "tests/mime/cases").glob("*.eml")), *sorted(CORPORA.glob("*/eml/*.eml"))]
    for file in files:
        raw = file.read_bytes()[:LONGEST_SEED]
        yield b"m" + raw
        message = parse(raw)
        yield from (b"f" + value.encode("utf-8", "replace") for _, value in message.headers[:12])
        for part in message.body_structure.walk():
            target = _target_of(part.type)
            if part.sub_parts is None and target:
                yield target + message.content(part)[:LONGEST_SEED]
    yield (
        b'b(("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 10 1)'
        b'("IMAGE" "PNG" NIL "<a>" NIL "BASE64" 99) "MIXED")'
    )
    yield b'qfrom:anna subject:"two words" is:unread -has:attachment before:7d larger:10k in:Inbox OR label:x'


def _target_of(kind: str) -> bytes:
    if kind.startswith("message/") and kind != "message/rfc822":
        return b"r"
    known = {"text/html": b"h", "text/plain": b"s", "text/calendar": b"c", "application/ms-tnef": b"t"}
    return known.get(kind, b"")


# --- running ------------------------------------------------------------------------------------


class _Run:
    """Runs one input, keeps the first that fails in each place, counts."""

    def __init__(self, artefacts: Path) -> None:
        self._artefacts = artefacts
        self.failures: dict[str, int] = {}

    def __call__(self, data: bytes) -> None:
        if not data:
            return
        try:
            _BY_OCTET[data[0]](data[1:])
        except Exception as failure:  # noqa: BLE001  # every exception is what is looked for
            self._keep(failure, data)

    def _keep(self, failure: Exception, data: bytes) -> None:
        last = traceback.extract_tb(failure.__traceback__)[-1]
        place = f"{Path(last.filename).stem}-{last.lineno}-{type(failure).__name__}"
        self.failures[place] = self.failures.get(place, 0) + 1
        if self.failures[place] > 1:
            return
        self._artefacts.mkdir(parents=True, exist_ok=True)
        kept = self._artefacts / f"{place}-{hashlib.sha256(data).hexdigest()[:8]}"
        kept.write_bytes(data)
        print(f"FAILED in {place}: kept as {kept}\n{traceback.format_exc()}", flush=True)  # noqa: T201  # a program's log


def main(options: list[str]) -> None:
    """Fuzz with libFuzzer's `options`; does not return: the exit code is 1 if anything failed."""
    prefix = next((o.partition("=")[2] for o in options if o.startswith("-artifact_prefix=")), "build/fuzz/")
    run = _Run(Path(prefix))
    with tempfile.TemporaryDirectory(prefix="shinbox-fuzz-") as folder:
        for seed in seeds():
            Path(folder, hashlib.sha256(seed).hexdigest()).write_bytes(seed)
        given = ["-max_len=32768", "-timeout=20", "-rss_limit_mb=1536", f"-artifact_prefix={prefix}"]
        Path(prefix).mkdir(parents=True, exist_ok=True)
        before = set(Path(prefix).iterdir())
        child = os.fork()
        if child == 0:
            atheris.Setup([sys.argv[0], *given, *options, folder], run)
            atheris.Fuzz()
        _, status = os.waitpid(child, 0)
    kept = sorted(file.name for file in set(Path(prefix).iterdir()) - before)
    print(f"fuzzing ended with {status}; kept: {kept or 'nothing'}", flush=True)  # noqa: T201  # its last word
    sys.exit(1 if status or kept else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
