"""What was told is remembered from one run to the next, and a broken file costs a repetition, no more."""

from __future__ import annotations

from pathlib import Path

from shinbox.client.heard import MOST, MOST_REFUSED, Heard, Mark


def test_a_mark_is_found_again_in_the_next_run(tmp_path: Path) -> None:
    Heard(tmp_path / "state" / "heard.marks").note("desk bob a1", Mark("12.abc", ("n1", "n2")))
    found = Heard(tmp_path / "state" / "heard.marks")
    assert found.of("desk bob a1") == Mark("12.abc", ("n1", "n2"))
    assert found.of("desk bob a2") is None


def test_two_runs_keep_each_others_marks(tmp_path: Path) -> None:
    one, other = Heard(tmp_path / "heard.marks"), Heard(tmp_path / "heard.marks")
    one.note("a", Mark("1"))
    other.note("b", Mark("2"))
    one.note("a", Mark("3"))
    assert (other.of("a"), one.of("b")) == (Mark("3"), Mark("2"))


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    heard = Heard(tmp_path / "heard.marks")
    for number in range(MOST + 5):
        heard.note(f"desk {number}", Mark(str(number), tuple(f"n{n}" for n in range(MOST_REFUSED + 5))))
    assert heard.of("desk 4") is None
    last = heard.of(f"desk {MOST + 4}")
    assert last is not None
    assert last.refused[-1] == f"n{MOST_REFUSED + 4}"
    assert len(last.refused) == MOST_REFUSED


def test_a_file_that_is_none_of_ours_is_as_if_there_were_none(tmp_path: Path) -> None:
    (tmp_path / "heard.marks").write_text("[1, 2")
    heard = Heard(tmp_path / "heard.marks")
    assert heard.of("a") is None
    heard.note("a", Mark("1"))
    assert heard.of("a") == Mark("1")


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    heard = Heard(tmp_path / "file" / "heard.marks")
    heard.note("a", Mark("1"))
    assert heard.of("a") is None
