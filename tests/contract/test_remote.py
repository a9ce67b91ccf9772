"""What any connection to a mailbox does, whichever server is behind it."""

from __future__ import annotations

import io
import secrets
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shinbox.desk.mail.remote.base import (
    BadName,
    FolderMissing,
    IdleKind,
    MessageMissing,
    MessageTooLarge,
    NamespaceKind,
    NotAllowed,
)
from shinbox.desk.mail.remote.remote import Remote
from shinbox.desk.mail.remote.waker import Waker
from shinbox.errors import RemoteRefused, RemoteUnreachable
from shinbox.terms import Role
from tests.contract.worlds import (
    BARE,
    CONDSTORE_ONLY,
    NO_UIDPLUS,
    DovecotWorld,
    MemoryWorld,
    World,
    closing_world,
)
from tests.servers.mail import MailServers

WORLDS = [
    "memory",
    "memory-bare",
    pytest.param("dovecot", marks=pytest.mark.system),
    pytest.param("dovecot-condstore", marks=pytest.mark.system),
    pytest.param("dovecot-bare", marks=pytest.mark.system),
    pytest.param("dovecot-no-uidplus", marks=pytest.mark.system),
]
IGNORED = {"dovecot-condstore": CONDSTORE_ONLY, "dovecot-bare": BARE, "dovecot-no-uidplus": NO_UIDPLUS}


REMOVING = [name for name in WORLDS if "uidplus" not in str(name)]
TELLING_RIGHTS = [name for name in WORLDS if "dovecot-" not in str(name) or "condstore" in str(name)]


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param.startswith("memory"):
        made: MemoryWorld | DovecotWorld = MemoryWorld(condstore=request.param == "memory")
    else:
        servers: MailServers = request.getfixturevalue("servers")
        made = DovecotWorld(servers, IGNORED.get(request.param, frozenset()))
    with closing_world(made) as opened:
        yield opened


@pytest.fixture
def remote(world: World) -> Remote:
    return world.connect()


def message(subject: str = "Hello", message_id: str | None = None, body: str = "Text\r\n") -> bytes:
    identity = message_id or f"<{secrets.token_hex(8)}@example.org>"
    head = f"From: Ann <ann@example.org>\r\nSubject: {subject}\r\nMessage-ID: {identity}\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}".encode()


def filled(remote: Remote, path: str, count: int) -> list[int]:
    for number in range(count):
        remote.append(path, message(f"Message {number}"))
    remote.select(path)
    return remote.uids()


def removed_by_another(world: World, uids: Sequence[int]) -> None:
    """Another client takes messages out of the inbox."""
    other = world.connect()
    other.create_folder("Elsewhere")
    other.select("INBOX")
    other.move(uids, "Elsewhere")


# --- folders ------------------------------------------------------------------------------------


def test_the_folders_have_roles_and_counters(world: World, remote: Remote) -> None:
    remote.append("INBOX", message())
    remote.append("INBOX", message(), flags=[r"\Seen"])
    folders = {folder.path: folder for folder in remote.folders()}
    roles = {folder.role: folder.path for folder in folders.values() if folder.role is not None}
    assert roles == {
        Role.INBOX: "INBOX", Role.SENT: "Sent", Role.DRAFTS: "Drafts",
        Role.TRASH: "Trash", Role.JUNK: "Junk", Role.ARCHIVE: "Archive",
    }  # fmt: skip
    inbox = folders["INBOX"]
    assert (inbox.messages, inbox.unseen, inbox.uidnext) == (2, 1, 3)
    assert inbox.namespace is NamespaceKind.PERSONAL
    assert (inbox.highestmodseq is not None) is world.tells_modseq


def test_the_owner_has_every_right_on_a_folder(world: World, remote: Remote) -> None:
    inbox = next(folder for folder in remote.folders() if folder.path == "INBOX")
    assert inbox.rights == (frozenset("lrswipkxtea") if world.tells_rights else None)


@pytest.mark.parametrize(
    "name", ["Größe & Co", "日本語", 'a "quoted" \\ name', "007", "NIL", "Trailing ~peter"]
)
def test_a_folder_of_any_name_can_be_made_listed_used_renamed_and_deleted(remote: Remote, name: str) -> None:
    remote.create_folder(name)
    appended = remote.append(name, message())
    assert remote.select(name).exists == 1
    assert remote.status(name).messages == 1
    remote.rename_folder(name, name + " 2")
    paths = {folder.path for folder in remote.folders()}
    assert name + " 2" in paths and name not in paths
    remote.delete_folder(name + " 2")
    assert name + " 2" not in {folder.path for folder in remote.folders()}
    assert appended is None or appended.uid == 1


