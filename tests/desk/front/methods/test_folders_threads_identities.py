"""Mailbox, Thread and Identity beyond the standard methods (RFC 8621 §2, §3, §6)."""

from __future__ import annotations

import pytest

from shinbox.desk.store import base, ids, intents, mailboxes
from shinbox.terms import Level, Right, Role, Send
from tests.desk.front.methods.test_emails_set import make_imap
from tests.desk.front.methods.world import Json, World


def folder(world: World, name: str, parent: str | None = None, **more: object) -> str:
    bob = world.person(f"maker {len(world.audit())} of {name}")
    return str(world.create(bob, "Mailbox", {"name": name, "parentId": parent, **more})["id"])


# --- folders --------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", list(Level))
def test_my_rights_lists_every_right_as_it_is(world: World, level: Level) -> None:
    bob = world.person("bob", level, Send.SEND_AS)
    rights = world.get(bob, "Mailbox", world.box(Role.INBOX), "myRights")["myRights"]
    assert rights.keys() == {str(right) for right in Right}
    assert rights["mayReadItems"] and rights["maySubmit"]
    assert rights["maySetSeen"] is (level is not Level.READ)
    assert rights["mayAdmin"] is (level is Level.MANAGE)


def test_a_folder_never_lies_in_itself(world: World) -> None:
    bob = world.person("bob")
    outer = folder(world, "Outer")
    inner = folder(world, "Inner", outer)
    for parent in (outer, inner):
        failure = world.update(bob, "Mailbox", outer, {"parentId": parent})
        assert failure is not None
        assert (failure["type"], failure["properties"]) == ("invalidProperties", ["parentId"])


def test_a_name_is_taken_only_beside_its_like(world: World) -> None:
    bob = world.person("bob")
    outer = folder(world, "Outer")
    folder(world, "Same", outer)
    same = folder(world, "Same")
    failure = world.update(bob, "Mailbox", same, {"parentId": outer})
    assert failure is not None
    assert failure["type"] == "alreadyExists"


@pytest.mark.parametrize("name", ["a/b", "/", "..", ".", " .. ", "../a"])
def test_what_would_be_a_path_is_no_name(world: World, name: str) -> None:
    bob = world.person("bob")
    made = world.call(bob, "Mailbox/set", create={"k": {"name": name}})["notCreated"]["k"]
    renamed = world.update(bob, "Mailbox", folder(world, "Plain"), {"name": name})
    for failure in (made, renamed):
        assert failure is not None
        assert (failure["type"], failure["properties"]) == ("invalidProperties", ["name"])
        assert "name that one as its parent" in failure["description"]


@pytest.mark.parametrize(
    ("paths", "free", "taken"),
    [
        ({"Plain": "Plain"}, "2026.a", "2026/a"),
        ({"A/B": "A/B"}, "2026/a", ".."),
        ({"Plain": "INBOX.Plain", "A/B": "INBOX.A/B"}, "2026/a", "2026.a"),
        ({"Plain": "Team/Plain", "2026.a": "Team/2026.a", "a": "2026.a"}, "2027.a", "2027/a"),
    ],
)
def test_what_parts_the_mail_servers_paths_is_in_no_name(
    world: World, paths: dict[str, str], free: str, taken: str
) -> None:
    bob = world.person("bob")
    with world.database.write() as tx:
        for name, path in paths.items():
            row = mailboxes.create(tx, world.account, name)
            base.add_folder(tx, world.account, row, path)
    renamed = ids.to_id("Mailbox", row)
    failure = world.update(bob, "Mailbox", renamed, {"name": taken})
    assert failure is not None and failure["properties"] == ["name"]
    assert world.update(bob, "Mailbox", renamed, {"name": free}) is None


def test_a_name_is_kept_in_one_form_of_unicode(world: World) -> None:
    bob = world.person("bob")
    made = world.create(bob, "Mailbox", {"name": "Gru\u0308n"})
    assert world.get(bob, "Mailbox", made["id"], "name")["name"] == "Grün"
    assert made["name"] == "Grün"
    renamed = world.call(bob, "Mailbox/set", update={made["id"]: {"name": "Bla\u0308u"}})
    assert renamed["updated"] == {made["id"]: {"name": "Bläu"}}


def test_a_folder_with_folders_stays_whatever_happens_to_its_mail(world: World) -> None:
    bob = world.person("bob")
    outer = folder(world, "Outer")
    folder(world, "Inner", outer)
    answer = world.call(bob, "Mailbox/set", destroy=[outer], onDestroyRemoveEmails=True)
    assert answer["notDestroyed"][outer]["type"] == "mailboxHasChild"


