"""What asks for something waits until it was seen for its seconds; good news pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.errors import Forbidden
from shinbox.tui.notices import Notice, Notices
from shinbox.tui.screens.compose import ComposeScreen
from tests.tui.person import sitting
from tests.tui.picture import take


class Told:
    """The notices of somebody who sees them or not, at a time that is told."""

    def __init__(self, *, sees: bool = True) -> None:
        self.time = 100.0
        self.sees = sees
        self.notices = Notices(lambda: self.time, lambda: self.sees)

    def say(self, text: str, tone: str = "", seconds: float = 8.0, counting: bool = True) -> None:
        self.notices.say(Notice(text, tone, seconds=seconds, counting=counting))

    def after(self, seconds: int) -> str:
        """What it says so many seconds later."""
        for _ in range(seconds):
            self.time += 1
            self.notices.look()
        return self.notices.now.text if self.notices.now else ""


def test_a_sentence_stays_its_seconds() -> None:
    told = Told()
    told.say("Archived")
    assert told.after(7) == "Archived"
    assert told.after(1) == ""


def test_a_refusal_that_came_unseen_is_there_for_its_seconds_once_one_sees_again() -> None:
    told = Told(sees=False)
    told.say("Not moved", "error", 15)
    assert told.after(600) == "Not moved"
    told.sees = True
    assert told.after(14) == "Not moved"
    assert told.after(1) == ""


def test_good_news_that_nobody_sees_pass() -> None:
    told = Told(sees=False)
    told.say("The desk answers again", seconds=4)
    assert told.after(4) == ""


def test_of_two_refusals_that_came_unseen_both_are_seen_the_first_one_first_and_each_once() -> None:
    told = Told(sees=False)
    told.say("Not moved", "error")
    told.say("Perhaps sent", "warning")
    told.say("Not moved", "error")
    told.sees = True
    assert told.after(7) == "Not moved"
    assert told.after(1) == "Perhaps sent"
    assert told.after(8) == ""


def test_what_was_said_before_something_covered_it_is_seen_for_the_rest_of_its_seconds() -> None:
    told = Told()
    told.say("Not moved", "error")
    told.after(5)
    told.sees = False
    told.after(60)
    told.say("Perhaps sent", "warning")
    told.sees = True
    assert told.after(2) == "Not moved"
    assert told.after(1) == "Perhaps sent"


def test_what_a_key_has_done_is_said_at_once_and_what_came_unseen_after_it() -> None:
    told = Told(sees=False)
    told.say("Not moved", "error")
    told.say("Perhaps sent", "warning")
    told.sees = True
    told.after(3)
    told.say("Archived")
    assert told.after(7) == "Archived"
    assert told.after(1) == "Not moved"
    assert told.after(5) == "Perhaps sent"


def test_an_answer_to_a_key_replaces_the_one_before() -> None:
    told = Told()
    told.say("No folder is called “x”.", "warning")
    told.say("Archived")
    assert told.after(8) == ""


def test_good_news_that_stay_long_make_room_for_what_waits_but_not_what_can_be_taken_back() -> None:
    told = Told(sees=False)
    told.say("Not moved", "error")
    told.sees = True
    told.say("2 unfinished drafts found", seconds=60, counting=False)
    assert told.after(8) == "2 unfinished drafts found"
    assert told.after(1) == "Not moved"
    told.say("Sending", seconds=20)
    assert told.after(19) == "Sending"
    assert told.after(1) == "Not moved"


def test_what_is_taken_away_gives_way_to_what_waits() -> None:
    told = Told(sees=False)
    told.say("Not moved", "error")
    told.say("Perhaps sent", "warning")
    told.notices.clear()
    assert told.after(1) == "Perhaps sent"
    told.notices.clear()
    assert told.after(1) == ""


# --- on the screen --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["over the list", "beside the list"])
async def test_refusals_that_come_while_one_writes_are_seen_after_it_one_by_one(
    socket: Path, size: tuple[int, int]
) -> None:
    async with sitting(socket, "bob", size) as bob:
        notice, time = bob.main.notice, [100.0]
        notice._clock = lambda: time[0]
        await bob.press("c")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        bob.main.problem(Forbidden("The server refused: no room."))
        notice.say("Perhaps sent to ann@example.org", tone="warning", offers="compose.uncertain")
        time[0] += 3600
        notice._next_second()
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.app.screen is bob.main and bob.notice == "Discarded the draft")
        time[0] += 8
        notice._next_second()
        assert bob.notice == "The server refused: no room."
        assert notice.has_class("-error")
        await bob.press("escape")
        assert bob.notice == "Perhaps sent to ann@example.org"
        assert notice.has_class("-warning") and not notice.has_class("-error")
        await bob.press("escape")
        assert bob.notice == "" and not notice.has_class("-shown")


async def test_undoing_takes_only_its_own_offer_away(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        await bob.press("c")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        bob.main.problem(Forbidden("The server refused: no room."))
        await bob.press("ctrl+s", "d")
        await bob.until(lambda: bob.notice == "Discarded the draft")
        await bob.press("z")
        await bob.until(lambda: isinstance(bob.app.screen, ComposeScreen))
        assert bob.notice == "The server refused: no room."
        await bob.until(lambda: "Not discarded: it is yours again." in take(bob.app).text)


async def test_what_is_said_while_shinbox_is_being_left_is_for_nobody(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        notice = bob.main.notice
        notice.say("Your permission has changed.", tone="warning")
        await notice.remove()
        notice.say("It has changed again.", tone="warning")
        assert bob.notice == "Your permission has changed."


async def test_a_long_sentence_after_a_short_one_has_all_its_lines(socket: Path) -> None:
    async with sitting(socket, "bob", (80, 24)) as bob:
        bob.main.notice.say("Short.")
        await bob.until(lambda: bob.main.notice.size.height == 1)
        bob.main.notice.say("A sentence that needs more than one line. " * 4)
        await bob.until(lambda: bob.main.notice.size.height == 3)
        bob.main.notice.say("Short.")
        await bob.until(lambda: bob.main.notice.size.height == 1)