def test_a_folder_moves_with_what_is_below_it(remote: Remote) -> None:
    for path in ("Clients", "Clients/North", "Clients/North/Old"):
        remote.create_folder(path)
    remote.append("Clients/North", message())
    remote.rename_folder("Clients/North", "Clients/South")
    paths = {folder.path for folder in remote.folders()}
    assert {"Clients/South", "Clients/South/Old"} <= paths
    assert "Clients/North" not in paths and "Clients/North/Old" not in paths
    assert remote.status("Clients/South").messages == 1


def test_making_a_folder_that_is_there_is_refused(remote: Remote) -> None:
    remote.create_folder("Twice")
    with pytest.raises(RemoteRefused) as refusal:
        remote.create_folder("Twice")
    assert refusal.value.extra["code"] == "ALREADYEXISTS"


@pytest.mark.parametrize("operation", ["rename", "delete"])
def test_the_inbox_stays(remote: Remote, operation: str) -> None:
    with pytest.raises(NotAllowed):
        remote.rename_folder("INBOX", "Other") if operation == "rename" else remote.delete_folder("INBOX")
    assert remote.select("INBOX").path == "INBOX"


@pytest.mark.parametrize("name", ["a\r\nb", "a\nDELETE INBOX", "nul\0", "bell\a"])
def test_a_folder_name_with_a_control_character_reaches_no_server(remote: Remote, name: str) -> None:
    with pytest.raises(BadName):
        remote.create_folder(name)
    remote.noop()
    assert not any(folder.path.startswith(name[0] + name[1]) for folder in remote.folders())


def test_a_folder_that_is_not_there_is_missing(remote: Remote) -> None:
    with pytest.raises(FolderMissing):
        remote.select("Nowhere")
    with pytest.raises(FolderMissing):
        remote.status("Nowhere")
    assert remote.selected is None


def test_a_failed_select_leaves_no_folder_selected(remote: Remote) -> None:
    remote.select("INBOX")
    with pytest.raises(FolderMissing):
        remote.select("Nowhere")
    with pytest.raises(RuntimeError):
        remote.uids()


# --- reading ------------------------------------------------------------------------------------