def test_folders_go_together_in_whatever_order_they_are_named(world: World) -> None:
    """RFC 8620 §5.3: what counts is the state after the whole call."""
    bob = world.person("bob")
    outer = folder(world, "Outer")
    middle = folder(world, "Middle", outer)
    inner = folder(world, "Inner", middle)
    answer = world.call(bob, "Mailbox/set", destroy=[outer, middle, inner])
    assert sorted(answer["destroyed"]) == sorted([outer, middle, inner])
    assert answer["notDestroyed"] is None


def test_a_folder_stays_when_one_inside_it_is_not_named(world: World) -> None:
    bob = world.person("bob")
    outer = folder(world, "Outer")
    first, second = folder(world, "First", outer), folder(world, "Second", outer)
    answer = world.call(bob, "Mailbox/set", destroy=[outer, first])
    assert answer["destroyed"] == [first]
    assert answer["notDestroyed"][outer]["type"] == "mailboxHasChild"
    assert world.get(bob, "Mailbox", second, "parentId")["parentId"] == outer


def test_a_name_and_a_role_can_be_handed_on_in_one_call(world: World) -> None:
    bob = world.person("bob")
    old, new = folder(world, "2025"), folder(world, "2026")
    archive = world.box(Role.ARCHIVE)
    patches = {
        new: {"name": "2025", "role": "archive"},
        old: {"name": "2024"},
        archive: {"role": None},
    }
    answer = world.call(bob, "Mailbox/set", update=patches)
    assert answer["notUpdated"] is None and answer["updated"].keys() == patches.keys()
    assert world.get(bob, "Mailbox", new, "name", "role") == {"id": new, "name": "2025", "role": "archive"}


def test_folders_that_stay_in_each_others_way_are_both_told(world: World) -> None:
    bob = world.person("bob")
    one, two, other = folder(world, "One"), folder(world, "Two"), folder(world, "Other")
    patches = {one: {"name": "Two"}, two: {"name": "One"}, other: {"name": "New"}}
    answer = world.call(bob, "Mailbox/set", update=patches)
    assert answer["updated"] == {other: None}
    assert {failure["type"] for failure in answer["notUpdated"].values()} == {"alreadyExists"}


def test_a_folder_goes_with_its_mail_only_when_told_so(world: World) -> None:
    make_imap(world)
    bob = world.person("bob")
    case = folder(world, "Case")
    row = int(case[1:])
    alone = world.receive(boxes={row})
    shared = world.receive(boxes={row, world.folders[Role.INBOX]})
    kept = world.call(bob, "Mailbox/set", destroy=[case])
    assert kept["notDestroyed"][case]["type"] == "mailboxHasEmail"
    gone = world.call(bob, "Mailbox/set", destroy=[case], onDestroyRemoveEmails=True)
    assert gone["destroyed"] == [case]
    assert world.query(bob) == [shared]
    assert world.call(bob, "Email/get", ids=[alone])["notFound"] == [alone]
    with world.database.read() as tx:
        assert [row["kind"] for row in intents.pending(tx, world.account)] == [
            "createMailbox",
            "destroyMailbox",
        ]


def test_who_may_not_remove_mail_destroys_no_folder_that_holds_some(world: World) -> None:
    careful = world.person("cara", None)
    with world.database.write() as tx:
        tx.run(
            'INSERT INTO "grant" (account_id, user_id, level, without_rights, created_at)'
            " VALUES (?, ?, 'write', '[\"mayRemoveItems\"]', '2026-01-01T00:00:00Z')",
            (world.account, careful.user_id),
        )
    case = folder(world, "Case")
    email = world.receive(boxes={int(case[1:])})
    answer = world.call(careful, "Mailbox/set", destroy=[case], onDestroyRemoveEmails=True)
    assert answer["notDestroyed"][case]["type"] == "forbidden"
    assert world.query(careful) == [email]


def test_the_mail_server_hears_of_folders(world: World) -> None:
    make_imap(world)
    bob = world.person("bob")
    case = folder(world, "Case")
    world.update(bob, "Mailbox", case, {"name": "Closed"})
    world.update(bob, "Mailbox", case, {"sortOrder": 5})
    world.call(bob, "Mailbox/set", destroy=[case])
    with world.database.read() as tx:
        assert [row["kind"] for row in intents.pending(tx, world.account)] == [
            "createMailbox",
            "renameMailbox",
            "destroyMailbox",
        ]


@pytest.fixture
def tree(world: World) -> dict[str, str]:
    a = folder(world, "A", sortOrder=200)
    b = folder(world, "B", sortOrder=150)
    ab = folder(world, "Ab", a, sortOrder=1)
    aab = folder(world, "aab", ab, sortOrder=2, isSubscribed=False)
    return {"A": a, "B": b, "Ab": ab, "aab": aab}


