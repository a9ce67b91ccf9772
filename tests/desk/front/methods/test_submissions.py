"""EmailSubmission (RFC 8621 §7): who may send what as whom, the gate, recalling, what follows."""

from __future__ import annotations

from typing import Any

import pytest

from shinbox.desk.front.login import Actor
from shinbox.desk.store import ids, intents, submissions
from shinbox.mime.parse import parse
from shinbox.terms import Level, Role, Send, UndoStatus
from tests.desk.front.methods.test_drafts import draft
from tests.desk.front.methods.test_emails_set import make_imap
from tests.desk.front.methods.world import Json, World


@pytest.fixture
def bob(world: World) -> Actor:
    return world.person("bob", Level.WRITE, Send.SEND_AS)


@pytest.fixture
def identity(world: World) -> str:
    return world.identity()


def written(world: World, actor: Actor, **more: Any) -> str:
    return str(world.create(actor, "Email", draft(world, **more))["id"])


def sent(world: World, actor: Actor, identity: str, email: str, **more: Any) -> Json:
    return world.create(actor, "EmailSubmission", {"identityId": identity, "emailId": email, **more})


def wire(world: World) -> bytes:
    """The bytes of the newest submission."""
    with world.database.read() as tx:
        return world.desk.blobs.get(tx.value("SELECT blob_hash FROM submission ORDER BY id DESC"))


def refused(world: World, actor: Actor, identity: str, email: str, **more: Any) -> Json:
    failure = world.refuse(actor, "EmailSubmission", {"identityId": identity, "emailId": email, **more})
    with world.database.read() as tx:
        assert tx.value("SELECT COUNT(*) FROM submission") == 0
    return failure


# --- what is sent ---------------------------------------------------------------------------------


def test_the_envelope_is_made_of_the_header_each_recipient_once(
    world: World, bob: Actor, identity: str
) -> None:
    email = written(
        world,
        bob,
        to=[{"email": "a@X.org"}, {"email": "b@x.org"}],
        cc=[{"email": "a@x.org"}],
        bcc=[{"email": "secret@x.org"}],
    )
    made = sent(world, bob, identity, email)
    assert made["envelope"]["mailFrom"]["email"] == "support@example.org"
    told = [each["email"] for each in made["envelope"]["rcptTo"]]
    assert told == ["a@X.org", "b@x.org", "secret@x.org"]
    assert (made["undoStatus"], made["sendAt"]) == ("pending", "2027-01-15T08:00:10Z")
    assert made["threadId"] == world.get(bob, "Email", email, "threadId")["threadId"]
    assert made["sentBy"] == f"u{bob.user_id}"


def test_bcc_stays_in_the_draft_and_never_travels(world: World, bob: Actor, identity: str) -> None:
    email = written(world, bob, bcc=[{"email": "secret@x.org"}])
    sent(world, bob, identity, email)
    assert b"secret@x.org" not in wire(world)
    assert world.get(bob, "Email", email, "bcc")["bcc"] == [{"name": None, "email": "secret@x.org"}]


HIDDEN_FROM = (
    b"From: support@example.org\r\nTo: a@x.org\r\nSubject: hi\rFrom: boss@bank.example\r\n\r\nPay.\r\n"
)
"""A From that a lone CR hides from whoever does not take it for the end of a line."""


@pytest.mark.parametrize(
    "message",
    [
        HIDDEN_FROM,
        b"From: boss@bank.example\r\nFrom: support@example.org\r\nTo: a@x.org\r\n\r\nPay.\r\n",
        b"From: support@example.org\nSubject: one\nsubject : two\nTo: a@x.org\n\nPay.\n",
    ],
)
def test_a_header_that_stands_there_twice_is_not_sent_whatever_hides_it(
    world: World, bob: Actor, identity: str, message: bytes
) -> None:
    email = world.receive(message, role=Role.DRAFTS)
    failure = refused(world, bob, identity, email)
    assert failure["type"] == "invalidEmail"


