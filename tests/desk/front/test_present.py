"""Who is at a message: for 25 seconds after their last word, in memory, by the clock that one gives."""

from __future__ import annotations

from dataclasses import replace

from shinbox.desk.front.present import GONE_SECONDS, MOST_WINDOWS, Here, Presences

BOB = Here(0, account=1, user=7, name="bob", window="a", email=30, thread=3, writes=False, until=0)


def test_somebody_is_there_until_25_seconds_after_their_last_word() -> None:
    presences = Presences()
    presences.refresh(BOB, 100.0)
    presences.refresh(BOB, 115.0)
    assert [here.name for here in presences.there(1, 139.9)] == ["bob"]
    assert presences.there(1, 115.0 + GONE_SECONDS) == []
    assert presences.expire(139.9) == set()
    assert presences.expire(140.0) == {1}
    assert presences.expire(140.0) == set()


def test_a_sign_of_life_is_nothing_new_for_others() -> None:
    presences = Presences()
    assert presences.refresh(BOB, 100.0) == {1}
    assert presences.refresh(BOB, 115.0) == set()
    assert presences.refresh(replace(BOB, writes=True), 120.0) == {1}
    assert presences.refresh(replace(BOB, email=31), 121.0) == {1}


def test_who_comes_back_after_their_time_is_news_even_before_anybody_swept() -> None:
    presences = Presences()
    presences.refresh(BOB, 100.0)
    assert presences.refresh(BOB, 130.0) == {1}


def test_a_window_that_goes_to_another_mailbox_leaves_the_first() -> None:
    presences = Presences()
    presences.refresh(BOB, 100.0)
    assert presences.refresh(replace(BOB, account=2), 101.0) == {1, 2}
    assert (presences.there(1, 101.0), len(presences.there(2, 101.0))) == ([], 1)


def test_leaving_is_at_once_and_of_that_window_alone() -> None:
    presences = Presences()
    presences.refresh(BOB, 100.0)
    presences.refresh(replace(BOB, window="b"), 100.0)
    assert presences.leave(7, "a") == {1}
    assert [here.window for here in presences.there(1, 100.0)] == ["b"]
    assert presences.leave(7, "a") == set()


def test_one_person_fills_no_memory() -> None:
    presences = Presences()
    for number in range(3 * MOST_WINDOWS):
        presences.refresh(replace(BOB, window=str(number)), 100.0)
    windows = [here.window for here in presences.there(1, 100.0)]
    assert windows == [str(number) for number in range(2 * MOST_WINDOWS, 3 * MOST_WINDOWS)]


def test_a_clock_that_was_set_back_keeps_nobody_there() -> None:
    presences = Presences()
    presences.refresh(BOB, 1_000_000.0)
    assert presences.there(1, 100.0) == []
    assert presences.expire(100.0) == {1}
