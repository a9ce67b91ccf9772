"""Names that people type, and what is printed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from shinbox.cli.names import match, paths
from shinbox.cli.output import Output, fit, local_time
from shinbox.cli.reading import page
from shinbox.errors import ConfigError, InvalidArguments
from shinbox.jmap.client import Endpoint
from shinbox.jmap.objects import Email, EmailAddress, EmailBodyPart, EmailBodyValue, EmailReport, Mailbox
from shinbox.jmap.tokens import forget_token, load_token, save_token
from shinbox.jmap.words import ACTIONS, FLAGS, RIGHTS, keyword_for, right_for
from shinbox.terms import Right

MAILBOXES = {"A1": ["support@example.org"], "A2": ["sales@example.org"], "A3": ["Sales abroad"]}


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("A2", "A2"),
        ("support@example.org", "A1"),
        ("SUPPORT@example.org", "A1"),
        ("support@", "A1"),
        ("sales@", "A2"),
        ("sales a", "A3"),
        ("nobody@", None),
        ("", None),
    ],
)
def test_a_mailbox_goes_by_id_address_or_its_beginning(typed: str, id_: str | None) -> None:
    assert match(typed, MAILBOXES, "mailbox") == id_


def test_a_name_that_fits_several_lists_them() -> None:
    with pytest.raises(InvalidArguments, match=r"one mailbox: Sales abroad \(A3\), sales@example.org"):
        match("sales", MAILBOXES, "mailbox")


def test_upper_and_lower_case_matter_only_where_they_must() -> None:
    folders = {"1": ["Inbox"], "2": ["INBOX"]}
    assert match("Inbox", folders, "folder") == "1"
    with pytest.raises(InvalidArguments):
        match("inbox", folders, "folder")


def test_folders_go_by_path_and_a_circle_of_parents_ends() -> None:
    folders = [
        Mailbox(id="1", name="Projects"),
        Mailbox(id="2", name="2026", parent_id="1"),
        Mailbox(id="3", name="a", parent_id="4"),
        Mailbox(id="4", name="b", parent_id="3"),
    ]
    assert paths(folders)["2"] == "Projects/2026"
    assert paths(folders)["3"].endswith("b/a")


def printed(rows: list[list[str]], width: int | None) -> list[str]:
    stream = io.StringIO()
    Output(stream=stream, width=width).table(("ID", "SUBJECT"), rows)
    return stream.getvalue().splitlines()


def test_columns_are_aligned_by_the_cells_that_characters_take() -> None:
    assert printed([["1", "日本"], ["22", "x"]], None) == ["ID  SUBJECT", "1   日本", "22  x"]
    assert printed([["日本", "x"], ["1", "y"]], None)[1:] == ["日本  x", "1     y"]


def test_a_narrow_terminal_cuts_the_last_column_first() -> None:
    assert printed([["12345678", "a long subject line"]], 20)[1] == "12345678  a long su…"


def test_no_byte_of_mail_acts_on_the_terminal() -> None:
    [_, line] = printed([["1", "a\x1b]52;c;eA==\x07\nb\u202e"]], 80)
    assert line == "1   a␛]52;c;eA==␇␤b⇄"
    stream = io.StringIO()
    Output(as_json=True, stream=stream).data({"subject": "\x1b\x7f\x9b\u202e"})
    assert stream.getvalue().isprintable() or stream.getvalue().replace("\n", "").isprintable()
    assert json.loads(stream.getvalue()) == {"subject": "\x1b\x7f\x9b\u202e"}


def test_a_header_cannot_pretend_to_be_another() -> None:
    email = Email(
        id="E1",
        from_=[EmailAddress("a@b", "x\nSubject: forged")],
        subject="real",
        text_body=[EmailBodyPart(part_id="1")],
        body_values={"1": EmailBodyValue(value="Hello\n")},
    )
    shown = page(email).splitlines()
    assert [line for line in shown if line.startswith("Subject:")] == ["Subject: real"]
    assert shown[-1] == "Hello"


def test_html_is_shown_as_text_with_its_links() -> None:
    html = '<p>Hello <a href="https://example.org/x">there</a></p>'
    email = Email(
        text_body=[EmailBodyPart(part_id="1", type="text/html")],
        body_values={"1": EmailBodyValue(value=html)},
    )
    shown = page(email)
    assert "Hello there" in shown and "https://example.org/x" in shown and "<p>" not in shown


def test_what_a_message_says_of_itself_stands_above_its_text_on_one_line_each() -> None:
    email = Email(
        text_body=[EmailBodyPart(part_id="1")],
        body_values={"1": EmailBodyValue(value="begin 644 cat.txt\n#0V%T\n`\nend\n")},
        report=EmailReport(kind="failed", sentence="not delivered to w@gone.example\nFrom: boss"),
        embedded_files=[EmailBodyPart(blob_id="e1-1-1", name="cat.txt", size=3)],
    )
    shown = page(email).splitlines()
    assert "[Not delivered to w@gone.example␤From: boss.]" in shown
    assert shown[-3:] == ["[cat.txt]", "", "[1] cat.txt (text/plain, 3 bytes)"]


def test_fit_leaves_every_column_readable() -> None:
    assert fit([10, 10], 15, -1) == [7, 6]
    assert fit([10, 10], None, -1) == [10, 10]
    assert min(fit([30, 30, 30], 5, 0)) == 6


def test_what_is_no_date_is_shown_as_it_is() -> None:
    assert local_time("yesterday") == "yesterday"
    assert local_time(None) == ""
    assert local_time("2026-11-21T12:00:00Z")[:8] == "2026-11-"


def test_every_right_has_words_and_every_action_a_right() -> None:
    assert set(RIGHTS) == set(Right)
    assert set(ACTIONS.values()) == set(Right)
    assert right_for("Move") is Right.MOVE
    assert right_for("maysubmit") is Right.SUBMIT
    with pytest.raises(InvalidArguments, match="say one of read"):
        right_for("fly")


def test_flags_have_words_and_labels_a_sign_before_them() -> None:
    assert keyword_for("unread") == FLAGS["unread"] == ("$seen", False)
    assert keyword_for("+Urgent") == ("urgent", True)
    assert keyword_for("-urgent") == ("urgent", False)
    for wrong in ("urgent", "+", "+a b", "+é", "+a*", "+a\r\nX"):
        with pytest.raises(InvalidArguments):
            keyword_for(wrong)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("+$seen", "it is what read and unread mean"),
        ("-$Flagged", "it is what flagged and unflagged mean"),
        ("+$draft", "shinbox sets it by itself"),
    ],
)
def test_what_is_a_flag_already_is_no_label(word: str, why: str) -> None:
    with pytest.raises(InvalidArguments, match=why):
        keyword_for(word)
    assert keyword_for("+$label1") == ("$label1", True), "other programs show these as colours"


def test_tokens_are_kept_for_each_desk_where_only_their_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "state" / "tokens.json"
    here, there = Endpoint(socket=Path("/a")), Endpoint(url="https://b/")
    assert load_token(here, path) is None
    save_token(here, "t1", path)
    save_token(there, "t2", path)
    assert (load_token(here, path), load_token(there, path)) == ("t1", "t2")
    assert path.stat().st_mode & 0o777 == 0o600
    assert forget_token(here, path) and not forget_token(here, path)
    assert load_token(there, path) == "t2"
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_token(there, path)