QUERIES: list[tuple[Json, list[str]]] = [
    ({"filter": {"parentId": "A"}}, ["Ab"]),
    ({"filter": {"name": "ab"}}, ["Ab", "aab"]),
    ({"filter": {"isSubscribed": False}}, ["aab"]),
    ({"filter": {"hasAnyRole": False}, "sort": [{"property": "sortOrder"}]}, ["Ab", "aab", "B", "A"]),
    (
        {"filter": {"hasAnyRole": False}, "sort": [{"property": "name", "isAscending": False}]},
        ["B", "Ab", "aab", "A"],
    ),
    (
        {"filter": {"hasAnyRole": False}, "sort": [{"property": "sortOrder"}], "sortAsTree": True},
        ["B", "A", "Ab", "aab"],
    ),
    ({"filter": {"name": "a"}, "filterAsTree": True}, ["A", "Ab", "aab"]),
    ({"filter": {"name": "aab"}, "filterAsTree": True}, []),
    ({"filter": {"operator": "NOT", "conditions": [{"hasAnyRole": True}, {"name": "b"}]}}, ["A"]),
    ({"filter": {"hasAnyRole": False}, "position": 1, "limit": 2}, ["B", "Ab"]),
]


@pytest.mark.parametrize(("asked", "names"), QUERIES)
def test_folders_are_found_and_sorted(
    world: World, tree: dict[str, str], asked: Json, names: list[str]
) -> None:
    bob = world.person("bob")
    if asked["filter"].get("parentId") == "A":
        asked = {"filter": {"parentId": tree["A"]}}
    called = {id_: name for name, id_ in tree.items()}
    found = world.call(bob, "Mailbox/query", asked)["ids"]
    assert [called.get(id_) for id_ in found if id_ in called] == names


def test_a_role_is_found_and_null_means_none(world: World, tree: dict[str, str]) -> None:
    bob = world.person("bob")
    assert world.call(bob, "Mailbox/query", filter={"role": "inbox"})["ids"] == [world.box(Role.INBOX)]
    assert set(world.call(bob, "Mailbox/query", filter={"role": None})["ids"]) == set(tree.values())
    top = world.call(bob, "Mailbox/query", filter={"parentId": None})["ids"]
    assert tree["A"] in top and tree["Ab"] not in top


@pytest.mark.parametrize("asked", [{"filter": {"nothing": 1}}, {"sort": [{"property": "totalEmails"}]}])
def test_what_folders_cannot_be_found_by_is_refused(world: World, asked: Json) -> None:
    bob = world.person("bob")
    assert world.fail(bob, "Mailbox/query", asked) in ("unsupportedFilter", "unsupportedSort")


def test_a_share_on_a_tree_shows_that_tree_and_no_more(world: World, tree: dict[str, str]) -> None:
    carl = world.person("carl", Level.WRITE, mailbox=int(tree["Ab"][1:]))
    assert {f["id"] for f in world.call(carl, "Mailbox/get")["list"]} == {tree["Ab"], tree["aab"]}
    assert world.get(carl, "Mailbox", tree["Ab"], "parentId")["parentId"] is None
    whole = world.get(carl, "Mailbox", tree["Ab"])
    assert world.update(carl, "Mailbox", tree["Ab"], {**whole, "name": "Mine"}) is None
    bob = world.person("bob")
    assert world.get(bob, "Mailbox", tree["Ab"], "parentId")["parentId"] == tree["A"]
    taken = world.refuse(carl, "Mailbox", {"name": "x", "parentId": tree["A"]})
    assert (taken["type"], taken["properties"]) == ("invalidProperties", ["parentId"])
    assert world.refuse(carl, "Mailbox", {"name": "x"})["type"] == "forbidden"
    assert world.create(carl, "Mailbox", {"name": "x", "parentId": tree["aab"]})["id"]
    assert set(world.call(carl, "Mailbox/query", filter={"parentId": None})["ids"]) == {tree["Ab"]}


def test_hidden_mail_does_not_make_a_visible_thread_unread(world: World) -> None:
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
    bob = world.person("bob")
    world.receive(keywords={"$seen"})
    world.receive(role=Role.ARCHIVE, headers="In-Reply-To: <m1@customer.example>\n")
    inbox = world.box(Role.INBOX)
    assert world.get(bob, "Mailbox", inbox)["unreadThreads"] == 1
    assert world.get(carl, "Mailbox", inbox)["unreadThreads"] == 0
    world.receive(headers="In-Reply-To: <m1@customer.example>\n")
    assert world.get(carl, "Mailbox", inbox)["unreadThreads"] == 1


# --- threads --------------------------------------------------------------------------------------


def test_a_thread_holds_its_emails_oldest_first(world: World) -> None:
    bob = world.person("bob")
    later = world.receive(at=2_000_000_000, headers="In-Reply-To: <m2@customer.example>\n")
    earlier = world.receive(at=1_900_000_000)
    thread = world.get(bob, "Email", later, "threadId")["threadId"]
    assert world.get(bob, "Thread", thread)["emailIds"] == [earlier, later]


