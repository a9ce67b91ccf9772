"""Email/query (RFC 8621 §4.4): every condition, every order, every page; hidden mail counts in none."""

from __future__ import annotations

import sqlite3
import weakref
from array import array
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinbox.desk.front.methods.base import Condition, Query
from shinbox.desk.front.methods.email_query import _Result
from shinbox.desk.front.methods.email_sort import base_subject
from shinbox.desk.front.methods.email_words import match
from shinbox.desk.front.methods.query import windowed
from shinbox.desk.front.results import Results
from shinbox.errors import AnchorNotFound
from shinbox.terms import Level, Role
from tests.desk.front.methods.world import Json, World

T = TypeVar("T")

DAY = 24 * 3600.0
START = 1_800_000_000.0


FILE = b"""\
From: Ann <ann@customer.example>
To: Carl <carl@example.org>
Cc: Dora <dora@example.org>
Bcc: hidden@example.org
Subject: [ext] Fwd: beta
X-Ticket: Case 42
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

file
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename=plan.pdf

%PDF
--b--
""".replace(b"\n", b"\r\n")


@pytest.fixture
def mail(world: World) -> dict[str, str]:
    """Seven emails by name, a day apart, oldest first."""
    reply = "In-Reply-To: <m1@customer.example>\n"
    return {
        "first": world.receive(
            at=START, subject="Invoice Größe", sender="Zoë <zoe@customer.example>", text="the parcel is lost"
        ),
        "answer": world.receive(
            at=START + DAY, subject="Re: Invoice Größe", keywords={"$seen"}, headers=reply, role=Role.SENT
        ),
        "flagged": world.receive(
            at=START + 2 * DAY, subject="Alpha", keywords={"$flagged", "$seen"}, text="x" * 5000
        ),
        "file": world.receive(FILE, at=START + 3 * DAY),
        "old": world.receive(at=START + 4 * DAY, role=Role.ARCHIVE, subject="gamma"),
        "both": world.receive(
            at=START + 5 * DAY,
            boxes={world.folders[Role.INBOX], world.folders[Role.ARCHIVE]},
            subject="Delta",
            keywords={"waiting"},
        ),
        "junk": world.receive(at=START + 6 * DAY, role=Role.JUNK, subject="lost parcel lottery"),
    }


FILTERS: list[tuple[Json | None, set[str]]] = [
    (None, {"first", "answer", "flagged", "file", "old", "both", "junk"}),
    ({}, {"first", "answer", "flagged", "file", "old", "both", "junk"}),
    ({"inMailbox": "INBOX"}, {"first", "flagged", "file", "both"}),
    ({"inMailbox": "ARCHIVE"}, {"old", "both"}),
    ({"inMailbox": "f999"}, set()),
    ({"inMailbox": "nonsense"}, set()),
    ({"inMailboxOtherThan": ["INBOX", "JUNK"]}, {"answer", "old", "both"}),
    ({"inMailboxOtherThan": ["INBOX", "ARCHIVE", "nonsense"]}, {"answer", "junk"}),
    ({"before": "2027-01-17T08:00:00Z"}, {"first", "answer"}),
    ({"after": "2027-01-20T08:00:00Z"}, {"both", "junk"}),
    ({"after": "2027-01-20T08:00:00.5Z"}, {"junk"}),
    ({"minSize": 5000}, {"flagged"}),
    ({"maxSize": 5000, "hasAttachment": True}, {"file"}),
    ({"hasAttachment": False, "inMailbox": "INBOX"}, {"first", "flagged", "both"}),
    ({"hasKeyword": "$flagged"}, {"flagged"}),
    ({"hasKeyword": "WAITING"}, {"both"}),
    ({"notKeyword": "$seen", "inMailbox": "INBOX"}, {"first", "file", "both"}),
    ({"allInThreadHaveKeyword": "$seen"}, {"flagged"}),
    ({"someInThreadHaveKeyword": "$seen"}, {"first", "answer", "flagged"}),
    ({"noneInThreadHaveKeyword": "$seen"}, {"file", "old", "both", "junk"}),
    ({"text": "parcel"}, {"first", "junk"}),
    ({"text": "parcel lost"}, {"first", "junk"}),
    ({"text": '"lost parcel"'}, {"junk"}),
    ({"text": "parc"}, {"first", "junk"}),
    ({"text": "zoe"}, {"first"}),
    ({"text": "GROSSE"}, set()),
    ({"text": "große"}, {"first", "answer"}),
    ({"text": "plan.pdf"}, {"file"}),
    ({"text": "dora"}, {"file"}),
    ({"text": "nowhere"}, set()),
    ({"text": '" OR "'}, set()),
    ({"text": "parcel AND lost"}, set()),
    ({"text": "***"}, set()),
    ({"text": ""}, {"first", "answer", "flagged", "file", "old", "both", "junk"}),
    ({"from": "zoe"}, {"first"}),
    ({"from": "Zoë customer"}, {"first"}),
    ({"subject": "parcel"}, {"junk"}),
    ({"body": "parcel"}, {"first"}),
    ({"to": "carl"}, {"file"}),
    ({"to": "dora"}, set()),
    ({"cc": "DORA"}, {"file"}),
    ({"bcc": "hidden"}, {"file"}),
    ({"cc": "carl"}, set()),
    ({"header": ["X-Ticket"]}, {"file"}),
    ({"header": ["x-ticket", "case"]}, {"file"}),
    ({"header": ["X-Ticket", "43"]}, set()),
    ({"header": ["Ticket"]}, set()),
    ({"header": ["%"]}, set()),
    (
        {"operator": "OR", "conditions": [{"hasKeyword": "$flagged"}, {"hasAttachment": True}]},
        {"flagged", "file"},
    ),
    (
        {"operator": "NOT", "conditions": [{"inMailbox": "INBOX"}, {"inMailbox": "ARCHIVE"}]},
        {"answer", "junk"},
    ),
    (
        {
            "operator": "AND",
            "conditions": [
                {"inMailbox": "INBOX"},
                {"operator": "NOT", "conditions": [{"hasKeyword": "$seen"}]},
                {"operator": "OR", "conditions": [{"text": "invoice"}, {"text": "delta"}]},
            ],
        },
        {"first", "both"},
    ),
    (
        {"operator": "AND", "conditions": [{"inMailbox": "INBOX"}, {"inMailbox": "ARCHIVE"}]},
        {"both"},
    ),
    ({"operator": "AND", "conditions": []}, {"first", "answer", "flagged", "file", "old", "both", "junk"}),
    ({"operator": "OR", "conditions": []}, set()),
]


