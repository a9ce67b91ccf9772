"""Which messages an answer names as those before it."""

from __future__ import annotations

from shinbox.text.references import LONGEST, next_references


def test_an_answer_names_what_its_parent_named_and_then_the_parent() -> None:
    assert next_references(["first@x", "second@x"], ["parent@x"]) == ["first@x", "second@x", "parent@x"]
    assert next_references([], ["parent@x"]) == ["parent@x"]
    assert next_references(["first@x"], []) == ["first@x"]


def test_where_a_message_refers_to_nothing_what_it_answered_counts() -> None:
    assert next_references([], ["parent@x"], ["first@x"]) == ["first@x", "parent@x"]
    assert next_references([], ["parent@x"], ["one@x", "other@x"]) == ["parent@x"], "which, nobody knows"
    assert next_references(["first@x"], ["parent@x"], ["else@x"]) == ["first@x", "parent@x"]


def test_a_parent_that_names_itself_stands_once_and_last() -> None:
    assert next_references(["parent@x", "other@x", "other@x"], ["parent@x"]) == ["other@x", "parent@x"]


def test_of_a_long_conversation_the_first_and_the_newest_stay() -> None:
    chain = [f"{n:03}@{'x' * 40}.example" for n in range(100)]
    kept = next_references(chain, ["parent@x"])
    assert (kept[0], kept[-2:]) == (chain[0], [chain[-1], "parent@x"])
    assert sum(len(f"<{id_}> ") for id_ in kept) <= LONGEST
