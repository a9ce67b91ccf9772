"""The table of actions: no key twice, every refusal a sentence, sequences recognised."""

from __future__ import annotations

from collections import Counter

import pytest

from shinbox.terms import LEVEL_RIGHTS, SEND_RIGHTS, Level, Right, Send
from shinbox.tui.actions import ACTIONS, BY_ID, Action, Situation, Where, find, footer_actions, why_not
from shinbox.tui.keys import Sequences, bindings_for, first_key, key_label

ALICE = Situation(LEVEL_RIGHTS[Level.READ], "support@", "read", messages=1)
BOB = Situation(LEVEL_RIGHTS[Level.WRITE] | SEND_RIGHTS[Send.SEND_AS], "support@", "write, send", messages=1)


PLACES = [
    (Where.ANY, Where.MAIN, Where.MOTION, Where.LIST),
    (Where.MOTION, Where.READER),
    (Where.ANY, Where.COMPOSE),
]


@pytest.mark.parametrize("together", PLACES)
def test_no_key_means_two_things_in_one_place(together: tuple[Where, ...]) -> None:
    keys = Counter(key for action in ACTIONS if action.where in together for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_key_is_also_the_beginning_of_a_sequence() -> None:
    beginnings = {keys.split(" ")[0] for action in ACTIONS for keys in action.keys if " " in keys}
    singles = {keys for action in ACTIONS for keys in action.keys if " " not in keys}
    assert beginnings & singles == set()


def test_ids_are_unique_and_every_help_text_is_a_sentence() -> None:
    assert len(BY_ID) == len(ACTIONS)
    assert [
        action.id for action in ACTIONS if not (action.help[0].isupper() and action.help.endswith("."))
    ] == []


@pytest.mark.parametrize("name", ["message.archive", "message.move", "message.delete", "message.flag"])
def test_a_reader_is_told_why_sorting_is_off(name: str) -> None:
    reason = why_not(BY_ID[name], ALICE)
    assert reason is not None
    assert "You may not" in reason
    assert "support@" in reason
    assert "read" in reason


@pytest.mark.parametrize(
    "name", ["message.reply", "message.reply-all", "compose", "message.move", "message.read"]
)
def test_a_writer_who_may_send_is_offered_everything(name: str) -> None:
    assert why_not(BY_ID[name], BOB) is None


def test_to_send_on_behalf_is_enough_to_reply() -> None:
    carol = Situation(frozenset({Right.READ, Right.SEND_ON_BEHALF}), "support@", "read, send", messages=1)
    assert why_not(BY_ID["message.reply"], carol) is None


def test_a_lost_connection_is_the_reason_only_for_what_needs_the_desk() -> None:
    alone = Situation(BOB.rights, "support@", "write", messages=1, connected=False)
    assert "desk cannot be reached" in (why_not(BY_ID["message.archive"], alone) or "")
    assert why_not(BY_ID["help"], alone) is None
    assert why_not(BY_ID["list.down"], alone) is None


def test_without_a_mailbox_a_message_or_something_done_the_reason_says_what_is_missing() -> None:
    assert "No mailbox is open" in (why_not(BY_ID["compose"], Situation()) or "")
    assert why_not(BY_ID["go.mailbox"], Situation()) is None
    for name in ("compose", "go.mailbox", "go.next-unread"):
        assert why_not(BY_ID[name], Situation(shared=False)) == "No mailbox is shared with you."
    assert "no message" in (why_not(BY_ID["message.flag"], Situation(BOB.rights, "support@")) or "")
    assert "nothing to undo" in (why_not(BY_ID["undo"], BOB) or "")


def test_the_footer_begins_with_what_is_wanted_most() -> None:
    assert [action.label for action in footer_actions(Where.MAIN, Where.ANY)][:3] == [
        "reply",
        "reply all",
        "compose",
    ]


def test_the_search_of_the_help_finds_by_label_first() -> None:
    assert find("arch")[0].id == "message.archive"
    assert find("folder that you choose")[0].id == "message.move"
    assert find("zzz") == []


def test_the_search_of_the_help_finds_by_words_in_any_order_and_by_a_key() -> None:
    assert find("trash move")[0].id == "message.delete"
    assert find("g s")[0].id == find("gs")[0].id == "message.source"
    assert find("V")[0].id == "list.range"
    assert find("^d")[0].id == "list.half-down"


@pytest.mark.parametrize("typed", ["fold", "za", "conversation"])
def test_who_looks_for_folding_finds_its_key(typed: str) -> None:
    assert "list.toggle-fold" in [action.id for action in find(typed)]


def test_keys_are_shown_as_people_write_them() -> None:
    assert [key_label(keys) for keys in ("ctrl+d", "g g", "?", "f1", "enter")] == [
        "^D",
        "g g",
        "?",
        "F1",
        "Enter",
    ]
    assert first_key(BY_ID["message.move"]) == "m"
    assert first_key(BY_ID["theme"]) == ":theme"


def test_sequences_have_no_binding_of_their_own() -> None:
    bound = {binding.key for binding in bindings_for(Where.MAIN, Where.MOTION)}  # type: ignore[union-attr]
    assert "j" in bound
    assert not any(" " in key for key in bound)


class TestSequences:
    @pytest.fixture
    def keys(self) -> Sequences:
        return Sequences(ACTIONS)

    def outcome(self, keys: Sequences, typed: str) -> list[str | None]:
        results: list[str | None] = []
        for key in typed:
            taken = keys.take(key)
            results.append(taken.id if isinstance(taken, Action) else taken)
        return results

    def test_g_g_is_first_and_g_i_the_inbox(self, keys: Sequences) -> None:
        assert self.outcome(keys, "gggi") == ["pending", "list.first", "pending", "go.inbox"]

    def test_other_keys_are_left_alone(self, keys: Sequences) -> None:
        assert self.outcome(keys, "ej") == [None, None]

    def test_a_wrong_second_key_is_swallowed_and_does_nothing(self, keys: Sequences) -> None:
        assert self.outcome(keys, "g#e") == ["pending", "pending", None]
        assert keys.typed == ()