def with_folders(world: World, value: Any) -> Any:
    """A filter with the names of roles replaced by folder ids."""
    if isinstance(value, dict):
        return {name: with_folders(world, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_folders(world, inner) for inner in value]
    return world.box(Role[value]) if value in Role.__members__ else value


@pytest.mark.parametrize(("filter_", "names"), FILTERS)
def test_a_filter_finds_what_it_says_in_every_order_and_with_its_total(
    world: World, mail: dict[str, str], filter_: Json | None, names: set[str]
) -> None:
    bob = world.person("bob")
    called = {id_: name for name, id_ in mail.items()}
    asked = with_folders(world, filter_)
    for sort in ([], [{"property": "subject"}], [{"property": "size"}], [{"property": "receivedAt"}]):
        answer = world.call(bob, "Email/query", filter=asked, sort=sort, calculateTotal=True)
        assert {called[id_] for id_ in answer["ids"]} == names
        assert answer["total"] == len(names) == len(answer["ids"])


@pytest.mark.parametrize("name", ["nothing", "inMailboxes", "operators", "hasMemo"])
def test_a_condition_that_is_not_known_is_refused_not_ignored(world: World, name: str) -> None:
    bob = world.person("bob")
    assert world.fail(bob, "Email/query", filter={name: "x"}) == "unsupportedFilter"
    nested = {"operator": "NOT", "conditions": [{name: "x"}]}
    assert world.fail(bob, "Email/query", filter=nested) == "unsupportedFilter"


@pytest.mark.parametrize("name", ["text", "subject", "to"])
def test_a_search_for_more_words_than_anybody_types_is_refused(world: World, name: str) -> None:
    bob = world.person("bob")
    words = [f"w{number}" for number in range(51)]
    assert world.query(bob, {name: " ".join(words[:50])}) == []
    assert world.fail(bob, "Email/query", filter={name: " ".join(words)}) == "unsupportedFilter"


SORTS: list[tuple[list[Json], list[str]]] = [
    ([], ["junk", "both", "old", "file", "flagged", "answer", "first"]),
    ([{"property": "receivedAt"}], ["first", "answer", "flagged", "file", "old", "both", "junk"]),
    (
        [{"property": "hasKeyword", "keyword": "$seen", "isAscending": False}, {"property": "receivedAt"}],
        ["answer", "flagged", "first", "file", "old", "both", "junk"],
    ),
    (
        [
            {"property": "someInThreadHaveKeyword", "keyword": "$seen", "isAscending": False},
            {"property": "receivedAt", "isAscending": False},
        ],
        ["flagged", "answer", "first", "junk", "both", "old", "file"],
    ),
    (
        [{"property": "allInThreadHaveKeyword", "keyword": "$SEEN"}, {"property": "receivedAt"}],
        ["first", "answer", "file", "old", "both", "junk", "flagged"],
    ),
    (
        [{"property": "subject"}, {"property": "receivedAt", "isAscending": False}],
        ["flagged", "file", "both", "old", "answer", "first", "junk"],
    ),
    (
        [{"property": "from", "isAscending": False}, {"property": "receivedAt"}],
        ["first", "answer", "flagged", "file", "old", "both", "junk"],
    ),
]


@pytest.mark.parametrize(("sort", "names"), SORTS)
def test_a_sort_orders_and_ties_are_stable(
    world: World, mail: dict[str, str], sort: list[Json], names: list[str]
) -> None:
    bob = world.person("bob")
    called = {id_: name for name, id_ in mail.items()}
    assert [called[id_] for id_ in world.query(bob, sort=sort)] == names
    inbox = [name for name in names if name in {"first", "flagged", "file", "both"}]
    found = world.query(bob, {"inMailbox": world.box(Role.INBOX)}, sort=sort)
    assert [called[id_] for id_ in found] == inbox


@pytest.mark.parametrize(
    "sort",
    [
        [{"property": "nothing"}],
        [{"property": "receivedAt", "keyword": "x"}],
        [{"property": "subject", "collation": "i;klingon"}],
        [{"property": "receivedAt"}, {"property": "hasMemo"}],
    ],
)
def test_an_order_that_is_not_known_is_refused_not_ignored(world: World, sort: list[Json]) -> None:
    bob = world.person("bob")
    assert world.fail(bob, "Email/query", sort=sort) == "unsupportedSort"


# --- pages ----------------------------------------------------------------------------------------

Page = tuple[Json, int, list[int]]
PAGES: list[Page] = [
    ({}, 0, [0, 1, 2, 3, 4, 5]),
    ({"position": 2}, 2, [2, 3, 4, 5]),
    ({"position": 2, "limit": 2}, 2, [2, 3]),
    ({"limit": 0}, 0, []),
    ({"position": 6}, 6, []),
    ({"position": 99}, 99, []),
    ({"position": -2}, 4, [4, 5]),
    ({"position": -99}, 0, [0, 1, 2, 3, 4, 5]),
    ({"position": -3, "limit": 1}, 3, [3]),
    ({"anchor": 2}, 2, [2, 3, 4, 5]),
    ({"anchor": 2, "anchorOffset": -1, "limit": 3}, 1, [1, 2, 3]),
    ({"anchor": 2, "anchorOffset": 2}, 4, [4, 5]),
    ({"anchor": 1, "anchorOffset": -5}, 0, [0, 1, 2, 3, 4, 5]),
    ({"anchor": 1, "anchorOffset": 99}, 100, []),
    ({"anchor": 3, "position": 1, "limit": 1}, 3, [3]),
]


@pytest.mark.parametrize(("asked", "position", "indexes"), PAGES)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"sort": [{"property": "receivedAt"}]},
        {"sort": [{"property": "subject"}]},
        {"filter": {"notKeyword": "x"}},
        {"collapseThreads": True},
    ],
)
def test_a_page_is_cut_where_it_was_asked(
    world: World, asked: Json, position: int, indexes: list[int], more: Json
) -> None:
    bob = world.person("bob")
    for n in range(6):
        world.receive(subject=f"S{n}")
    filter_ = {"inMailbox": world.box(Role.INBOX), **more.get("filter", {})}
    arguments = {**more, "filter": filter_}
    whole = world.call(bob, "Email/query", arguments)["ids"]
    if "anchor" in asked:
        asked = {**asked, "anchor": whole[asked["anchor"]]}
    answer = world.call(bob, "Email/query", {**arguments, **asked, "calculateTotal": True})
    assert answer["ids"] == [whole[index] for index in indexes]
    assert (answer["position"], answer["total"]) == (position, 6)
    assert "limit" not in answer


