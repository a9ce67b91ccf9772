"""Drafts at the desk: one writer at a time, no text lost, nothing told to whoever may not send."""

from __future__ import annotations

from typing import Any

import pytest

from shinbox.desk.front import blobs
from shinbox.desk.front.housekeeping import Sweep
from shinbox.desk.front.login import Actor
from shinbox.desk.front.methods.drafts import MOST_DRAFTS
from shinbox.desk.store import identities, uploads
from shinbox.desk.store.drafts import EMPTY_KEPT_SECONDS, LEASE_SECONDS
from shinbox.errors import ShinboxError
from shinbox.terms import Level, Role, Send
from tests.desk.front.methods.world import Json, World


@pytest.fixture
def bob(world: World) -> Actor:
    return world.person("bob", Level.WRITE, Send.SEND_AS)


@pytest.fixture
def carol(world: World) -> Actor:
    return world.person("carol", Level.WRITE, Send.SEND_AS)


def begin(world: World, who: Actor, lease: str = "desk 1", **value: Any) -> str:
    """Somebody begins a draft; its id."""
    return str(world.create(who, "Draft", {"text": "Dear", **value}, lease=lease)["id"])


def save(world: World, who: Actor, draft: str, lease: str, revision: int, **more: Any) -> Json | None:
    """A save; None if it was taken, else why not."""
    take_over = more.pop("take_over", False)
    patch = {"revision": revision, **more}
    answer = world.call(who, "Draft/set", update={draft: patch}, lease=lease, takeOver=take_over)
    failed: Json | None = (answer["notUpdated"] or {}).get(draft)
    return failed


# --- one writer ---------------------------------------------------------------------------------------


def test_a_draft_knows_who_began_it_who_wrote_it_last_and_who_writes(world: World, bob: Actor) -> None:
    email = world.receive()
    draft = world.get(bob, "Draft", begin(world, bob, emailId=email, to="ann@customer.example"))
    assert draft["startedBy"]["name"] == draft["editedBy"]["name"] == draft["writer"]["name"] == "bob"
    assert draft["threadId"] == world.get(bob, "Email", email, "threadId")["threadId"]
    assert (draft["to"], draft["text"], draft["revision"]) == ("ann@customer.example", "Dear", 1)


