"""What leaves a message: safe names, never over a file, programs and command lines, previews, links."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from shinbox.client.saving import save
from shinbox.errors import ConfigError
from shinbox.jmap.objects import Email
from shinbox.jmap.objects.email import EmailBodyPart, EmailBodyValue
from shinbox.tui.links import links_of
from shinbox.tui.opening import open_command, pipe, split_command
from shinbox.tui.previews import can_preview, preview

SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}


def running_programs() -> Iterator[bytes]:
    """The command line of each."""
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield one.read_bytes()


def test_a_file_is_never_written_over_another(tmp_path: Path) -> None:
    first = save(tmp_path, "a.txt", b"one")
    second = save(tmp_path, "a.txt", b"two")
    assert (first.read_bytes(), second.name, second.read_bytes()) == (b"one", "a (2).txt", b"two")


def test_a_name_that_leads_elsewhere_stays_in_the_folder(tmp_path: Path) -> None:
    saved = save(tmp_path, "../../etc/\x1b]0;x\x07passwd", b"x")
    assert saved.parent == tmp_path
    assert "\x1b" not in saved.name


def test_a_link_that_lies_in_wait_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "elsewhere")
    assert save(tmp_path, "a.txt", b"x").name == "a (2).txt"
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Choose another folder"):
        save(tmp_path / "none", "a.txt", b"x")


def test_over_ssh_nothing_is_opened_unless_the_person_said_so() -> None:
    with pytest.raises(ConfigError, match="connected over SSH"):
        open_command("application/pdf", {"*": "x"}, over_ssh=False, environ=SSH)
    assert open_command("application/pdf", {"*": "x -y"}, over_ssh=True, environ=SSH) == ["x", "-y"]


def test_the_nearest_handler_wins() -> None:
    handlers = {"application/pdf": "zathura", "text/*": "less", "*": "any"}
    found = [
        open_command(t, handlers, over_ssh=False, environ={}) for t in ("application/pdf", "text/x", "a/b")
    ]
    assert found == [["zathura"], ["less"], ["any"]]


async def test_a_command_line_means_what_it_means_in_a_shell() -> None:
    assert await pipe("tr a-z A-Z", b"hello") == "HELLO"
    assert (await pipe("grep -i L | wc -l; echo $((1 + 1)) '$HOME;'", b"l\nx\nL\n")).split() == [
        "2",
        "2",
        "$HOME;",
    ]
    assert "ended with 1" in await pipe("false", b"")
    assert "not found" in (said := await pipe("/no/such/program", b"")) and "ended with 127" in said
    assert "ended with 2" in await pipe("echo 'a", b""), "with what the shell says about it"


async def test_nothing_of_the_mail_is_read_by_the_shell() -> None:
    assert await pipe("cat", b"$(echo no); `echo no` | false") == "$(echo no); `echo no` | false"


async def test_a_command_that_never_stops_speaking_is_stopped() -> None:
    said = await pipe("yes", b"to nobody" * 100_000)
    assert said.startswith("y\ny\n") and len(said) < 2_100_000
    assert said.endswith("[it was stopped: it said more than 2 MB]")
    assert "was stopped" in await pipe("yes; true", b""), "with what it has started"


async def test_what_a_command_leaves_behind_is_stopped_as_it_is_said(tmp_path: Path) -> None:
    number = tmp_path / "number"
    assert "was stopped" in await pipe(f"yes & echo $! > {number}", b"")
    assert not runs(int(number.read_text()))


def runs(process: int) -> bool:
    try:
        said = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return said.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.parametrize("steps", range(1, 7))
async def test_a_command_that_is_taken_back_while_it_starts_leaves_nothing(
    tmp_path: Path, steps: int
) -> None:
    script = f"sh -c 'sleep 1000; : {tmp_path}'; :"
    starting = asyncio.create_task(pipe(script, b""))
    for _ in range(steps):
        await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting], timeout=60)
    assert starting.cancelled()
    assert not [line for line in running_programs() if bytes(tmp_path) in line]


async def test_a_command_gets_and_says_more_than_a_pipe_holds() -> None:
    assert await pipe("cat", b"0123456789" * 150_000) == "0123456789" * 150_000
    assert "ended with 1" in await pipe("false", b"read by nobody" * 100_000)


@pytest.mark.parametrize(
    ("line", "why"), [("a 'b", "a quotation mark is missing"), ("a \\", "it ends with a backslash")]
)
def test_what_is_no_command_is_said(line: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"cannot be read as a command: {why}"):
        split_command(line)


def test_a_csv_file_is_shown_in_columns() -> None:
    lines = preview("a.csv", "text/csv", b"name;n\nlamp;12\n")
    assert lines == [("name │ n", "subject"), ("lamp │ 12", "")]


def test_a_table_that_is_too_wide_gives_up_its_widest_columns_first() -> None:
    row = ",".join(["a", "b" * 60, "c" * 60, "d"])
    lines = preview("a.csv", "text/csv", f"{row}\n1,2,3,4\n".encode(), 50) or []
    assert max(len(line) for line, _ in lines) <= 50
    assert [part.strip() for part in lines[1][0].split("│")] == ["1", "2", "3", "4"]


def test_columns_that_do_not_fit_at_all_are_left_out_and_that_is_said() -> None:
    row = ",".join(f"{number:06}" for number in range(30))
    lines = [line for line, _ in preview("a.csv", "text/csv", row.encode(), 50) or ()]
    assert len(lines[0]) <= 50
    assert lines[-1] == "[23 more columns on the right: save the file to see all.]"


def test_a_wide_character_takes_two_cells_of_a_column() -> None:
    lines = [line for line, _ in preview("a.csv", "text/csv", "田中,x\nab,y\n".encode()) or ()]
    assert lines == ["田中 │ x", "ab   │ y"]


def test_a_table_of_many_rows_says_how_many_are_left_out() -> None:
    lines = [line for line, _ in preview("a.csv", "text/csv", b"n\n" * 5002) or ()]
    assert len(lines) == 5001 and lines[-1] == "[2 more rows below: save the file to see all.]"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("utf-16", ""),
        ("utf-8", ""),
        ("utf-8", "us-ascii"),
        ("utf-8", "iso-8859-1"),
        ("koi8-r", "KOI8-R"),
        ("iso-2022-jp", "ISO-2022-JP"),
        ("shift_jis", "Shift_JIS"),
        ("utf-16-be", "utf-16be"),
    ],
)
def test_a_text_is_read_in_its_charset(written: str, said: str) -> None:
    text = "Привет" if written == "koi8-r" else "世界 ランプ"
    assert preview("a.txt", "text/plain", text.encode(written), charset=said) == [(text, "")]


@pytest.mark.parametrize("said", ["", "punycode", "rot13", "x-none", "utf-99", "hz\0", "utf-16"])
def test_a_charset_that_is_none_or_wrong_leaves_western_text(said: str) -> None:
    assert preview("a.txt", "text/plain", "Größe".encode("cp1252"), charset=said) == [("Größe", "")]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "shift_jis"])
def test_a_text_that_is_cut_within_a_character_stays_readable(charset: str) -> None:
    cut = "世界世界".encode(charset)[:-1]
    assert preview("a.txt", "text/plain", cut, charset=charset) == [("世界世", "")]


def test_an_invitation_is_shown_by_its_facts() -> None:
    event = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Lamp\r\n  show\r\nDTSTART;TZID=Europe/Oslo:"
        b"20261121T0930\r\n"
        b"LOCATION:Hall 1\\, Oslo\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    text = [line for line, _ in preview("a.ics", "text/calendar", event) or ()]
    assert text == [
        "Invitation",
        "What     Lamp show",
        "Begins   2026-11-21 09:30 Europe/Oslo",
        "Where    Hall 1, Oslo",
    ]


def event(*lines: str) -> list[str]:
    text = "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))
    return [line for line, _ in preview("a.ics", "text/calendar", text.encode()) or ()][1:]


def test_an_event_of_whole_days_ends_with_its_last_day() -> None:
    assert event("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126") == [
        "Begins   2026-11-24",
        "Ends     2026-11-25",
    ]
    assert event("DTEND:20261101T100000Z", "DTEND;VALUE=DATE:20260000") == [
        "Ends     2026-11-01 10:00 UTC",
        "Ends     2026-00-00",
    ]


def test_the_people_of_an_event_are_named_whatever_is_in_their_names() -> None:
    assert event(
        "ORGANIZER;CN=\"Halden: the 'shop'; sales\":MAILTO:sales@halden.example",
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:mailto:bob@halden.example",
        'ATTENDEE;CN="never closed:mailto:eve@halden.example',
        "ATTENDEE:mailto:tom@halden.example",
    ) == [
        "From     Halden: the 'shop'; sales <sales@halden.example>",
        "Invited  Bob <bob@halden.example>",
        "Invited  never closed <eve@halden.example>",
        "Invited  tom@halden.example",
    ]


def test_what_is_no_text_has_no_preview() -> None:
    assert preview("a.bin", "application/octet-stream", b"\x00") is None
    assert preview("a.txt", "text/plain", b"caf\xe9") == [("café", "")]
    assert can_preview("notes.log", "application/octet-stream")
    assert not can_preview("a.pdf", "application/pdf")


def test_a_link_is_listed_with_where_it_truly_leads() -> None:
    email = Email(
        text_body=[EmailBodyPart(part_id="1", type="text/html")],
        body_values={"1": EmailBodyValue(value='<a href="https://evil.example/">https://bank.example</a>')},
    )
    assert [(link.number, link.target) for link in links_of(email)] == [(1, "https://evil.example/")]