@pytest.mark.parametrize("anchor", ["e999", "nonsense", "#nothing"])
def test_an_anchor_that_is_not_in_the_list_is_told(world: World, anchor: str) -> None:
    bob = world.person("bob")
    outside = world.receive(role=Role.ARCHIVE)
    world.receive()
    for given_ in (anchor, outside):
        for sort in ([], [{"property": "subject"}]):
            filter_ = {"inMailbox": world.box(Role.INBOX)}
            arguments = {"anchor": given_, "filter": filter_, "sort": sort}
            assert world.fail(bob, "Email/query", arguments) == "anchorNotFound"


def test_the_limit_is_told_only_when_the_desk_lowered_it(world: World) -> None:
    bob = world.person("bob")
    world.receive()
    assert "limit" not in world.call(bob, "Email/query", limit=5)
    assert world.call(bob, "Email/query", limit=10**9)["limit"] == 10_000
    assert "limit" not in world.call(bob, "Email/query")


@given(
    st.lists(st.integers(), unique=True, max_size=20),
    st.integers(-30, 30),
    st.integers(0, 25),
    st.integers(-30, 30),
    st.booleans(),
)
def test_any_window_is_a_run_of_the_whole_list(
    rows: list[int], position: int, limit: int, offset: int, anchored: bool
) -> None:
    anchor = rows[len(rows) // 2] if rows and anchored else None
    found = windowed(rows, Query(Condition(), (), position, anchor, offset, limit, True))
    assert list(found.rows) == rows[found.position :][:limit]
    assert found.position >= 0
    assert found.total == len(rows)
    if anchor is None and position >= 0:
        assert found.position == position


def test_an_anchor_outside_the_list_has_no_window() -> None:
    with pytest.raises(AnchorNotFound):
        windowed([1, 2], Query(Condition(), (), 0, 3, 0, 10, True))


# --- threads --------------------------------------------------------------------------------------


def test_collapsed_a_thread_stands_where_its_first_email_does(world: World, mail: dict[str, str]) -> None:
    bob = world.person("bob")
    later = world.receive(at=START + 9 * DAY, headers="In-Reply-To: <m1@customer.example>\n")
    answer = world.call(bob, "Email/query", collapseThreads=True, calculateTotal=True)
    assert answer["ids"][0] == later
    assert {mail["first"], mail["answer"]}.isdisjoint(answer["ids"])
    assert answer["total"] == len(answer["ids"]) == 6
    inbox = {"inMailbox": world.box(Role.INBOX)}
    counted = world.call(bob, "Email/query", filter=inbox, collapseThreads=True, calculateTotal=True, limit=1)
    assert (counted["ids"], counted["total"]) == ([later], 4)


def test_a_deep_collapsed_page_equals_the_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = world.person("bob")
    for n in range(12):
        world.receive(headers=f"References: <t{n % 5}@x>\n")
    asked = {
        "filter": {"inMailbox": world.box(Role.INBOX)},
        "collapseThreads": True,
        "limit": 2,
        "position": 3,
    }
    walked = world.call(bob, "Email/query", asked)
    monkeypatch.setattr("shinbox.desk.front.methods.email_query._DEEP", 0)
    assert world.call(bob, "Email/query", asked) == walked
    assert len(walked["ids"]) == 2


def test_a_kept_result_ends_with_the_next_change(world: World) -> None:
    bob = world.person("bob")
    first = world.receive(subject="B")
    by_subject: Json = {"sort": [{"property": "subject"}]}
    assert world.call(bob, "Email/query", by_subject)["ids"] == [first]
    second = world.receive(subject="A")
    answer = world.call(bob, "Email/query", by_subject)
    assert answer["ids"] == [second, first]
    assert answer["queryState"] == world.call(bob, "Email/get", ids=[])["state"]
    assert answer["canCalculateChanges"] is False


def test_of_what_was_found_the_numbers_are_kept_and_not_the_text(world: World) -> None:
    kept: list[object] = []

    class Watched(Results):
        def get(self, key: object, compute: Callable[[], T]) -> T:
            kept.append(super().get(key, compute))
            return super().get(key, compute)

    world.desk = replace(world.desk, results=Watched())
    bob = world.person("bob")
    found = world.receive(subject="Lamp", headers="X-Note: lamp\n")
    for condition in ({"to": "support"}, {"header": ["X-Note", "lamp"]}):
        assert world.query(bob, condition) == [found]
    listed = [result for result in kept if not isinstance(result, _Result)]
    assert len(listed) == 2 and all(isinstance(result, array) for result in listed)


def test_a_key_of_a_result_is_forgotten_at_once() -> None:
    class Text:
        def __repr__(self) -> str:
            return "long"

    results, key = Results(), Text()
    gone = weakref.ref(key)
    assert results.get(("A", key), lambda: 1) == 1
    del key
    assert gone() is None
    assert results.get(("A", Text()), lambda: 2) == 1
    assert results.get(("B", Text()), lambda: 2) == 2


# --- what is hidden -------------------------------------------------------------------------------


@pytest.mark.parametrize(("filter_", "names"), FILTERS)
def test_no_filter_finds_an_email_in_a_hidden_folder(
    world: World, mail: dict[str, str], filter_: Json | None, names: set[str]
) -> None:
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
    bob = world.person("bob")
    visible = set(world.query(bob, {"inMailbox": world.box(Role.INBOX)}))
    answer = world.call(carl, "Email/query", filter=with_folders(world, filter_), calculateTotal=True)
    assert set(answer["ids"]) <= visible
    assert answer["total"] == len(answer["ids"])


def test_hidden_emails_do_not_speak_for_their_thread(world: World, mail: dict[str, str]) -> None:
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
    assert mail["first"] not in world.query(carl, {"someInThreadHaveKeyword": "$seen"})
    assert mail["first"] in world.query(carl, {"noneInThreadHaveKeyword": "$seen"})
    both = {"operator": "OR", "conditions": [{"inMailbox": world.box(Role.ARCHIVE)}, {"text": "lottery"}]}
    assert world.query(carl, both) == []
    assert world.query(carl, {"inMailboxOtherThan": [world.box(Role.INBOX)]}) == []


# --- words ----------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_whatever_is_typed_is_words_never_syntax(text: str) -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE t USING fts5 (subject, sender)")
    for column in (None, "subject"):
        expression = match(text, column)
        if expression is not None:
            rows = database.execute("SELECT 1 FROM t WHERE t MATCH ?", (expression,)).fetchall()
            assert rows == []
    database.close()


@pytest.mark.parametrize("name", ["text", "from", "to", "cc", "bcc", "subject", "body"])
@pytest.mark.parametrize("text", ["東京" * 250, '"' + "a " * 249 + '"', "lamp" + " " * 496])
def test_a_text_to_search_for_has_its_length(world: World, name: str, text: str) -> None:
    bob = world.person("bob")
    assert world.call(bob, "Email/query", filter={name: text})["ids"] == []
    failure = world.failure(bob, "Email/query", {"filter": {name: text + "."}})
    assert failure["type"] == "unsupportedFilter"
    assert failure["description"] == "One text to search for has at most 500 characters."


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: Hello", "Hello"),
        ("RE : Fwd: [list] Re[2]: Hello", "Hello"),
        ("AW: WG: Hallo", "Hallo"),
        ("Re:", "Re:"),
        ("Regarding us", "Regarding us"),
        ("[all] [of] it", "it"),
        ("", ""),
    ],
)
def test_a_subject_is_sorted_without_what_answering_adds(subject: str, base: str) -> None:
    assert base_subject(subject) == base