def test_a_recipient_behind_a_lone_return_is_a_bcc_and_does_not_travel(
    world: World, bob: Actor, identity: str
) -> None:
    message = b"From: support@example.org\r\nTo: a@x.org\r\nX-Note: y\rBcc: secret@x.org\r\n\r\nHi\r\n"
    sent(world, bob, identity, world.receive(message, role=Role.DRAFTS))
    assert b"secret@x.org" not in wire(world)


def test_a_return_address_under_an_open_domain_is_an_address_all_the_same(world: World, bob: Actor) -> None:
    world.identity("*@example.org")
    identity = world.identity()
    envelope = {
        "mailFrom": {"email": "x> SIZE=1\r\nRCPT TO:<spy@evil.example>\r\nX@example.org"},
        "rcptTo": [{"email": "a@x.org"}],
    }
    failure = refused(world, bob, identity, written(world, bob), envelope=envelope)
    assert failure["type"] == "forbiddenMailFrom"


def test_the_message_id_is_fixed_before_the_first_attempt(world: World, bob: Actor, identity: str) -> None:
    email = written(world, bob)
    sent(world, bob, identity, email)
    with world.database.read() as tx:
        fixed = tx.value("SELECT message_id FROM submission")
    assert (
        [fixed] == world.get(bob, "Email", email, "messageId")["messageId"] == parse(wire(world)).message_id
    )


def test_a_message_that_came_by_import_gets_what_it_lacks_and_no_early_end(
    world: World, bob: Actor, identity: str
) -> None:
    raw = b"From: support@example.org\nTo: a@x.org\n\none\n.\nMAIL FROM:<eve@x>\rtwo\n"
    email = world.receive(raw, role=Role.DRAFTS)
    sent(world, bob, identity, email)
    message = parse(wire(world))
    assert message.message_id is not None
    assert message.sent_at is not None
    lines = wire(world).split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)


def test_somebody_who_sends_on_behalf_is_named_as_the_sender(world: World, identity: str) -> None:
    ada = world.person("ada", Level.WRITE, Send.ON_BEHALF)
    email = written(world, ada, sender=[{"email": "forged@example.org"}])
    nameless = refused(world, ada, identity, email)
    assert nameless["type"] == "forbiddenFrom"
    with world.database.write() as tx:
        tx.run("UPDATE user SET email = 'ada@example.org', display_name = 'Ada' WHERE id = ?", (ada.user_id,))
    made = sent(world, ada, identity, email)
    message = parse(wire(world))
    assert [(a.name, a.email) for a in message.sender] == [("Ada", "ada@example.org")]
    assert [a.email for a in message.from_] == ["support@example.org"]
    assert made["envelope"]["mailFrom"]["email"] == "support@example.org"


# --- what is not sent -----------------------------------------------------------------------------

UNSENDABLE: list[tuple[Json, str]] = [
    ({"from": [{"email": "boss@example.org"}]}, "forbiddenFrom"),
    ({"from": [{"email": "support@example.org"}, {"email": "boss@example.org"}]}, "forbiddenFrom"),
    ({"sender": [{"email": "boss@example.org"}]}, "forbiddenFrom"),
    ({"from": None}, "invalidEmail"),
    ({"to": None}, "noRecipients"),
    ({"to": [{"email": "nonsense"}]}, "invalidRecipients"),
    ({"to": [{"email": f"r{n}@x.org"} for n in range(501)]}, "tooManyRecipients"),
]


@pytest.mark.parametrize(("more", "error"), UNSENDABLE)
def test_a_message_that_may_not_leave_is_refused_by_name(
    world: World, bob: Actor, identity: str, more: Json, error: str
) -> None:
    assert refused(world, bob, identity, written(world, bob, **more))["type"] == error