def test_each_save_raises_the_revision_and_a_sign_of_life_does_not(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    assert save(world, bob, draft, "desk 1", 1, text="Dear Ann") is None
    assert save(world, bob, draft, "desk 1", 2) is None
    assert world.get(bob, "Draft", draft)["revision"] == 2


def test_a_stale_save_is_refused_and_changes_nothing(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    assert save(world, bob, draft, "desk 1", 1, text="one") is None
    failed = save(world, bob, draft, "desk 1", 1, text="two")
    assert failed and failed["type"] == "urn:shinbox:draftChanged"
    # The answer to one's own save was lost: the editor learns that and goes on from there.
    assert (failed["revision"], failed["isYours"]) == (2, True)
    assert world.get(bob, "Draft", draft)["text"] == "one"


def test_a_save_without_a_revision_is_refused(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    answer = world.call(bob, "Draft/set", update={draft: {"text": "x"}}, lease="desk 1")
    assert answer["notUpdated"][draft]["properties"] == ["revision"]
    assert world.get(bob, "Draft", draft)["text"] == "Dear"


def test_a_colleague_is_locked_out_until_the_lease_is_over(world: World, bob: Actor, carol: Actor) -> None:
    draft = begin(world, bob)
    failed = save(world, carol, draft, "desk 2", 1, text="Mine")
    assert failed and failed["type"] == "urn:shinbox:draftLocked"
    assert (failed["writer"], failed["description"][:24]) == ("bob", "bob is writing this draf")
    world.clock.now += LEASE_SECONDS - 1
    assert save(world, bob, draft, "desk 1", 1) is None
    world.clock.now += LEASE_SECONDS - 1
    assert save(world, carol, draft, "desk 2", 1, text="Mine") is not None
    world.clock.now += 1
    assert world.get(carol, "Draft", draft)["writer"] is None
    assert save(world, carol, draft, "desk 2", 1, text="Mine") is None
    got = world.get(bob, "Draft", draft)
    assert (got["startedBy"]["name"], got["editedBy"]["name"], got["writer"]["name"]) == (
        "bob",
        "carol",
        "carol",
    )


def test_the_same_person_in_another_window_is_another_writer(world: World, bob: Actor) -> None:
    draft = begin(world, bob, "desk 1")
    failed = save(world, bob, draft, "desk 2", 1, text="Over here")
    assert failed and "another window" in failed["description"]
    assert save(world, bob, draft, "desk 2", 1, take_over=True) is None


def test_a_lease_given_up_is_free_at_once_and_only_its_holder_gives_it_up(
    world: World, bob: Actor, carol: Actor
) -> None:
    draft = begin(world, bob)
    world.call(carol, "Draft/set", update={draft: {"writer": None}}, lease="desk 2")
    assert world.get(carol, "Draft", draft)["writer"]["name"] == "bob"
    world.call(bob, "Draft/set", update={draft: {"writer": None}}, lease="desk 1")
    assert world.get(carol, "Draft", draft)["writer"] is None
    assert save(world, carol, draft, "desk 2", 1, text="Mine") is None


def test_nobody_makes_another_the_writer(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    failed = world.update(bob, "Draft", draft, {"writer": {"id": "u99", "name": "eve"}})
    assert failed and failed["properties"] == ["writer"]


def test_who_lost_a_draft_is_told_and_overwrites_nothing(world: World, bob: Actor, carol: Actor) -> None:
    draft = begin(world, bob)
    assert save(world, carol, draft, "desk 2", 1, take_over=True) is None
    assert save(world, carol, draft, "desk 2", 1, text="Carol's") is None
    failed = save(world, bob, draft, "desk 1", 1, text="Bob's")
    assert failed and failed["type"] == "urn:shinbox:draftLocked"
    world.clock.now += LEASE_SECONDS
    failed = save(world, bob, draft, "desk 1", 1, text="Bob's")
    assert failed and (failed["type"], failed["isYours"]) == ("urn:shinbox:draftChanged", False)
    assert world.get(bob, "Draft", draft)["text"] == "Carol's"


def test_of_two_who_take_over_at_once_the_later_has_it_and_the_other_hears_so(
    world: World, bob: Actor, carol: Actor
) -> None:
    dora = world.person("dora", Level.WRITE, Send.SEND_AS)
    draft = begin(world, bob)
    assert save(world, carol, draft, "desk 2", 1, take_over=True) is None
    assert save(world, dora, draft, "desk 3", 1, take_over=True) is None
    failed = save(world, carol, draft, "desk 2", 1, text="Mine")
    assert failed and failed["writer"] == "dora"


# --- who may ------------------------------------------------------------------------------------------


def test_a_revoked_writer_can_no_longer_save(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    with world.database.write() as tx:
        tx.run('UPDATE "grant" SET send = ? WHERE user_id = ?', ("none", bob.user_id))
    failed = save(world, bob, draft, "desk 1", 1, text="Still me")
    assert failed and failed["type"] == "notFound"
    assert world.call(bob, "Draft/get", ids=[draft])["notFound"] == [draft]
    with world.database.write() as tx:
        tx.run('DELETE FROM "grant" WHERE user_id = ?', (bob.user_id,))
    assert world.fail(bob, "Draft/set", update={draft: {"revision": 1}}) == "accountNotFound"


def test_a_reader_hears_of_no_draft(world: World, bob: Actor) -> None:
    alice = world.person("alice", Level.READ)
    before = world.call(alice, "Draft/get", ids=None)
    draft = begin(world, bob)
    got = world.call(alice, "Draft/get", ids=None)
    assert (before["list"], got["list"]) == ([], [])
    told = world.call(alice, "Draft/changes", sinceState=before["state"])
    assert (told["created"], told["updated"], told["destroyed"]) == ([], [], [])
    assert world.call(alice, "Draft/query")["ids"] == []
    world.call(bob, "Draft/set", destroy=[draft], lease="desk 1")
    told = world.call(alice, "Draft/changes", sinceState=before["state"])
    assert told["destroyed"] == []


def test_a_draft_cannot_answer_mail_that_its_writer_does_not_see(world: World, bob: Actor) -> None:
    assert world.refuse(bob, "Draft", {"emailId": "e999"})["properties"] == ["emailId"]
    assert world.refuse(bob, "Draft", {"identityId": "i9"})["properties"] == ["identityId"]


# --- files --------------------------------------------------------------------------------------------


def with_file(world: World, who: Actor) -> tuple[str, str]:
    """A draft with an upload of theirs; the ids of both."""
    blob = world.upload(who, b"numbers", "text/csv")
    file = {"blobId": blob, "name": "n.csv", "type": "text/csv", "size": 1}
    return begin(world, who, attachments=[file]), blob


def test_a_file_of_a_draft_is_for_everybody_who_sees_the_draft_and_nobody_else(
    world: World, bob: Actor, carol: Actor
) -> None:
    tom = world.person("tom", Level.TRIAGE)
    draft, blob = with_file(world, bob)
    assert world.get(carol, "Draft", draft)["attachments"][0]["size"] == 7
    assert blobs.download(world.desk, carol, world.account_id, blob) == b"numbers"
    with pytest.raises(ShinboxError):
        blobs.download(world.desk, tom, world.account_id, blob)
    other = world.upload(bob, b"private")
    with pytest.raises(ShinboxError):
        blobs.download(world.desk, carol, world.account_id, other)


def test_a_draft_cannot_take_a_file_that_is_not_the_writers(world: World, bob: Actor, carol: Actor) -> None:
    blob = world.upload(bob, b"private")
    file = {"blobId": blob, "name": "x", "type": "text/plain", "size": 1}
    failed = world.refuse(carol, "Draft", {"attachments": [file]})
    assert (failed["type"], failed["notFound"]) == ("blobNotFound", [blob])


def test_housekeeping_leaves_the_files_of_a_draft_and_takes_them_after_its_end(
    world: World, bob: Actor
) -> None:
    draft, blob = with_file(world, bob)
    world.clock.now += uploads.KEPT_SECONDS + 10
    hash_ = hash_of(world, blob)
    sweep(world)
    assert world.desk.blobs.get(hash_) == b"numbers"
    assert blobs.download(world.desk, bob, world.account_id, blob) == b"numbers"
    world.call(bob, "Draft/set", destroy=[draft], lease="desk 1")
    # A discarded draft may come back within the day, and so may a message that is taken back.
    assert blobs.download(world.desk, bob, world.account_id, blob) == b"numbers"
    world.clock.now += uploads.KEPT_SECONDS + 10
    sweep(world)
    with pytest.raises(ShinboxError):
        blobs.download(world.desk, bob, world.account_id, blob)


def hash_of(world: World, blob: str) -> str:
    with world.database.read() as tx:
        return str(tx.value("SELECT hash FROM upload WHERE id = ?", (int(blob[1:]),)))


def sweep(world: World) -> None:
    turn = Sweep(world.desk)
    while turn.some():
        pass


# --- limits, audit, push ------------------------------------------------------------------------------


def test_a_draft_has_limits_of_size_and_a_person_of_number(world: World, bob: Actor, carol: Actor) -> None:
    assert world.refuse(bob, "Draft", {"text": "x" * 1_000_001})["type"] == "tooLarge"
    assert world.refuse(bob, "Draft", {"references": ["x"] * 501})["type"] == "tooLarge"
    for _ in range(MOST_DRAFTS):
        begin(world, bob)
    assert world.refuse(bob, "Draft", {"text": "one more"})["type"] == "overQuota"
    begin(world, carol)


def test_the_audit_tells_beginnings_hand_overs_and_ends_but_no_save(
    world: World, bob: Actor, carol: Actor
) -> None:
    draft = begin(world, bob)
    for revision in range(1, 5):
        save(world, bob, draft, "desk 1", revision, text=f"text {revision}")
    save(world, carol, draft, "desk 2", 5, take_over=True)
    save(world, carol, draft, "desk 2", 5, text="Carol's")
    world.call(carol, "Draft/set", destroy=[draft], lease="desk 2")
    assert [(who, what) for who, what, _, _ in world.audit()] == [
        ("bob", "Draft/create"),
        ("carol", "Draft/update"),
        ("carol", "Draft/destroy"),
    ]
    with world.database.read() as tx:
        told = tx.column("SELECT detail FROM audit ORDER BY id")
    assert '"from":"bob"' in told[1].replace(" ", "")
    assert not any("text" in line or "Dear" in line for line in told)


def test_a_save_wakes_nobody_and_is_told_when_asked(world: World, bob: Actor, carol: Actor) -> None:
    draft = begin(world, bob)
    state = world.call(carol, "Draft/get", ids=[])["state"]
    world.mail.pushed.clear()
    save(world, bob, draft, "desk 1", 1, text="Dear Ann")
    assert world.mail.pushed == []
    assert world.call(carol, "Draft/changes", sinceState=state)["updated"] == [draft]
    save(world, carol, draft, "desk 2", 2, take_over=True)
    assert world.mail.pushed == [frozenset({(world.account, "Draft")})]


# --- the end ------------------------------------------------------------------------------------------


def email(world: World) -> Json:
    return {
        "mailboxIds": {world.box(Role.DRAFTS): True},
        "keywords": {"$draft": True},
        "from": [{"email": "support@example.org"}],
        "to": [{"email": "ann@customer.example"}],
    }


def send(world: World, who: Actor, draft: str, lease: str) -> tuple[Json, list[Any]]:
    """Email, submission, end of the draft in one request; the submission's answer and all that followed."""
    identity = world.identity()
    account = {"accountId": world.account_id}
    made, sent, *rest = world.calls(
        who,
        ("Email/set", {**account, "create": {"e": email(world)}}, "0"),
        (
            "EmailSubmission/set",
            {
                **account,
                "create": {"s": {"identityId": identity, "emailId": "#e"}},
                "endsDraft": draft,
                "lease": lease,
            },
            "1",
        ),
    )
    assert made[1]["created"]
    return sent[1], rest


def test_a_draft_ends_in_the_request_that_sends_it(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    sent, rest = send(world, bob, draft, "desk 1")
    assert sent["created"]
    assert [(name, answer["destroyed"]) for name, answer, _ in rest] == [("Draft/set", [draft])]


def test_a_draft_ends_in_the_request_that_postpones_it(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    answer = world.calls(
        bob,
        (
            "Email/set",
            {
                "accountId": world.account_id,
                "create": {"e": email(world)},
                "endsDraft": draft,
                "lease": "desk 1",
            },
            "0",
        ),
    )
    assert answer[1][1]["destroyed"] == [draft]


def test_a_draft_that_could_not_be_sent_stays(world: World, bob: Actor) -> None:
    draft = begin(world, bob)
    answer = world.call(
        bob,
        "EmailSubmission/set",
        create={"s": {"identityId": "i1", "emailId": "e1"}},
        endsDraft=draft,
        lease="desk 1",
    )
    assert answer["notCreated"]
    assert world.get(bob, "Draft", draft)["text"] == "Dear"


def test_who_lost_a_draft_sends_nothing_of_it(world: World, bob: Actor, carol: Actor) -> None:
    draft = begin(world, bob)
    save(world, carol, draft, "desk 2", 1, take_over=True)
    sent, rest = send(world, bob, draft, "desk 1")
    assert sent["notCreated"]["s"]["type"] == "urn:shinbox:draftLocked"
    world.clock.now += LEASE_SECONDS
    sent, rest = send(world, bob, draft, "desk 1")
    assert (sent["notCreated"]["s"]["type"], rest) == ("urn:shinbox:draftChanged", [])
    sent, rest = send(world, carol, draft, "desk 2")
    assert sent["created"]
    sent, rest = send(world, bob, draft, "desk 1")
    assert sent["notCreated"]["s"]["type"] == "urn:shinbox:draftEnded"


def test_a_colleagues_newer_text_is_not_discarded_from_an_old_window(
    world: World, bob: Actor, carol: Actor
) -> None:
    draft = begin(world, bob)
    save(world, carol, draft, "desk 2", 1, take_over=True)
    for _ in range(2):
        answer = world.call(bob, "Draft/set", destroy=[draft], lease="desk 1")
        assert answer["notDestroyed"]
        world.clock.now += LEASE_SECONDS
    assert world.get(carol, "Draft", draft)["id"] == draft


# --- abandoned ----------------------------------------------------------------------------------------


def left(world: World, who: Actor) -> list[str]:
    """What is still there a day and a turn of the housekeeping later."""
    world.clock.now += EMPTY_KEPT_SECONDS + 60
    Sweep(world.desk).some()
    return [draft["id"] for draft in world.call(who, "Draft/get", ids=None)["list"]]


def test_an_abandoned_draft_in_which_nothing_stands_ends_and_is_told_to_have_ended(
    world: World, bob: Actor
) -> None:
    state = world.call(bob, "Draft/get", ids=[])["state"]
    draft = begin(world, bob, text=" \n")
    assert draft in world.call(bob, "Draft/changes", sinceState=state)["created"]
    state = world.call(bob, "Draft/get", ids=[])["state"]
    assert left(world, bob) == []
    assert world.call(bob, "Draft/changes", sinceState=state)["destroyed"] == [draft]


def test_a_turn_of_the_housekeeping_that_ends_no_draft_wakes_nobody(world: World, bob: Actor) -> None:
    begin(world, bob, text="")
    world.mail.pushed.clear()
    Sweep(world.desk).some()
    assert world.mail.pushed == []
    assert left(world, bob) == []
    assert world.mail.pushed == [frozenset({(world.account, "Draft")})]


@pytest.mark.parametrize(
    "said",
    [
        {"text": "x"},
        {"text": "", "to": "ann@customer.example"},
        {"text": "", "bcc": "ann@customer.example"},
        {"text": "", "subject": "Lamps"},
        {"text": "-- \nsomebody's own signature"},
    ],
    ids=["text", "to", "bcc", "subject", "edited signature"],
)
def test_an_abandoned_draft_with_a_single_word_is_offered_for_ever(
    world: World, bob: Actor, said: Json
) -> None:
    draft = begin(world, bob, **said)
    world.clock.now += 400 * EMPTY_KEPT_SECONDS
    assert left(world, bob) == [draft]


def test_an_abandoned_draft_with_a_file_stays(world: World, bob: Actor) -> None:
    blob = blobs.upload(world.desk, bob, world.account_id, "text/plain", b"offer")["blobId"]
    file = {"blobId": blob, "name": "offer.txt", "type": "text/plain", "size": 5}
    draft = begin(world, bob, text="", attachments=[file])
    assert left(world, bob) == [draft]


def test_a_signature_alone_is_nothing(world: World, bob: Actor) -> None:
    with world.database.write() as tx:
        identities.create(
            tx, world.account, name="Halden", email="h@x.example", text_signature="Halden\nLamps\n"
        )
    begin(world, bob, text="\n\n-- \nHalden\nLamps\n")
    assert left(world, bob) == []


def test_an_empty_draft_stays_while_somebody_has_it_open_and_for_a_day(world: World, bob: Actor) -> None:
    draft = begin(world, bob, text="")
    world.clock.now += EMPTY_KEPT_SECONDS - 60
    Sweep(world.desk).some()
    assert world.get(bob, "Draft", draft)["text"] == ""
    world.clock.now += 120
    assert save(world, bob, draft, "desk 1", 1) is None
    Sweep(world.desk).some()
    assert world.get(bob, "Draft", draft)["text"] == ""
    assert left(world, bob) == []