def test_a_thread_shows_what_the_caller_sees_and_is_nothing_without_it(world: World) -> None:
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
    bob = world.person("bob")
    seen = world.receive()
    world.receive(role=Role.ARCHIVE, headers="In-Reply-To: <m1@customer.example>\n")
    hidden = world.receive(role=Role.ARCHIVE)
    thread, other = (world.get(bob, "Email", e, "threadId")["threadId"] for e in (seen, hidden))
    assert world.get(carl, "Thread", thread)["emailIds"] == [seen]
    assert world.call(carl, "Thread/get", ids=[other])["notFound"] == [other]
    assert [t["id"] for t in world.call(carl, "Thread/get")["list"]] == [thread]


# --- identities -----------------------------------------------------------------------------------


def test_an_identity_is_made_changed_and_taken_away_by_who_may_write_settings(world: World) -> None:
    mia, bob = world.person("mia", Level.MANAGE), world.person("bob", Level.WRITE)
    value = {
        "name": "Support",
        "email": "support@example.org",
        "replyTo": [{"name": "Desk", "email": "desk@example.org"}],
        "textSignature": "Your support",
    }
    state = world.call(mia, "Identity/get", ids=[])["state"]
    made = world.create(mia, "Identity", value)
    assert made == {"id": made["id"], "bcc": None, "htmlSignature": "", "mayDelete": True}
    assert world.get(mia, "Identity", made["id"], "replyTo")["replyTo"] == value["replyTo"]
    assert world.update(mia, "Identity", made["id"], {"textSignature": "Yours"}) is None
    shown = world.get(bob, "Identity", made["id"])
    assert (shown["textSignature"], shown["mayDelete"]) == ("Yours", False)
    failure = world.update(bob, "Identity", made["id"], {"name": "Mine"})
    assert failure is not None
    assert failure["type"] == "forbidden"
    assert world.refuse(bob, "Identity", value)["type"] == "forbidden"
    assert world.call(mia, "Identity/changes", sinceState=state)["created"] == [made["id"]]
    assert world.call(mia, "Identity/set", destroy=[made["id"]])["destroyed"] == [made["id"]]
    assert world.call(bob, "Identity/get")["list"] == []


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "a b@x"}, "email"),
        ({"email": "a@x\nBcc: b@x"}, "email"),
        ({"name": "a\nb"}, "name"),
        ({"replyTo": [{"email": "nonsense"}]}, "replyTo"),
        ({"bcc": [{"email": "a@x.org", "name": "a\nb"}]}, "bcc"),
        ({"mayDelete": True}, "mayDelete"),
    ],
)
def test_an_identity_that_could_not_stand_in_a_header_is_refused(
    world: World, more: Json, named: str
) -> None:
    mia = world.person("mia", Level.MANAGE)
    failure = world.refuse(mia, "Identity", {"name": "S", "email": "s@example.org", **more})
    assert (failure["type"], failure["properties"]) == ("invalidProperties", [named])


def test_an_identity_that_is_there_already_is_not_made_again(world: World) -> None:
    mia, bob = world.person("mia", Level.MANAGE), world.person("bob", Level.WRITE)
    made = world.create(mia, "Identity", {"name": "Support", "email": "s@example.org"})["id"]
    failure = world.refuse(mia, "Identity", {"name": "Support", "email": "S@example.org"})
    assert (failure["type"], failure["existingId"]) == ("alreadyExists", made)
    assert world.create(mia, "Identity", {"name": "Sales", "email": "s@example.org"})
    assert world.refuse(bob, "Identity", {"name": "Support", "email": "s@example.org"})["type"] == "forbidden"


def test_an_identitys_address_never_changes(world: World) -> None:
    mia = world.person("mia", Level.MANAGE)
    made = world.create(mia, "Identity", {"name": "S", "email": "s@example.org"})["id"]
    assert world.update(mia, "Identity", made, {"email": "s@example.org", "name": "T"}) is None
    failure = world.update(mia, "Identity", made, {"email": "other@example.org"})
    assert failure is not None
    assert failure["properties"] == ["email"]


def test_whoever_has_one_folder_alone_can_end_it_and_has_nothing_left(world: World) -> None:
    with world.database.write() as tx:
        folder = mailboxes.create(tx, world.account, "Project")
    bob = world.person("bob", Level.WRITE, mailbox=folder)
    answer = world.call(bob, "Mailbox/set", destroy=[ids.to_id("Mailbox", folder)])
    assert answer["destroyed"] == [ids.to_id("Mailbox", folder)]
    assert world.fail(bob, "Mailbox/get") == "accountNotFound"
