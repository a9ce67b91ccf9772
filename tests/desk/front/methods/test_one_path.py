"""One request from end to end: what was read, changed, sent, written into the audit, pushed and woken."""

from __future__ import annotations

from shinbox.terms import Level, Role, Send
from tests.desk.front.methods.world import World


def test_somebody_reads_flags_and_answers_as_the_shared_mailbox(world: World) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    identity = world.identity()
    email = world.receive(text="Where is my parcel?")

    opened = world.get(bob, "Email", email, "bodyValues", fetchTextBodyValues=True)
    assert opened["bodyValues"]["1"]["value"] == "Where is my parcel?\n"
    assert world.update(bob, "Email", email, {"keywords/$seen": True}) is None
    draft = world.create(
        bob,
        "Email",
        {
            "mailboxIds": {world.box(Role.DRAFTS): True},
            "keywords": {"$draft": True},
            "from": [{"name": "Support", "email": "support@example.org"}],
            "to": [{"email": "ann@customer.example"}],
            "inReplyTo": world.get(bob, "Email", email, "messageId")["messageId"],
            "subject": "Re: Hello",
            "bodyValues": {"text": {"value": "On its way."}},
            "textBody": [{"partId": "text", "type": "text/plain"}],
        },
    )
    assert draft["threadId"] == world.get(bob, "Email", email, "threadId")["threadId"]

    sent, moved = world.calls(
        bob,
        (
            "EmailSubmission/set",
            {
                "accountId": world.account_id,
                "create": {"s": {"identityId": identity, "emailId": draft["id"]}},
                "onSuccessUpdateEmail": {
                    "#s": {"keywords/$draft": None, "mailboxIds": {world.box(Role.SENT): True}}
                },
            },
            "0",
        ),
    )

    assert sent[1]["created"]["s"]["undoStatus"] == "pending"
    assert (moved[0], moved[2]) == ("Email/set", "0")
    assert world.query(bob, {"inMailbox": world.box(Role.SENT)}) == [draft["id"]]
    assert (world.account, "submission") in world.mail.wakes
    assert (world.account, "EmailSubmission") in world.mail.pushed[-1]
    assert world.audit() == [
        ("bob", "Email/open", email, "ok"),
        ("bob", "Email/update", email, "ok"),
        ("bob", "Email/create", draft["id"], "ok"),
        ("bob", "EmailSubmission/create", sent[1]["created"]["s"]["id"], "ok"),
        ("bob", "Email/update", draft["id"], "ok"),
    ]