ENVELOPES: list[tuple[Json, str]] = [
    ({"mailFrom": {"email": "boss@example.org"}, "rcptTo": [{"email": "a@x.org"}]}, "forbiddenMailFrom"),
    ({"mailFrom": {"email": "support@example.org"}, "rcptTo": []}, "noRecipients"),
    ({"mailFrom": {"email": "support@example.org"}, "rcptTo": [{"email": "a b@x"}]}, "invalidRecipients"),
    ({"mailFrom": {"email": "support@example.org"}}, "invalidProperties"),
    (
        {
            "mailFrom": {"email": "support@example.org", "parameters": {"HOLDFOR": "3600"}},
            "rcptTo": [{"email": "a@x.org"}],
        },
        "invalidProperties",
    ),
    (
        {
            "mailFrom": {"email": "support@example.org", "parameters": None},
            "rcptTo": [{"email": "a@x.org", "parameters": {"NOTIFY": "NEVER"}}],
        },
        "invalidProperties",
    ),
]


@pytest.mark.parametrize(("envelope", "error"), ENVELOPES)
def test_an_envelope_is_held_against_the_same_rules(
    world: World, bob: Actor, identity: str, envelope: Json, error: str
) -> None:
    assert refused(world, bob, identity, written(world, bob), envelope=envelope)["type"] == error


def test_an_envelope_may_name_others_than_the_header(world: World, bob: Actor, identity: str) -> None:
    envelope = {"mailFrom": {"email": "Support@Example.org"}, "rcptTo": [{"email": "other@x.org"}]}
    made = sent(world, bob, identity, written(world, bob), envelope=envelope)
    with world.database.read() as tx:
        assert "other@x.org" in tx.value("SELECT envelope FROM submission")
    assert made["undoStatus"] == "pending"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"identityId": "i999"}, "identityId"),
        ({"identityId": "nonsense"}, "identityId"),
        ({"emailId": "e999"}, "emailId"),
        ({"undoStatus": "final"}, "undoStatus"),
        ({"sendAt": "2030-01-01T00:00:00Z"}, "sendAt"),
        ({"nothing": 1}, "nothing"),
    ],
)
def test_a_submission_of_the_wrong_form_is_refused(
    world: World, bob: Actor, identity: str, more: Json, named: str
) -> None:
    value = {"identityId": identity, "emailId": written(world, bob), **more}
    failure = world.refuse(bob, "EmailSubmission", value)
    assert (failure["type"], failure["properties"]) == ("invalidProperties", [named])


def test_the_identity_of_another_account_is_none(world: World, bob: Actor, identity: str) -> None:
    other, _ = world.people.account("sales")
    world.people.grant(other, bob, level=Level.WRITE, send=Send.SEND_AS)
    value = {"identityId": identity, "emailId": written(world, bob)}
    answer = world.call(bob, "EmailSubmission/set", accountId=f"a{other}", create={"k": value})
    assert answer["notCreated"]["k"]["type"] == "invalidProperties"


def test_without_the_right_to_send_nothing_leaves(world: World, identity: str) -> None:
    carol = world.person("carol", Level.MANAGE)
    assert refused(world, carol, identity, written(world, carol))["type"] == "forbidden"
    assert ("carol", "EmailSubmission/create", None, "refused") in world.audit()


# --- the send gate --------------------------------------------------------------------------------


def thread_state(world: World, actor: Actor, email: str) -> tuple[str, str]:
    thread = world.get(actor, "Email", email, "threadId")["threadId"]
    return thread, world.get(actor, "Thread", thread, "threadState")["threadState"]


def test_an_answer_to_a_conversation_that_stood_still_is_sent(
    world: World, bob: Actor, identity: str
) -> None:
    email = world.receive()
    _, state = thread_state(world, bob, email)
    answer = written(world, bob, inReplyTo=world.get(bob, "Email", email, "messageId")["messageId"])
    world.update(bob, "Email", email, {"keywords/$seen": True})
    assert thread_state(world, bob, email)[1] == state
    assert sent(world, bob, identity, answer, threadState=state)["undoStatus"] == "pending"


