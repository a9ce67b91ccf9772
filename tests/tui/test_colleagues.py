"""Who else is at a message, in words, and which conversations look otherwise when somebody comes or goes."""

from __future__ import annotations

from shinbox.jmap.objects import Person, Presence
from shinbox.tui.colleagues import Colleagues, attended, mark, sentence, warning
from shinbox.tui.rows import Row


def at(name: str, email: str = "e1", thread: str = "t1", doing: str = "views") -> Presence:
    return Presence(
        id=name,
        email_id=email,
        thread_id=thread,
        doing=doing,  # type: ignore[arg-type]  # one of the two
        who=Person(name, name),
    )


CAROL, TOM = at("carol"), at("tom", doing="writes")


def test_only_conversations_in_which_somebody_came_went_or_began_to_write_are_drawn_anew() -> None:
    colleagues = Colleagues()
    assert colleagues.put("a", [CAROL, at("bob", "e2", "t2")]) == {"t1", "t2"}
    assert colleagues.put("a", [CAROL, at("bob", "e2", "t2")]) == set()
    assert colleagues.put("a", [at("carol", doing="writes"), at("bob", "e2", "t2")]) == {"t1"}
    assert colleagues.put("a", []) == {"t1", "t2"}


def test_a_reader_is_at_the_message_and_a_writer_at_the_conversation() -> None:
    colleagues = Colleagues()
    colleagues.put("a", [CAROL, TOM])
    assert colleagues.at("a", "e1", "t1") == [CAROL, TOM]
    assert colleagues.at("a", "e9", "t1") == [TOM]
    assert colleagues.at("a", "e9", "t1", whole=True) == [CAROL, TOM]
    assert colleagues.at("b", "e1", "t1") == []


def test_the_line_tells_the_one_who_writes_first_and_how_many_more() -> None:
    assert mark([CAROL]) == "carol"
    assert mark([CAROL, TOM]) == "tom writes +1"
    assert attended(Row("e1", {}), [CAROL]).chips == (("[carol]", "warning"),)
    row = Row("e1", {})
    assert attended(row, []) is row


def test_a_name_cannot_break_the_terminal_or_fill_the_line() -> None:
    assert "\x1b" not in mark([at("\x1b[2Jeve")])
    assert len(mark([at("x" * 200)])) < 20


def test_colleagues_are_named_by_what_they_do_and_counted_when_they_are_many() -> None:
    assert sentence([]) == ""
    assert sentence([CAROL]) == "carol has this open."
    assert sentence([CAROL, TOM]) == "tom is writing an answer. carol has this open."
    assert sentence([at(name) for name in "abcde"]) == "a, b and 3 more have this open."
    assert warning([CAROL]) == ""
    assert warning([CAROL, TOM, at("ann", doing="writes")]) == "ann and tom are replying too!"