def test_a_folder_that_counts_its_unread_counts_them_for_the_query_too(world: World) -> None:
    bob = world.person("bob")
    inbox = world.box(Role.INBOX)
    unread = world.receive()
    world.receive(keywords={"$seen"})
    world.receive(role=Role.ARCHIVE)
    nested = {"operator": "AND", "conditions": [{"inMailbox": inbox}, {"notKeyword": "$seen"}]}
    for filter_ in ({"inMailbox": inbox, "notKeyword": "$seen"}, nested):
        for collapse in (False, True):
            answer = world.call(
                bob, "Email/query", filter=filter_, calculateTotal=True, collapseThreads=collapse
            )
            assert (answer["ids"], answer["total"]) == ([unread], 1)


def test_a_filter_as_wide_and_as_deep_as_allowed_is_answered(world: World) -> None:
    bob = world.person("bob")
    email = world.receive()
    wide = {"operator": "OR", "conditions": [{"text": f"w{n}"} for n in range(298)]}
    assert world.query(bob, wide) == []
    deep: Json = {"noneInThreadHaveKeyword": "$flagged", "text": "hello"}
    for n in range(10):
        deep = {"operator": ("NOT", "AND", "OR")[n % 3], "conditions": [deep, deep] if n < 3 else [deep]}
    assert world.query(bob, deep) == [email]
    assert world.fail(bob, "Email/query", filter={"operator": "NOT", "conditions": [deep]}) == (
        "invalidArguments"
    )