def test_an_answer_stops_when_something_arrived(world: World, bob: Actor, identity: str) -> None:
    email = world.receive()
    (message_id,) = world.get(bob, "Email", email, "messageId")["messageId"]
    _, state = thread_state(world, bob, email)
    answer = written(world, bob, inReplyTo=[message_id])
    arrived = world.receive(headers=f"In-Reply-To: <{message_id}>\n")
    failure = refused(world, bob, identity, answer, threadState=state)
    assert failure["type"] == "urn:shinbox:threadMoved"
    assert failure["emailIds"] == [arrived]
    _, now = thread_state(world, bob, email)
    assert sent(world, bob, identity, answer, threadState=now)["undoStatus"] == "pending"


def test_an_answer_stops_when_a_colleague_sent_one(world: World, bob: Actor, identity: str) -> None:
    carol = world.person("carol", Level.WRITE, Send.SEND_AS)
    email = world.receive()
    message_id = world.get(bob, "Email", email, "messageId")["messageId"]
    theirs = written(world, carol, inReplyTo=message_id)
    _, state = thread_state(world, bob, email)
    mine = written(world, bob, inReplyTo=message_id)
    first = sent(world, carol, identity, theirs, threadState=state)
    failure = world.refuse(
        bob, "EmailSubmission", {"identityId": identity, "emailId": mine, "threadState": state}
    )
    assert (failure["type"], failure["emailIds"]) == ("urn:shinbox:threadMoved", [theirs])
    world.update(carol, "EmailSubmission", first["id"], {"undoStatus": "canceled"})
    assert sent(world, bob, identity, mine, threadState=state)["undoStatus"] == "pending"


def test_a_state_that_is_none_stops_too(world: World, bob: Actor, identity: str) -> None:
    email = world.receive()
    message_id = world.get(bob, "Email", email, "messageId")["messageId"]
    answer = written(world, bob, inReplyTo=message_id)
    assert refused(world, bob, identity, answer, threadState="nonsense")["emailIds"] == [email]


# --- recalling ------------------------------------------------------------------------------------


def test_a_recalled_message_is_the_draft_again_that_it_was(world: World, bob: Actor, identity: str) -> None:
    make_imap(world)
    email = written(world, bob)
    before = world.get(bob, "Email", email, "mailboxIds", "keywords")
    answer = world.calls(
        bob,
        [
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "create": {"s": {"identityId": identity, "emailId": email}},
                "onSuccessUpdateEmail": {
                    "#s": {"mailboxIds": {world.box(Role.SENT): True}, "keywords/$draft": None}
                },
            },
            "0",
        ],
    )
    made = answer[0][1]["created"]["s"]["id"]
    assert world.get(bob, "Email", email, "mailboxIds", "keywords") != before
    assert world.update(bob, "EmailSubmission", made, {"undoStatus": "canceled"}) is None
    assert world.get(bob, "EmailSubmission", made)["undoStatus"] == "canceled"
    assert world.get(bob, "Email", email, "mailboxIds", "keywords") == before


def test_a_recalled_message_whose_email_was_destroyed_is_a_draft_again(
    world: World, bob: Actor, identity: str
) -> None:
    make_imap(world)
    email = written(world, bob, cc=[{"email": "c@x.org"}], bcc=[{"email": "secret@x.org"}])
    first, _ = world.calls(
        bob,
        [
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "create": {"s": {"identityId": identity, "emailId": email}},
                "onSuccessDestroyEmail": ["#s"],
            },
            "0",
        ],
    )
    made = first[1]["created"]["s"]["id"]
    assert world.query(bob) == []
    answer = world.call(bob, "EmailSubmission/set", {"update": {made: {"undoStatus": "canceled"}}})
    [given_back] = world.query(bob)
    assert answer["updated"][made]["emailId"] == given_back != email
    draft_again = world.get(bob, "Email", given_back, "mailboxIds", "keywords", "bcc", "cc")
    assert draft_again["mailboxIds"] == {world.box(Role.DRAFTS): True}
    assert draft_again["keywords"] == {"$draft": True, "$seen": True}
    assert [each["email"] for each in draft_again["bcc"]] == ["secret@x.org"]
    assert [each["email"] for each in draft_again["cc"]] == ["c@x.org"]
    with world.database.read() as tx:
        last = intents.pending(tx, world.account)[-1]
    assert (last["kind"], ids.to_id("Email", last["email_id"])) == ("append", given_back)


