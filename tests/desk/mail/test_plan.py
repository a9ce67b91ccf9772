"""The plan by itself: what people see is base with the waiting intents on top, whatever the server shows."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import given

from shinbox.desk.mail.plan import (
    DELETED,
    HIDDEN,
    Arrival,
    Destroy,
    DropRow,
    Here,
    Known,
    Publish,
    PutRow,
    Row,
    Seen,
    Show,
    Shown,
    Spot,
    Waiting,
    content_key,
    plan,
    shown_after,
)

BOXES = (1, 2, 3)
Server = dict[Spot, tuple[str, frozenset[str]]]
"""spot → (which message it is, flags)."""


@dataclass
class Desk:
    """The smallest store: carries out actions in memory."""

    rows: dict[Spot, Row] = field(default_factory=dict)
    emails: dict[int, Known] = field(default_factory=dict)
    shown: dict[int, Shown] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    last: int = 0

    def look(self, server: Server) -> list[object]:
        """One whole round."""
        visible = {spot: row for spot, row in self.rows.items() if row.email != HIDDEN}
        gone = {spot for spot in visible if spot not in server or DELETED in server[spot][1]}
        seen = Seen(
            arrivals=[
                Arrival(*spot, key, flags)
                for spot, (key, flags) in server.items()
                if spot not in self.rows or (self.rows[spot].email == HIDDEN and DELETED not in flags)
            ],
            flags={
                spot: flags for spot, (_, flags) in server.items() if spot in visible and spot not in gone
            },
            gone=gone | {spot for spot in self.rows if spot not in server},
            hidden={spot: server[spot][1] for spot in gone if spot in server},
        )
        done = self.do(seen)
        left = frozenset(spot for spot in seen.gone if spot in self.rows and self.rows[spot].email != HIDDEN)
        stale = frozenset(spot for spot in self.rows if spot not in server)
        return done + self.do(Seen(gone=seen.gone, hidden=seen.hidden, forgotten=left | stale))

    def do(self, seen: Seen) -> list[object]:
        here = Here(list(self.rows.values()), self.emails, self.shown, self.waiting)
        actions = plan(seen, here)
        for action in actions:
            match action:
                case PutRow(row):
                    self.rows[row.spot] = row
                case DropRow(spot):
                    del self.rows[spot]
                case Publish(arrival, shown):
                    self.last += 1
                    self.emails[self.last] = Known(arrival.key)
                    self.shown[self.last] = shown
                    self.rows[arrival.spot] = Row(*arrival.spot, self.last, arrival.flags)
                case Show(email, shown):
                    self.shown[email] = shown
                case Destroy(email):
                    del self.shown[email], self.emails[email]
        return list(actions)


flags = st.frozensets(st.sampled_from(["$seen", "$flagged", "urgent", DELETED]))
spots = st.tuples(st.sampled_from(BOXES), st.integers(1, 6))
servers = st.dictionaries(spots, st.tuples(st.sampled_from(["k", "l", "m"]), flags), max_size=8)


Placed = tuple[int, str, tuple[str, ...]]
"""(mailbox, which message, keywords)."""


def seen_by_others(server: Server) -> list[Placed]:
    return sorted(
        (box, key, tuple(sorted(words))) for (box, _), (key, words) in server.items() if DELETED not in words
    )


def seen_here(desk: Desk) -> list[Placed]:
    return sorted(
        (box, str(desk.emails[email].key), tuple(sorted(shown.keywords)))
        for email, shown in desk.shown.items()
        for box in shown.mailboxes
    )


@given(st.lists(servers, min_size=1, max_size=5))
def test_after_every_look_both_sides_show_the_same_and_a_second_look_changes_nothing(
    history: list[Server],
) -> None:
    desk = Desk()
    used: dict[Spot, str] = {}
    for server in history:
        # A uid never becomes another message.
        legal = {spot: what for spot, what in server.items() if used.setdefault(spot, what[0]) == what[0]}
        desk.look(legal)
        assert desk.rows.keys() == legal.keys()
        for spot, row in desk.rows.items():
            assert (row.email == HIDDEN) == (DELETED in legal[spot][1])
            assert row.email == HIDDEN or row.flags == legal[spot][1]
        assert seen_here(desk) == seen_by_others(legal)
        assert desk.look(legal) == []


@given(
    st.permutations([(box, uid) for box in BOXES for uid in (7, 8, 9)]),
    st.lists(st.sampled_from(["k", "l", "m"]), min_size=1, max_size=5, unique=True),
)
def test_messages_that_move_keep_their_emails(targets: list[Spot], keys: list[str]) -> None:
    desk = Desk()
    desk.look({(1, uid): (key, frozenset()) for uid, key in enumerate(keys, 1)})
    before = {known.key: email for email, known in desk.emails.items()}
    desk.look({spot: (key, frozenset()) for spot, key in zip(targets, keys, strict=False)})
    assert {known.key: email for email, known in desk.emails.items()} == before


@given(st.lists(st.tuples(st.sampled_from(BOXES), st.sampled_from(BOXES)), max_size=5), servers)
def test_what_people_see_is_base_with_the_waiting_moves_on_top(
    moves: list[tuple[int, int]], server: Server
) -> None:
    desk = Desk()
    desk.look(server)
    for email, shown in list(desk.shown.items()):
        for source, target in moves:
            desk.waiting.append(
                Waiting("move", email, source=frozenset({source}), target=frozenset({target}))
            )
        mine = [intent for intent in desk.waiting if intent.email == email]
        rows = [row for row in desk.rows.values() if row.email == email]
        after = shown_after(rows, mine, frozenset())
        assert after.mailboxes, "no message is moved to nowhere"
        assert after.keywords == shown.keywords


def test_what_vanished_is_kept_until_every_folder_was_looked_at() -> None:
    desk = Desk()
    desk.look({(1, 1): ("k", frozenset())})
    assert desk.do(Seen(gone={(1, 1)})) == []
    assert desk.do(Seen(gone={(1, 1)}, forgotten={(1, 1)})) == [DropRow((1, 1)), Destroy(1)]


def test_moved_here_and_not_yet_sent_differs_from_moved_back_over_there() -> None:
    move = Waiting("move", 1, source=frozenset({1}), target=frozenset({2}))
    still_there = Row(1, 5, 1, frozenset())
    moved_on = Row(3, 9, 1, frozenset())
    assert shown_after([still_there], [move], frozenset()).mailboxes == {2}
    assert shown_after([moved_on], [move], frozenset()).mailboxes == {3}


def test_an_email_is_never_recognised_by_its_message_id_alone() -> None:
    desk = Desk()
    desk.look({(1, 1): ("k", frozenset())})
    desk.emails[1] = Known("k", message_id="a@x")
    desk.do(Seen([Arrival(2, 1, "other", frozenset(), message_id="a@x")], gone={(1, 1)}))
    assert desk.last == 2


def test_a_key_holds_what_no_server_changes_and_not_what_some_add() -> None:
    header = b"Message-ID: <a@x>\r\nSubject: Hello\r\n there\r\nDate: today\r\n\r\n"
    added = b"X-Spam: no\r\n" + header.replace(b"\r\n there", b"  there")
    assert content_key(header, 100) == content_key(added, 100)
    assert content_key(header, 100) != content_key(header, 101)
    assert content_key(header, 100) != content_key(header.replace(b"Hello", b"Hallo"), 100)
