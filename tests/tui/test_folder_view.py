"""The message list's source: what is loaded, what shifts, what we change at once."""

from __future__ import annotations

from shinbox.jmap.objects import Email
from shinbox.tui.folder_view import FolderView
from shinbox.tui.rows import Row


def view(*ids: str, total: int | None = None) -> FolderView:
    made = FolderView("a", "inbox", lambda email: Row(email.id, {"subject": email.subject or ""}))
    made.place(0, ids, len(ids) if total is None else total)
    made.put(Email(id=id_, subject=f"about {id_}") for id_ in ids)
    return made


def shown(made: FolderView) -> list[str | None]:
    return [row.id if row else None for row in map(made.row, range(made.total))]


def test_what_is_not_loaded_is_missing() -> None:
    assert shown(view("m1", "m2", total=4)) == ["m1", "m2", None, None]


def test_a_later_stretch_takes_its_place() -> None:
    made = view("m1", "m2", total=5)
    made.place(3, ["m4", "m5"], 5)
    made.put([Email(id="m4"), Email(id="m5")])
    assert shown(made) == ["m1", "m2", None, "m4", "m5"]
    assert made.index_of("m5") == 4


def test_a_message_that_the_desk_says_is_elsewhere_is_not_shown_twice() -> None:
    made = view("m1", "m2", "m3", "m4")
    made.place(0, ["m3", "m1"], 4)
    assert shown(made) == ["m3", "m1", None, "m4"]
    assert [made.index_of(id_) for id_ in ("m1", "m2", "m3", "m4")] == [1, None, 0, 3]


def test_new_mail_on_top_makes_what_is_behind_unsure_and_keeps_what_was_said() -> None:
    made = view("m1", "m2", "m3")
    made.place(0, ["new", "m1"], 4)
    made.put([Email(id="new")])
    assert shown(made) == ["new", "m1", None, None]
    assert made.index_of("m1") == 1


def test_a_message_is_never_in_two_places() -> None:
    made = view("m1", "m2", "m3", "m4")
    made.place(2, ["m1", "m2"], 4)
    assert shown(made) == [None, None, "m1", "m2"]


def test_a_folder_that_shrank_is_shorter() -> None:
    made = view("m1", "m2", "m3", "m4")
    made.place(0, ["m3"], 1)
    assert shown(made) == ["m3"]


def test_what_we_move_away_is_gone_at_once() -> None:
    made = view("m1", "m2", "m3", total=5)
    made.remove({"m2"})
    assert shown(made) == ["m1", "m3", None, None]
    assert made.index_of("m3") == 1
    assert made.index_of("m2") is None


def test_a_changed_message_has_a_new_row() -> None:
    made = view("m1")
    before = made.row(0)
    made.put([Email(id="m1", subject="other")])
    assert made.row(0) is not before