def test_what_is_on_its_way_cannot_be_recalled(world: World, bob: Actor, identity: str) -> None:
    made = sent(world, bob, identity, written(world, bob))["id"]
    with world.database.write() as tx:
        assert submissions.begin_attempt(tx, int(made[1:]), world.clock())
    failure = world.update(bob, "EmailSubmission", made, {"undoStatus": "canceled"})
    assert failure is not None
    assert failure["type"] == "cannotUnsend"
    assert world.get(bob, "EmailSubmission", made)["undoStatus"] == "pending"


@pytest.mark.parametrize(
    ("now", "wanted", "error"),
    [
        ("pending", "final", "invalidProperties"),
        ("pending", "nonsense", "invalidProperties"),
        ("final", "canceled", "cannotUnsend"),
        ("final", "pending", "invalidProperties"),
        ("canceled", "pending", "invalidProperties"),
        ("uncertain", "pending", "invalidProperties"),
        ("uncertain", "final", None),
        ("uncertain", "canceled", None),
        ("final", "final", None),
    ],
)
def test_only_some_steps_are_a_persons_to_take(
    world: World, bob: Actor, identity: str, now: str, wanted: str, error: str | None
) -> None:
    made = sent(world, bob, identity, written(world, bob))["id"]
    with world.database.write() as tx:
        tx.run("UPDATE submission SET undo_status = ?", (now,))
    failure = world.update(bob, "EmailSubmission", made, {"undoStatus": wanted})
    assert (failure and failure["type"]) == error
    assert world.get(bob, "EmailSubmission", made)["undoStatus"] == (now if error else wanted)


def into_doubt(world: World, actor: Actor, identity: str, **after: Any) -> tuple[str, str]:
    """A message that perhaps has left, and lies in Sent as clients put it; its submission and its email."""
    email = written(world, actor, bcc=[{"email": "secret@x.org"}])
    first, *_ = world.calls(
        actor,
        [
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "create": {"s": {"identityId": identity, "emailId": email}},
                **(
                    after
                    or {
                        "onSuccessUpdateEmail": {
                            "#s": {"mailboxIds": {world.box(Role.SENT): True}, "keywords/$draft": None}
                        }
                    }
                ),
            },
            "0",
        ],
    )
    made: str = first[1]["created"]["s"]["id"]
    with world.database.write() as tx:
        assert submissions.begin_attempt(tx, int(made[1:]), world.clock())
        submissions.settle(tx, int(made[1:]), UndoStatus.UNCERTAIN, error="The connection broke.")
    return made, email


def test_what_has_not_left_after_all_is_the_draft_again_that_it_was(
    world: World, bob: Actor, identity: str
) -> None:
    make_imap(world)
    made, email = into_doubt(world, bob, identity)
    assert world.get(bob, "Email", email, "mailboxIds")["mailboxIds"] == {world.box(Role.SENT): True}
    world.mail.wakes.clear()
    assert world.update(bob, "EmailSubmission", made, {"undoStatus": "canceled"}) is None
    now = world.get(bob, "Email", email, "mailboxIds", "keywords")
    assert now["mailboxIds"] == {world.box(Role.DRAFTS): True}
    assert now["keywords"]["$draft"]
    assert (world.account, "intents") in world.mail.wakes
    again = sent(world, bob, identity, email)
    assert again["undoStatus"] == "pending"


def test_what_has_not_left_after_all_is_a_draft_again_though_its_email_was_destroyed(
    world: World, bob: Actor, identity: str
) -> None:
    made, _ = into_doubt(world, bob, identity, onSuccessDestroyEmail=["#s"])
    answer = world.call(bob, "EmailSubmission/set", {"update": {made: {"undoStatus": "canceled"}}})
    [given_back] = world.query(bob)
    assert answer["updated"][made]["emailId"] == given_back
    assert world.get(bob, "Email", given_back, "keywords")["keywords"]["$draft"]


