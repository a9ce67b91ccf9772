"""Drafts survive: what is saved is whole, on the disk, private, and offered once."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shinbox.client.drafts import Attached, Draft, DraftJournal


@pytest.fixture
def journal(tmp_path: Path) -> DraftJournal:
    return DraftJournal(tmp_path / "drafts")


def again(journal: DraftJournal) -> DraftJournal:
    """The journal as the next start sees it."""
    return DraftJournal(journal.folder)


def test_what_was_saved_is_found_again_when_its_writer_is_gone(journal: DraftJournal) -> None:
    draft = Draft(to="ann@x.example", subject="Hello", body="Dear Ann,\n")
    journal.save(draft)
    journal.release(draft.id)
    assert again(journal).lost("", "") == [draft]


def test_a_draft_that_is_being_written_is_not_offered(journal: DraftJournal) -> None:
    journal.save(Draft(body="x"))
    assert again(journal).lost("", "") == []
    assert journal.lost("", "") == []


def test_a_killed_writer_leaves_its_draft_to_be_found(journal: DraftJournal) -> None:
    code = (
        "import os, sys; from pathlib import Path; from shinbox.client.drafts import Draft, DraftJournal;"
        "DraftJournal(Path(sys.argv[1])).save(Draft(body='kept')); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(journal.folder)], check=False, timeout=60)
    assert [draft.body for draft in journal.lost("", "")] == ["kept"]


def test_a_dropped_draft_is_gone_with_everything_that_belonged_to_it(journal: DraftJournal) -> None:
    draft = Draft(body="x")
    journal.save(draft)
    journal.editor_file(draft.id).write_text("half")
    journal.drop(draft.id)
    assert list(journal.folder.iterdir()) == []


def test_what_the_editor_had_written_when_the_terminal_died_is_taken_in(journal: DraftJournal) -> None:
    draft = Draft(body="before")
    journal.save(draft)
    journal.release(draft.id)
    journal.editor_file(draft.id).write_text("written in the editor")
    assert [found.body for found in again(journal).lost("", "")] == ["written in the editor"]


def test_only_the_person_can_read_the_journal(journal: DraftJournal) -> None:
    draft = Draft(body="x")
    journal.save(draft)
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((journal.folder / f"{draft.id}.json").stat().st_mode) == 0o600


def test_the_file_is_synced_before_it_takes_its_name_and_the_folder_after(
    journal: DraftJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def watch_fsync(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def watch_rename(path: Path, target: Path) -> Path:
        order.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", watch_fsync)
    monkeypatch.setattr(Path, "rename", watch_rename)
    journal.save(Draft(body="x"))
    assert order == ["file", "rename", "folder"]


def test_a_file_that_is_no_draft_is_left_alone(journal: DraftJournal) -> None:
    journal.folder.mkdir()
    (journal.folder / "notes.json").write_text("{")
    assert journal.lost("", "") == []
    assert (journal.folder / "notes.json").exists()


def test_an_empty_draft_is_not_worth_keeping() -> None:
    assert not Draft(account="a", identity="i").worth_keeping
    assert Draft(subject="x").worth_keeping
    assert Draft(attachments=[Attached("b", "plan.pdf", "application/pdf", 1)]).worth_keeping


def test_sending_again_is_the_same_send_until_it_is_sure_that_nothing_was_sent() -> None:
    draft = Draft(to="ann@x.example", body="Hello")
    first = draft.sending_id()
    draft.saved_at = "2026-11-20T12:00:00Z"
    assert draft.sending_id() == first
    draft.body = "Hello again"
    assert draft.sending_id() != first
    draft.body = "Hello"
    draft.begin_anew()
    assert draft.sending_id() != first


def test_a_draft_is_offered_to_its_writer_at_its_desk_alone(journal: DraftJournal) -> None:
    draft = Draft(desk="unix:/a/desk.sock", user="bob", body="x")
    journal.save(draft)
    journal.release(draft.id)
    assert journal.lost("unix:/a/desk.sock", "alice") == []
    assert journal.lost("unix:/b/desk.sock", "bob") == []
    assert journal.lost("unix:/a/desk.sock", "bob") == [draft]