def test_a_summary_says_what_the_message_is_without_its_body(world: World, remote: Remote) -> None:
    when = datetime(2024, 2, 29, 13, 14, 15, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    raw = message("Grüße", "<one@example.org>", "Größer\r\nzwei\r\n")
    remote.append("INBOX", raw, flags=[r"\Flagged", "$Waiting"], internaldate=when)
    remote.select("INBOX")
    [[summary]] = remote.fetch_summaries(remote.uids())
    assert summary.flags == {r"\Flagged", "$Waiting"}
    assert summary.internaldate == when and summary.internaldate.tzinfo is not None
    assert summary.size == len(raw)
    assert summary.header == raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert summary.bodystructure is not None
    kind, subtype, params, _, _, _, octets, lines = summary.bodystructure[:8]
    assert isinstance(kind, bytes) and isinstance(subtype, bytes)
    assert (kind.lower(), subtype.lower(), params) == (b"text", b"plain", [b"charset", b"utf-8"])
    assert (octets, lines) == (len("Größer\r\nzwei\r\n".encode()), 2)
    assert (summary.modseq is not None) is world.tells_modseq


def test_the_parts_of_a_message_are_in_its_summary(remote: Remote) -> None:
    raw = (
        b"Subject: two parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n"
        b"--bb\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
        b'--bb\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="a (1).pdf"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--bb--\r\n"
    )
    remote.append("INBOX", raw)
    remote.select("INBOX")
    [[summary]] = remote.fetch_summaries(remote.uids())
    assert summary.bodystructure is not None
    text, pdf, subtype = summary.bodystructure[:3]
    assert isinstance(text, list) and isinstance(pdf, list) and isinstance(subtype, bytes)
    assert subtype.lower() == b"mixed"
    assert [b"attachment", [b"filename", b"a (1).pdf"]] in pdf


def test_summaries_come_newest_first_in_chunks(remote: Remote) -> None:
    uids = filled(remote, "INBOX", 7)
    chunks = list(remote.fetch_summaries(uids, chunk=3))
    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    assert [summary.uid for chunk in chunks for summary in chunk] == sorted(uids, reverse=True)


def test_a_message_that_is_gone_is_left_out_of_the_summaries(remote: Remote) -> None:
    uids = filled(remote, "INBOX", 2)
    assert [s.uid for chunk in remote.fetch_summaries([*uids, 4000]) for s in chunk] == sorted(
        uids, reverse=True
    )
    assert list(remote.fetch_summaries([4000, 4001])) == []


@pytest.mark.parametrize("world", REMOVING, indirect=True)
def test_a_message_that_another_client_removes_while_we_read_is_left_out(
    world: World, remote: Remote
) -> None:
    uids = filled(remote, "INBOX", 3)
    removed_by_another(world, [uids[1]])
    # Our session has not been told: a server may answer from what it remembers, with nothing in it.
    summaries = [summary for chunk in remote.fetch_summaries(uids, chunk=2) for summary in chunk]
    assert [(summary.uid, bool(summary.header)) for summary in summaries] == [
        (uids[2], True),
        (uids[0], True),
    ]
    with pytest.raises(MessageMissing):
        remote.fetch_raw(uids[1])


def test_a_message_without_any_header_is_listed(remote: Remote) -> None:
    remote.append("INBOX", b"\r\nText alone\r\n")
    remote.select("INBOX")
    [uid] = remote.uids()
    assert [summary.uid for chunk in remote.fetch_summaries([uid]) for summary in chunk] == [uid]


def test_the_first_octets_of_messages_come_without_the_rest(remote: Remote) -> None:
    raws = [message(body="x" * 5000), message(body="short")]
    for raw in raws:
        remote.append("INBOX", raw)
    remote.select("INBOX")
    long, short = remote.uids()
    assert remote.fetch_starts([long, short, 4000], 1000) == {long: raws[0][:1000], short: raws[1]}
    assert remote.fetch_starts([4000], 1000) == {}


@pytest.mark.parametrize("world", REMOVING, indirect=True)
def test_a_message_that_another_client_removes_has_no_first_octets(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 2)
    removed_by_another(world, [uids[1]])
    assert list(remote.fetch_starts(uids, 1000)) == [uids[0]]


@pytest.mark.parametrize("world", REMOVING, indirect=True)
def test_first_octets_come_of_every_message_that_is_there_however_many_asked_for_are_not(
    world: World, remote: Remote
) -> None:
    uids = filled(remote, "INBOX", 5)
    removed_by_another(world, uids[1::2])
    remote.append("INBOX", b"\r\n")
    asked = range(1, uids[-1] + 10)
    found = remote.fetch_starts(asked, 1000)
    remote.select("INBOX")
    assert set(uids[::2]) <= set(found) <= set(remote.uids())


def test_reading_in_any_way_never_marks_as_seen(remote: Remote) -> None:
    [uid] = filled(remote, "INBOX", 1)
    list(remote.fetch_summaries([uid]))
    remote.fetch_starts([uid], 100)
    remote.fetch_raw(uid)
    remote.find_by_message_id("INBOX", "<nothing@example.org>")
    assert [row.flags for row in remote.fetch_flags()] == [frozenset()]


def test_a_raw_message_comes_back_octet_for_octet(remote: Remote) -> None:
    raw = message(body="".join(f"line {n} \u00e9\r\n" for n in range(40_000)) + "no line end")
    remote.append("INBOX", raw)
    remote.select("INBOX")
    [uid] = remote.uids()
    sink = io.BytesIO()
    assert remote.fetch_raw(uid) == raw
    assert remote.fetch_raw_into(uid, sink) == len(raw)
    assert sink.getvalue() == raw


def test_a_message_larger_than_asked_for_is_not_fetched(remote: Remote) -> None:
    remote.append("INBOX", message(body="x" * 5000))
    remote.select("INBOX")
    [uid] = remote.uids()
    with pytest.raises(MessageTooLarge):
        remote.fetch_raw(uid, max_size=4000)
    assert len(remote.fetch_raw(uid, max_size=6000)) > 5000


def test_a_message_that_is_not_there_is_missing(remote: Remote) -> None:
    remote.select("INBOX")
    with pytest.raises(MessageMissing):
        remote.fetch_raw(77)


def test_a_message_is_found_by_exactly_its_message_id(remote: Remote) -> None:
    for identity in ("<a1@example.org>", "<a1@example.org.evil>", "<xa1@example.org>", "<a1@example.org>"):
        remote.append("Sent", message(message_id=identity))
    assert remote.find_by_message_id("Sent", "<a1@example.org>") == [1, 4]
    assert remote.find_by_message_id("Sent", "<a1@example.org>", since_uid=2) == [4]
    assert remote.find_by_message_id("Sent", "<a1@example.org>", since_uid=5) == []
    assert remote.find_by_message_id("Sent", "<b@example.org>") == []


def test_a_search_with_a_line_break_reaches_no_server(remote: Remote) -> None:
    with pytest.raises(BadName):
        remote.find_by_message_id("INBOX", "<a@b>\r\nx LOGOUT")


# --- changes ------------------------------------------------------------------------------------


def test_the_first_comparison_lists_every_message(remote: Remote) -> None:
    uids = filled(remote, "INBOX", 3)
    changes = remote.changes_since(None, [])
    assert changes.complete
    assert [row.uid for row in changes.flags] == uids
    assert changes.vanished == []


def test_nothing_changed_is_told_as_nothing(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 3)
    first = remote.changes_since(None, uids)
    again = remote.changes_since(first.highestmodseq, uids)
    assert again.vanished == []
    assert list(again.flags) == ([] if world.tells_modseq else list(first.flags))
    assert again.complete is not world.tells_modseq


def test_what_another_client_did_is_told(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 6)
    before = {row.uid: row.flags for row in remote.fetch_flags()}
    base = remote.changes_since(None, uids)
    other = world.connect()
    other.select("INBOX")
    other.store_flags([uids[0]], add=[r"\Seen", "$Waiting"])
    other.move([uids[1], uids[4]], "Archive")
    other.append("INBOX", message("New"))
    changes = remote.changes_since(base.highestmodseq, uids)
    now = before | {row.uid: row.flags for row in changes.flags}
    marked = set() if world.removes_singly else {uids[1], uids[4]}
    assert set(changes.vanished) == {uids[1], uids[4]} - marked
    assert now[uids[0]] == {r"\Seen", "$Waiting"}
    assert {row.uid for row in changes.flags} - set(uids) == {uids[-1] + 1}
    assert all(now[uid] == {r"\Deleted"} for uid in marked)
    assert changes.folder.exists == 7 - 2 + len(marked)


def test_changes_are_told_again_until_they_are_remembered(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 2)
    base = remote.changes_since(None, uids)
    remote.store_flags([uids[0]], add=[r"\Flagged"])
    once = remote.changes_since(base.highestmodseq, uids)
    again = remote.changes_since(base.highestmodseq, uids)
    assert {row.uid: row.flags for row in once.flags}[uids[0]] == {r"\Flagged"}
    assert list(once.flags) == list(again.flags)


@pytest.mark.parametrize("world", REMOVING, indirect=True)
def test_an_emptied_folder_says_that_all_are_gone(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 3)
    base = remote.changes_since(None, uids)
    remote.expunge_uids(uids)
    changes = remote.changes_since(base.highestmodseq, uids)
    assert (list(changes.flags), list(changes.vanished)) == ([], uids)


@pytest.mark.parametrize("world", REMOVING, indirect=True)
def test_messages_that_the_desk_never_knew_do_not_vanish(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 4)
    base = remote.changes_since(None, uids[:2])
    remote.expunge_uids([uids[1], uids[3]])
    assert list(remote.changes_since(base.highestmodseq, uids[:2]).vanished) == [uids[1]]


# --- flags --------------------------------------------------------------------------------------


def test_storing_flags_returns_what_the_server_now_has(remote: Remote) -> None:
    uids = filled(remote, "INBOX", 3)
    remote.store_flags(uids, add=[r"\Seen", "old"])
    after = remote.store_flags(uids[:2], add=[r"\flagged", "$Waiting"], remove=[r"\Seen", "old"])
    assert {uid: row.flags for uid, row in after.items()} == {
        uid: {r"\Flagged", "$Waiting"} for uid in uids[:2]
    }
    assert [row.flags for row in remote.fetch_flags(uids[2:])] == [{r"\Seen", "old"}]


def test_a_flag_change_raises_the_modseq(world: World, remote: Remote) -> None:
    [uid] = filled(remote, "INBOX", 1)
    before = remote.fetch_flags([uid])[0].modseq
    after = remote.store_flags([uid], add=[r"\Seen"])[uid].modseq
    if world.tells_modseq:
        assert before is not None and after is not None and after > before
    else:
        assert before is None and after is None


def test_a_message_that_is_gone_is_missing_from_the_answer(remote: Remote) -> None:
    [uid] = filled(remote, "INBOX", 1)
    assert set(remote.store_flags([uid, 999], add=[r"\Seen"])) == {uid}


@pytest.mark.parametrize("flag", ["two words", "a)b", "x\r\ny", "", "größe", "a%b", 'q"'])
def test_what_cannot_be_a_flag_is_refused_before_it_is_sent(remote: Remote, flag: str) -> None:
    [uid] = filled(remote, "INBOX", 1)
    with pytest.raises(BadName):
        remote.store_flags([uid], add=[flag])
    assert remote.fetch_flags([uid])[0].flags == frozenset()


def test_for_a_reader_nothing_changes_and_the_answer_says_so(world: World, remote: Remote) -> None:
    remote.create_folder("Team")
    remote.append("Team", message(), flags=[r"\Flagged"])
    guest, path = world.connect_as_guest("Team", "lr")
    folder = guest.select(path)
    assert folder.read_only and folder.permanentflags == frozenset()
    assert folder.rights == (frozenset("lr") if world.tells_rights else None)
    after = guest.store_flags(guest.uids(), add=[r"\Seen", "$Waiting"], remove=[r"\Flagged"])
    assert [row.flags for row in after.values()] == [{r"\Flagged"}]


def test_only_the_flags_that_a_guest_may_set_are_set(world: World, remote: Remote) -> None:
    remote.create_folder("Team")
    remote.append("Team", message())
    guest, path = world.connect_as_guest("Team", "lrs")
    folder = guest.select(path)
    assert folder.keeps(r"\Seen") and not folder.keeps(r"\Flagged") and not folder.keeps("$Waiting")
    after = guest.store_flags(guest.uids(), add=[r"\Seen", r"\Flagged", "$Waiting"])
    assert [row.flags for row in after.values()] == [{r"\Seen"}]


# --- moving, copying, adding, removing ----------------------------------------------------------


def test_a_move_says_where_each_message_lies_now(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 4)
    remote.store_flags([uids[2]], add=["$Waiting"])
    headers = {s.uid: s.header for chunk in remote.fetch_summaries(uids) for s in chunk}
    moved = remote.move([uids[2], uids[0]], "Archive")
    assert set(moved.uids) == {uids[0], uids[2]}
    left = {row.uid for row in remote.fetch_flags() if r"\Deleted" not in row.flags}
    assert left == {uids[1], uids[3]}
    archive = remote.select("Archive")
    assert moved.uidvalidity == archive.uidvalidity
    there = {s.uid: s for chunk in remote.fetch_summaries(moved.uids.values()) for s in chunk}
    assert {old: there[new].header for old, new in moved.uids.items()} == {u: headers[u] for u in moved.uids}
    assert there[moved.uids[uids[2]]].flags == {"$Waiting"}


def test_moving_what_is_gone_moves_nothing(remote: Remote) -> None:
    [uid] = filled(remote, "INBOX", 1)
    assert remote.move([555], "Archive").uids == {}
    assert remote.uids() == [uid]


def test_a_move_to_a_folder_that_is_not_there_is_refused_and_leaves_the_message(remote: Remote) -> None:
    [uid] = filled(remote, "INBOX", 1)
    with pytest.raises(FolderMissing):
        remote.move([uid], "Nowhere")
    assert [row.flags for row in remote.fetch_flags([uid])] == [frozenset()]


@pytest.mark.parametrize("world", TELLING_RIGHTS, indirect=True)
def test_a_guest_without_the_right_to_remove_moves_nothing_and_copies_nothing(
    world: World, remote: Remote
) -> None:
    remote.create_folder("Team")
    remote.append("Team", message())
    guest, path = world.connect_as_guest("Team", "lrsw")
    guest.select(path)
    with pytest.raises(NotAllowed):
        guest.move(guest.uids(), "Archive")
    with pytest.raises(NotAllowed):
        guest.expunge_uids(guest.uids())
    assert [row.flags for row in guest.fetch_flags()] == [frozenset()]


def test_a_copy_leaves_the_original(remote: Remote) -> None:
    [uid] = filled(remote, "INBOX", 1)
    copied = remote.copy([uid], "Archive")
    assert list(copied.uids) == [uid]
    assert [row.flags for row in remote.fetch_flags([uid])] == [frozenset()]
    remote.select("Archive")
    assert remote.uids() == list(copied.uids.values())


def test_adding_says_where_the_message_lies(remote: Remote) -> None:
    first = remote.append("Sent", message(), flags=[r"\Seen"])
    second = remote.append("Sent", message())
    folder = remote.select("Sent")
    assert first is not None and second is not None
    assert (first.uidvalidity, first.uid, second.uid) == (folder.uidvalidity, 1, 2)
    assert [row.flags for row in remote.fetch_flags()] == [{r"\Seen"}, frozenset()]


def test_adding_to_a_folder_that_is_not_there_is_refused_and_the_connection_lives(remote: Remote) -> None:
    with pytest.raises(FolderMissing):
        remote.append("Nowhere", message())
    remote.noop()
    assert remote.select("INBOX").exists == 0


def test_adding_where_a_guest_may_not_is_refused(world: World, remote: Remote) -> None:
    remote.create_folder("Team")
    guest, path = world.connect_as_guest("Team", "lrsw")
    with pytest.raises(NotAllowed):
        guest.append(path, message())
    assert remote.status("Team").messages == 0


def test_a_date_without_a_zone_is_a_mistake_of_the_caller(world: World, remote: Remote) -> None:
    with pytest.raises(ValueError, match="aware"):
        remote.append("INBOX", message(), internaldate=datetime(2024, 1, 1))
    remote.append("INBOX", message(), internaldate=datetime(2024, 1, 1, tzinfo=UTC))


def test_removing_takes_exactly_the_named_messages(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 4)
    remote.store_flags([uids[3]], add=[r"\Deleted"])
    if not world.removes_singly:
        with pytest.raises(NotAllowed):
            remote.expunge_uids(uids[:2])
        assert remote.uids() == uids
        return
    assert remote.expunge_uids(uids[:2]) == uids[:2]
    # Another client's mark is not ours to carry out.
    assert remote.uids() == uids[2:]


def test_thousands_of_messages_with_gaps_fit_into_commands(remote: Remote) -> None:
    uids = filled(remote, "INBOX", 3)
    scattered = [*uids, *range(10_001, 90_001, 2)]
    assert set(remote.store_flags(scattered, add=[r"\Seen"])) == set(uids)
    assert [row.uid for row in remote.fetch_flags(scattered)] == uids


# --- the connection -----------------------------------------------------------------------------


def test_a_wait_ends_when_another_client_adds_a_message(world: World, remote: Remote) -> None:
    uids = filled(remote, "INBOX", 1)
    other, stop = world.connect(), Waker()
    other.append("INBOX", message())
    events = remote.idle(stop, timeout=30)
    assert IdleKind.EXISTS in {event.kind for event in events}
    assert {row.uid for row in remote.changes_since(None, uids).flags} > set(uids)
    stop.close()


def test_a_wait_ends_at_once_when_it_is_stopped(remote: Remote) -> None:
    remote.select("INBOX")
    stop = Waker()
    timer = threading.Timer(0.05, stop.set)
    timer.start()
    started = datetime.now(UTC)
    assert remote.idle(stop, timeout=600) == []
    assert datetime.now(UTC) - started < timedelta(seconds=100)
    timer.join()
    stop.clear()
    assert remote.idle(stop, timeout=0.01) == []
    remote.noop()
    stop.close()


def test_a_connection_that_the_server_ended_is_lost_and_stays_lost(world: World, remote: Remote) -> None:
    remote.select("INBOX")
    stop = Waker()
    world.cut(remote)
    for _ in range(2):
        with pytest.raises(RemoteUnreachable):
            remote.idle(stop, timeout=30)
    with pytest.raises(RemoteUnreachable):
        remote.noop()
    remote.close()
    stop.close()


def test_another_thread_may_cut_but_not_use_a_connection(world: World, remote: Remote) -> None:
    remote.select("INBOX")
    raised: list[type[BaseException]] = []

    def meddle() -> None:
        try:
            remote.noop()
        except RuntimeError as error:
            raised.append(type(error))
        remote.abort()

    thread = threading.Thread(target=meddle)
    thread.start()
    thread.join()
    assert raised == [RuntimeError]
    with pytest.raises(RemoteUnreachable):
        remote.noop()


def test_closing_twice_is_no_error_and_a_closed_connection_is_no_connection(remote: Remote) -> None:
    remote.close()
    remote.close()
    with pytest.raises(RemoteUnreachable):
        remote.noop()