def test_of_what_has_left_after_all_the_mail_process_hears(world: World, bob: Actor, identity: str) -> None:
    made, email = into_doubt(world, bob, identity)
    world.mail.wakes.clear()
    assert world.update(bob, "EmailSubmission", made, {"undoStatus": "final"}) is None
    assert world.get(bob, "Email", email, "mailboxIds")["mailboxIds"] == {world.box(Role.SENT): True}
    assert (world.account, "submission") in world.mail.wakes


def test_what_may_still_leave_is_not_forgotten(world: World, bob: Actor, identity: str) -> None:
    made = sent(world, bob, identity, written(world, bob))["id"]
    answer = world.call(bob, "EmailSubmission/set", destroy=[made])
    assert answer["notDestroyed"][made]["type"] == "cannotUnsend"
    world.update(bob, "EmailSubmission", made, {"undoStatus": "canceled"})
    assert world.call(bob, "EmailSubmission/set", destroy=[made])["destroyed"] == [made]
    assert world.call(bob, "EmailSubmission/get")["list"] == []


# --- what follows ---------------------------------------------------------------------------------


def test_only_what_was_sent_is_changed_after_it(world: World, bob: Actor, identity: str) -> None:
    good, bad = written(world, bob), written(world, bob, to=None)
    seen = {"keywords/$answered": True}
    first, second = world.calls(
        bob,
        [
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "create": {
                    "good": {"identityId": identity, "emailId": good},
                    "bad": {"identityId": identity, "emailId": bad},
                },
                "onSuccessUpdateEmail": {"#good": seen, "#bad": seen, "#nothing": seen, "s999": seen},
            },
            "both",
        ],
    )
    assert first[1]["notCreated"].keys() == {"bad"}
    assert (second[0], second[2]) == ("Email/set", "both")
    assert second[1]["updated"] == {good: None}


def test_what_follows_a_recall_names_the_submission(world: World, bob: Actor, identity: str) -> None:
    email = written(world, bob)
    made = sent(world, bob, identity, email)["id"]
    _, second = world.calls(
        bob,
        [
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "update": {made: {"undoStatus": "canceled"}},
                "onSuccessDestroyEmail": [made],
            },
            "0",
        ],
    )
    assert second[1]["destroyed"] == [email]


def test_without_a_success_nothing_follows(world: World, bob: Actor, identity: str) -> None:
    bad = written(world, bob, to=None)
    responses = world.calls(
        bob,
        [
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "create": {"bad": {"identityId": identity, "emailId": bad}},
                "onSuccessUpdateEmail": {"#bad": {"keywords/$draft": None}},
            },
            "0",
        ],
    )
    assert len(responses) == 1


def test_what_follows_needs_no_capability_of_its_own(world: World, bob: Actor, identity: str) -> None:
    email = written(world, bob)
    call = {
        "accountId": world.account_id,
        "create": {"s": {"identityId": identity, "emailId": email}},
        "onSuccessUpdateEmail": {"#s": {"keywords/$draft": None}},
    }
    using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:submission"]
    answer = world.request(bob, {"using": using, "methodCalls": [["EmailSubmission/set", call, "0"]]})
    assert [response[0] for response in answer["methodResponses"]] == ["EmailSubmission/set", "Email/set"]


# --- get, query -----------------------------------------------------------------------------------


