"""The desk follows the mail server, and the server the desk; nobody's mail is lost, doubled or renamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.desk.mail.remote.memory_server import MemoryServer, Moment
from shinbox.errors import RemoteUnreachable
from tests.desk.mail.world import World, message


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def same(world: World) -> bool:
    return world.on_desk() == world.on_server()


# --- following the server -----------------------------------------------------------------------


def test_the_first_sync_publishes_every_folder_with_its_role_and_every_message(world: World) -> None:
    for number in range(250):
        world.deliver(number, "INBOX", *(["\\Seen"] if number % 2 else []))
    world.deliver(900, "Sent", "\\Seen")
    world.sync()
    assert same(world)
    with world.database.read() as tx:
        rows = tx.all("SELECT role, total_emails FROM mailbox WHERE role IS NOT NULL")
    roles = {row["role"]: row["total_emails"] for row in rows}
    assert roles["inbox"] == 250
    assert roles["sent"] == 1
    assert (world.account, "Email") in world.told


def test_a_large_folder_is_read_ahead_and_a_lost_connection_costs_nothing_that_was_published(
    world: World,
) -> None:
    for number in range(1_200):
        world.deliver(number)
    world.server.lose("fetch_summaries", Moment.BEFORE)
    with pytest.raises(RemoteUnreachable):
        world.sync()
    published = world.emails()
    world.sync()
    assert same(world)
    assert len(world.emails()) == 1_200
    assert set(published) <= set(world.emails())


def test_looking_never_marks_anything_as_read(world: World) -> None:
    world.deliver(1)
    world.sync()
    assert all("\\Seen" not in m.flags for m in world.server.boxes["INBOX"].messages.values())


def test_a_second_sync_of_an_unchanged_server_changes_nothing(world: World) -> None:
    world.deliver(1)
    world.sync()
    world.told.clear()
    world.sync()
    assert world.told == set()


def test_a_move_by_another_client_keeps_the_emails_id(world: World) -> None:
    uid = world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    other = world.elsewhere()
    other.select("INBOX")
    other.move([uid], "Archive")
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Archive"}, frozenset())}


def test_a_copy_marked_as_deleted_is_a_move_too(world: World) -> None:
    uid = world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    other = world.elsewhere()
    other.select("INBOX")
    other.copy([uid], "Archive")
    other.store_flags([uid], add=["\\Deleted"])
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Archive"}, frozenset())}
    other.expunge_uids([uid])
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Archive"}, frozenset())}


def test_a_message_marked_as_deleted_is_not_shown_until_the_mark_is_taken_off(world: World) -> None:
    uid = world.deliver(1)
    world.sync()
    other = world.elsewhere()
    other.select("INBOX")
    other.store_flags([uid], add=["\\Deleted"])
    world.sync()
    assert world.emails() == []
    other.store_flags([uid], remove=["\\Deleted"])
    world.sync()
    assert world.on_desk() == [("Inbox", "Invoice 1", ())]


def test_two_messages_with_one_message_id_are_two_emails(world: World) -> None:
    world.deliver(1)
    world.deliver(1, raw=message(1, body="Another text."))
    world.sync()
    assert len(world.emails()) == 2


def test_twins_in_one_folder_stay_two_and_follow_their_moves(world: World) -> None:
    first, second = world.deliver(1), world.deliver(1)
    world.sync()
    before = world.emails()
    assert len(before) == 2
    other = world.elsewhere()
    other.select("INBOX")
    other.move([second], "Archive")
    world.sync()
    assert world.emails() == before
    assert same(world)
    other.select("INBOX")
    other.move([first], "Archive")
    world.sync()
    assert world.emails() == before
    assert same(world)


def test_a_copy_by_another_client_is_an_email_of_its_own(world: World) -> None:
    uid = world.deliver(1)
    world.sync()
    other = world.elsewhere()
    other.select("INBOX")
    other.copy([uid], "Archive")
    world.sync()
    assert len(world.emails()) == 2
    assert same(world)


def test_with_email_ids_a_copy_is_the_same_email_in_two_folders(tmp_path: Path) -> None:
    world = World(tmp_path, MemoryServer(object_ids=True))
    uid = world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    other = world.elsewhere()
    other.select("INBOX")
    other.copy([uid], "Archive")
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Inbox", "Archive"}, frozenset())}


def test_a_rebuilt_folder_keeps_every_id_and_uploads_nothing(world: World) -> None:
    for number in range(5):
        world.deliver(number)
    world.sync()
    before = world.shown()
    world.server.renumber("INBOX")
    world.server.commands.clear()
    world.sync()
    assert world.shown() == before
    assert "append" not in world.server.commands


def test_a_folder_that_comes_back_empty_is_not_believed_at_once(world: World) -> None:
    for number in range(5):
        world.deliver(number)
    world.sync()
    world.server.empty("INBOX")
    world.sync()
    assert len(world.emails()) == 5
    world.time += 61
    world.sync()
    assert world.emails() == []


def test_a_folder_that_is_empty_because_all_was_moved_is_followed_at_once(world: World) -> None:
    uids = [world.deliver(number) for number in range(5)]
    world.sync()
    before = world.emails()
    other = world.elsewhere()
    other.select("INBOX")
    other.move(uids, "Archive")
    world.sync()
    assert world.emails() == before
    assert {folder for folder, _, _ in world.on_desk()} == {"Archive"}


def test_a_message_removed_by_another_client_is_destroyed_here(world: World) -> None:
    uid = world.deliver(1)
    world.deliver(2)
    world.sync()
    other = world.elsewhere()
    other.select("INBOX")
    other.expunge_uids([uid])
    world.sync()
    assert world.on_desk() == [("Inbox", "Invoice 2", ())]


def test_a_renamed_folder_keeps_its_id_and_its_emails(world: World) -> None:
    world.server.add_folder("Projects")
    world.deliver(1, "Projects")
    world.sync()
    box, shown = world.mailbox("Projects"), set(world.emails())
    world.elsewhere().rename_folder("Projects", "Customers")
    world.sync()
    assert world.mailbox("Customers") == box
    assert set(world.emails()) == shown


def test_a_missing_folder_is_believed_gone_at_the_second_look(world: World) -> None:
    world.server.add_folder("Projects")
    world.deliver(1, "Projects")
    world.sync()
    world.elsewhere().delete_folder("Projects")
    world.sync()
    assert len(world.emails()) == 1
    world.time += 61
    world.sync()
    assert world.emails() == []
    with world.database.read() as tx:
        assert tx.value("SELECT 1 FROM mailbox WHERE name = 'Projects'") is None


def test_rights_and_lost_keywords_are_the_servers_word(world: World) -> None:
    world.server.add_folder("Team", rights="lr")
    world.server.add_folder("Fixed", keywords=["$label1"])
    world.sync()
    with world.database.read() as tx:
        rows = {r["name"]: r for r in tx.all("SELECT name, server_rights, server_keywords FROM mailbox")}
    assert rows["Team"]["server_rights"] == "lr"
    assert rows["Fixed"]["server_keywords"] == 0
    assert rows["Inbox"]["server_keywords"] == 1


def test_a_connection_limited_to_a_root_mirrors_only_that_tree_with_its_roles(world: World) -> None:
    world.server.add_folder("shared/sales@team.example")
    world.server.add_folder("shared/sales@team.example/Sent")
    world.deliver(1, "shared/sales@team.example")
    world.deliver(2, "INBOX")
    world.sync("shared/sales@team.example")
    assert [subject for _, subject, _ in world.on_desk()] == ["Invoice 1"]
    with world.database.read() as tx:
        rows = tx.all("SELECT role, name FROM mailbox WHERE role IS NOT NULL")
    roles = {row["role"]: row["name"] for row in rows}
    assert roles["inbox"] == "sales@team.example"
    assert roles["sent"] == "Sent"


def test_folders_of_others_hang_below_their_namespace(world: World) -> None:
    world.server.add_folder("Public/support/Sent")
    world.sync()
    with world.database.read() as tx:
        public = world.mailbox("Public")
        support = tx.one("SELECT id, parent_id FROM mailbox WHERE name = 'support'")
    assert support is not None
    assert support["parent_id"] == public
    world.time += 61
    world.sync()
    assert world.mailbox("Public") == public


# --- telling the server -------------------------------------------------------------------------


def test_flags_moves_drafts_and_removals_reach_the_server(world: World) -> None:
    for number in range(4):
        world.deliver(number)
    world.sync()
    world.set_keywords(world.email("Invoice 0"), "$seen", "$flagged", "urgent")
    world.move(world.email("Invoice 1"), "Archive")
    world.destroy(world.email("Invoice 2"))
    draft = world.add(message(7, "Draft"), "Drafts", "$draft", "$seen")
    world.sync()
    assert same(world)
    assert {status for _, status, _ in world.outcomes()} == {"done"}
    world.sync()
    assert draft in world.emails()
    assert len(world.emails()) == 4


def test_many_moves_are_one_command(world: World) -> None:
    for number in range(40):
        world.deliver(number)
    world.sync()
    for mail in world.emails():
        world.move(mail, "Archive")
    world.server.commands.clear()
    world.sync()
    assert same(world)
    assert world.server.commands.count("move") == 1


def test_a_refusal_takes_the_change_back_and_says_why(world: World) -> None:
    world.server.add_folder("Team", rights="lr")
    world.deliver(1, "Team")
    world.deliver(2, "INBOX")
    world.sync()
    world.set_keywords(world.email("Invoice 1"), "$seen")
    world.move(world.email("Invoice 2"), "Team")
    world.sync()
    assert same(world)
    assert world.on_desk() == [("Inbox", "Invoice 2", ()), ("Team", "Invoice 1", ())]
    assert [(kind, status) for kind, status, _ in world.outcomes()] == [
        ("keywords", "refused"),
        ("move", "refused"),
    ]
    assert all(reason for _, _, reason in world.outcomes())


def test_a_refused_removal_brings_the_message_back(world: World) -> None:
    world.server.add_folder("Team", rights="lrs")
    world.deliver(1, "Team")
    world.sync()
    world.destroy(world.email("Invoice 1"))
    world.sync()
    world.sync()
    assert world.on_desk() == [("Team", "Invoice 1", ())]
    assert world.outcomes()[0][1] == "refused"


def test_somebody_elses_move_stands_over_one_that_was_not_sent_yet(world: World) -> None:
    uid = world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    world.move(mail, "Archive")
    other = world.elsewhere()
    other.select("INBOX")
    other.move([uid], "Trash")
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Trash"}, frozenset())}
    assert same(world)
    assert world.outcomes() == [("move", "refused", "Somebody moved the message to another folder first.")]


def test_a_move_that_was_made_and_undone_over_there_is_not_made_again(world: World) -> None:
    world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    world.move(mail, "Archive")
    world.server.lose("move", Moment.AFTER)
    with pytest.raises(RemoteUnreachable):
        world.sync()
    other = world.elsewhere()
    other.select("Archive")
    other.move(other.uids(), "INBOX")
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Inbox"}, frozenset())}
    assert same(world)


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("uidplus", [True, False])
def test_what_a_lost_connection_cut_off_is_done_once(tmp_path: Path, moment: Moment, uidplus: bool) -> None:
    world = World(tmp_path, MemoryServer(uidplus=uidplus))
    for number in range(4):
        world.deliver(number)
    world.sync()
    ids = {world.email("Invoice 1"), world.email("Invoice 2")}
    world.move(world.email("Invoice 1"), "Archive")
    world.move(world.email("Invoice 2"), "Archive")
    world.destroy(world.email("Invoice 3"))
    draft = world.add(message(7, "Draft"), "Drafts", "$draft")
    for operation in ("move", "append", "expunge_uids", "store_flags"):
        world.server.lose(operation, moment)
    world.sync_through_accidents()
    world.sync_until_quiet()
    assert same(world)
    assert len(world.server.boxes["Drafts"].messages) == 1
    assert ids <= set(world.emails())
    assert draft in world.emails()


def test_a_draft_whose_answer_was_lost_keeps_its_id(world: World) -> None:
    world.sync()
    draft = world.add(message(7, "Draft"), "Drafts", "$draft")
    world.server.lose("append", Moment.AFTER)
    assert world.sync_through_accidents() == 1
    assert world.emails() == [draft]
    assert len(world.server.boxes["Drafts"].messages) == 1


def test_a_draft_that_the_server_refuses_is_kept_here(world: World) -> None:
    world.sync()
    world.server.boxes["Drafts"].rights = frozenset("lr")
    draft = world.add(message(7, "Draft"), "Drafts", "$draft")
    world.sync()
    world.sync_until_quiet()
    assert world.emails() == [draft]
    assert world.outcomes()[0][:2] == ("append", "refused")


def test_folders_are_made_renamed_and_destroyed_over_there(world: World) -> None:
    world.deliver(1)
    world.sync()
    box = world.make_folder("Customers")
    world.make_folder("North", "Customers")
    world.move(world.email("Invoice 1"), "North")
    world.sync()
    assert world.server.boxes["Customers/North"].messages
    world.rename_folder(box, "Clients")
    world.sync()
    assert world.server.boxes["Clients/North"].messages
    assert same(world)
    world.destroy_folder("North")
    world.sync()
    assert "Clients/North" not in world.server.boxes
    assert world.emails() == []


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_folder_that_mail_came_to_since_is_not_destroyed_and_shows_it(world: World, rebuilt: bool) -> None:
    world.server.add_folder("Projects")
    world.deliver(1, "Projects")
    world.sync()
    world.destroy_folder("Projects")
    if rebuilt:
        world.server.renumber("Projects")
    else:
        world.deliver(2, "Projects")
    world.sync()
    assert "Projects" in world.server.boxes
    kind, status, reason = world.outcomes()[-1]
    assert (kind, status) == ("destroyMailbox", "refused")
    assert reason is not None and "There is mail in the folder that came since" in reason
    world.sync()
    assert same(world)
    world.destroy_folder("Projects")
    world.sync()
    assert "Projects" not in world.server.boxes


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
def test_a_folder_made_or_renamed_while_the_connection_was_lost_is_made_once(
    world: World, moment: Moment
) -> None:
    world.sync()
    box = world.make_folder("Customers")
    world.server.lose("create_folder", moment)
    world.sync_through_accidents()
    assert world.mailbox("Customers") == box
    world.rename_folder(box, "Clients")
    world.server.lose("rename_folder", moment)
    world.sync_through_accidents()
    world.sync_until_quiet()
    assert world.mailbox("Clients") == box
    assert "Clients" in world.server.boxes
    assert "Customers" not in world.server.boxes
    assert [outcome[1] for outcome in world.outcomes()] == ["done", "done"]


def test_a_folder_that_the_server_does_not_want_goes_and_its_mail_stays(world: World) -> None:
    world.deliver(1)
    world.sync()
    world.make_folder("a/b")
    world.move(world.email("Invoice 1"), "a/b")
    world.sync()
    assert same(world)
    assert world.on_desk() == [("Inbox", "Invoice 1", ())]
    assert [outcome[1] for outcome in world.outcomes()] == ["refused", "refused"]


def test_the_last_copy_is_not_removed_by_leaving_a_folder(tmp_path: Path) -> None:
    world = World(tmp_path, MemoryServer(object_ids=True))
    uid = world.deliver(1)
    world.sync()
    other = world.elsewhere()
    other.select("INBOX")
    other.copy([uid], "Archive")
    world.sync()
    world.move(world.email("Invoice 1"), "Archive")
    other.select("Archive")
    other.expunge_uids(other.uids())
    world.sync()
    assert world.on_server() == [("Inbox", "Invoice 1", ())]
    assert same(world)
    assert world.outcomes()[0][1] == "refused"


def test_without_uidplus_a_move_leaves_nothing_behind(tmp_path: Path) -> None:
    world = World(tmp_path, MemoryServer(object_ids=True, uidplus=False))
    world.deliver(1)
    world.sync()
    mail = world.email("Invoice 1")
    world.move(mail, "Archive")
    world.sync()
    assert world.shown() == {mail: ("Invoice 1", {"Archive"}, frozenset())}
