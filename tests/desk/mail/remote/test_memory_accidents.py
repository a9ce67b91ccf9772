"""The server in memory has the accidents that a real one has, when a test asks for them."""

from __future__ import annotations

import pytest

from shinbox.desk.mail.remote.base import NamespaceKind, NotAllowed, UidValidityChanged
from shinbox.desk.mail.remote.memory import MemoryRemote
from shinbox.desk.mail.remote.memory_server import MemoryServer, Moment
from shinbox.desk.mail.remote.remote import Remote
from shinbox.errors import RemoteUnreachable
from shinbox.terms import Role

RAW = b"Message-ID: <1@example.org>\nSubject: x\n\nbody\n"


def four_messages() -> tuple[MemoryServer, Remote]:
    server = MemoryServer()
    for _ in range(4):
        server.deliver("INBOX", RAW)
    remote = MemoryRemote(server)
    remote.select("INBOX")
    return server, remote


@pytest.mark.parametrize(
    ("moment", "left", "moved"),
    [(Moment.BEFORE, 4, 0), (Moment.HALFWAY, 2, 2), (Moment.AFTER, 0, 4)],
)
def test_a_move_may_have_happened_in_part_when_the_connection_is_lost(
    moment: Moment, left: int, moved: int
) -> None:
    server, remote = four_messages()
    server.lose("move", moment)
    with pytest.raises(RemoteUnreachable):
        remote.move([1, 2, 3, 4], "Archive")
    assert (len(server.box("INBOX").messages), len(server.box("Archive").messages)) == (left, moved)
    with pytest.raises(RemoteUnreachable):
        remote.noop()
    again = MemoryRemote(server)
    assert again.select("Archive").exists == moved


@pytest.mark.parametrize(("moment", "there"), [(Moment.BEFORE, 0), (Moment.AFTER, 1)])
def test_an_append_may_have_happened_when_the_connection_is_lost(moment: Moment, there: int) -> None:
    server, remote = four_messages()
    server.lose("append", moment)
    with pytest.raises(RemoteUnreachable):
        remote.append("Sent", RAW)
    found = MemoryRemote(server).find_by_message_id("Sent", "<1@example.org>")
    assert len(found) == there


def test_flags_may_be_set_on_half_of_the_messages() -> None:
    server, remote = four_messages()
    server.lose("store_flags", Moment.HALFWAY)
    with pytest.raises(RemoteUnreachable):
        remote.store_flags([1, 2, 3, 4], add=[r"\Seen"])
    assert [bool(stored.flags) for stored in server.box("INBOX").messages.values()] == [
        True,
        True,
        False,
        False,
    ]


def test_an_accident_happens_once_and_only_to_its_operation() -> None:
    server, remote = four_messages()
    server.lose("append", Moment.AFTER)
    remote.store_flags([1], add=[r"\Seen"])
    with pytest.raises(RemoteUnreachable):
        remote.append("Sent", RAW)
    MemoryRemote(server).append("Sent", RAW)
    assert len(server.box("Sent").messages) == 2


def test_a_rebuilt_folder_is_noticed_with_its_new_number() -> None:
    server, remote = four_messages()
    before = remote.selected
    server.box("INBOX").take(1)
    server.renumber("INBOX")
    with pytest.raises(UidValidityChanged):
        remote.changes_since(1, [1, 2, 3, 4])
    after = remote.select("INBOX")
    assert before is not None and after.uidvalidity > before.uidvalidity
    assert remote.uids() == [1, 2, 3]


def test_a_session_whose_folder_was_rebuilt_is_ended_before_it_changes_the_wrong_message() -> None:
    server, remote = four_messages()
    server.renumber("INBOX")
    with pytest.raises(RemoteUnreachable):
        remote.store_flags([1], add=[r"\Seen"])
    assert all(not stored.flags for stored in server.box("INBOX").messages.values())


def test_an_emptied_folder_keeps_its_number() -> None:
    server, remote = four_messages()
    before = remote.selected
    server.empty("INBOX")
    changes = remote.changes_since(5, [1, 2, 3, 4])
    assert before is not None and changes.folder.uidvalidity == before.uidvalidity
    assert (changes.folder.exists, list(changes.vanished)) == (0, [1, 2, 3, 4])


def test_a_server_that_is_away_takes_no_connection() -> None:
    server, remote = four_messages()
    server.reachable = False
    with pytest.raises(RemoteUnreachable):
        remote.noop()
    with pytest.raises(RemoteUnreachable):
        MemoryRemote(server)
    server.reachable = True
    assert MemoryRemote(server).select("INBOX").exists == 4


def test_folders_of_others_have_their_own_roles_and_rights() -> None:
    server = MemoryServer()
    server.add_folder("shared/support@example.org", rights="lr")
    server.add_folder("shared/support@example.org/Sent", rights="lrswi")
    server.add_folder("Public/news", rights="lrs", keywords=["$Label1"])
    folders = {folder.path: folder for folder in MemoryRemote(server).folders()}
    sent = folders["shared/support@example.org/Sent"]
    assert (sent.role, sent.namespace, sent.root) == (
        Role.SENT,
        NamespaceKind.OTHER,
        "shared/support@example.org",
    )
    assert folders["Public/news"].namespace is NamespaceKind.SHARED
    assert folders["Sent"].role is Role.SENT


def test_a_folder_that_keeps_only_some_keywords_says_so_and_does_so() -> None:
    server = MemoryServer()
    server.add_folder("Few", keywords=["$Label1"])
    server.deliver("Few", RAW)
    remote = MemoryRemote(server)
    assert not remote.select("Few").keeps("$Label2")
    assert remote.store_flags([1], add=["$Label1", "$Label2", r"\Flagged"])[1].flags == {
        "$Label1",
        r"\Flagged",
    }


def test_what_may_not_be_removed_stays_and_is_not_copied_either() -> None:
    server, remote = four_messages()
    server.box("INBOX").rights = frozenset("lrswi")
    remote.select("INBOX")
    with pytest.raises(NotAllowed):
        remote.move([1], "Archive")
    assert (len(server.box("INBOX").messages), len(server.box("Archive").messages)) == (4, 0)


def test_an_email_keeps_its_id_where_the_server_has_ids() -> None:
    server = MemoryServer(object_ids=True)
    server.deliver("INBOX", RAW)
    server.deliver("INBOX", RAW)
    remote = MemoryRemote(server)
    remote.select("INBOX")
    [[second, first]] = remote.fetch_summaries([1, 2])
    moved = remote.move([1], "Archive")
    remote.select("Archive")
    [[there]] = remote.fetch_summaries(moved.uids.values())
    assert there.email_id == first.email_id is not None
    assert first.email_id != second.email_id