def test_submissions_are_found_by_what_they_are_about(world: World, bob: Actor, identity: str) -> None:
    emails = [written(world, bob) for _ in range(3)]
    made = []
    for email in emails:
        made.append(sent(world, bob, identity, email)["id"])
        world.clock.now += 60
    world.update(bob, "EmailSubmission", made[1], {"undoStatus": "canceled"})

    def found(filter_: Json, **more: Any) -> list[str]:
        ids: list[str] = world.call(bob, "EmailSubmission/query", filter=filter_, **more)["ids"]
        return ids

    assert found({}) == made
    assert found({"undoStatus": "canceled"}) == [made[1]]
    assert found({"emailIds": [emails[0], emails[2]]}) == [made[0], made[2]]
    assert found({"identityIds": [identity]}) == made
    assert found({"identityIds": []}) == []
    middle = world.get(bob, "EmailSubmission", made[1])["sendAt"]
    assert found({"before": middle}) == made[:1]
    assert found({"after": middle}) == made[1:]
    assert found({}, sort=[{"property": "sentAt", "isAscending": False}]) == made[::-1]


def test_a_submission_is_seen_with_its_email(world: World, bob: Actor, identity: str) -> None:
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.SENT])
    email = written(world, bob)
    made = sent(world, bob, identity, email)["id"]
    assert world.call(carl, "EmailSubmission/get")["list"] == []
    assert world.call(carl, "EmailSubmission/query")["ids"] == []
    world.update(bob, "Email", email, {"mailboxIds": {world.box(Role.SENT): True}})
    assert world.call(carl, "EmailSubmission/query")["ids"] == [made]


def test_a_draft_that_a_colleague_is_sending_or_that_may_have_left_is_not_sent_again(
    world: World, bob: Actor, identity: str
) -> None:
    carol, email = world.person("carol", Level.WRITE, Send.SEND_AS), written(world, bob)
    first = sent(world, bob, identity, email)
    asked = {"identityId": identity, "emailId": email}
    assert world.refuse(carol, "EmailSubmission", asked)["emailIds"] == [email]
    with world.database.write() as tx:
        submissions.settle(tx, tx.value("SELECT id FROM submission"), UndoStatus.UNCERTAIN)
    assert world.refuse(bob, "EmailSubmission", asked)["type"] == "urn:shinbox:threadMoved"
    assert world.update(bob, "EmailSubmission", first["id"], {"undoStatus": "canceled"}) is None
    assert sent(world, carol, identity, email)["undoStatus"] == "pending"


# --- what came back -------------------------------------------------------------------------------


def test_reports_that_came_are_named_to_who_may_read_them(world: World, bob: Actor, identity: str) -> None:
    made = sent(world, bob, identity, written(world, bob))["id"]
    report = world.receive(subject="Undelivered")
    gone = world.receive(subject="Undelivered, too")
    with world.database.write() as tx:
        for email in (report, gone):
            submissions.add_report(tx, int(made[1:]), int(email[1:]))
            submissions.add_report(tx, int(made[1:]), int(email[1:]))
    world.call(bob, "Email/set", {"destroy": [gone]})
    [blob] = world.get(bob, "EmailSubmission", made, "dsnBlobIds")["dsnBlobIds"]
    assert blob == world.get(bob, "Email", report, "blobId")["blobId"]


def test_a_message_says_itself_who_did_not_get_it(world: World, bob: Actor, identity: str) -> None:
    email = written(world, bob)
    made = int(sent(world, bob, identity, email)["id"][1:])
    report, other = world.receive(subject="Undelivered"), world.receive()
    state = world.call(bob, "Email/get", ids=[])["state"]
    assert world.get(bob, "Email", email, "undelivered")["undelivered"] is None
    status = {"a@x.org": {"smtpReply": "552 full", "delivered": "no", "displayed": "unknown"}}
    with world.database.write() as tx:
        submissions.settle(
            tx, made, UndoStatus.FINAL, delivery_status=status, error="Not delivered to a@x.org."
        )
        submissions.add_report(tx, made, int(report[1:]))
    assert world.get(bob, "Email", email, "undelivered")["undelivered"] == "Not delivered to a@x.org."
    assert world.get(bob, "Email", other, "undelivered")["undelivered"] is None
    assert world.call(bob, "Email/changes", sinceState=state)["updated"] == [email]
    assert "undelivered" not in world.get(bob, "Email", email)
