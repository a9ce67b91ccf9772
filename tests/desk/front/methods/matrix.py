"""The rights matrix: what each door needs, said a second time and independently of the declarations.

A Probe is one way to see or change something: how it is prepared, how it is tried, and which rights it needs.
A Variant is somebody with certain rights. `expected` is the whole rule of DESIGN.md (Rights) in ten lines.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from shinbox.desk.front import blobs
from shinbox.desk.front.login import Actor
from shinbox.desk.front.methods.draft_content import CONTENT
from shinbox.desk.front.present import Here
from shinbox.desk.store import drafts, emails, grants, intents, jobs, mailboxes, submissions, uploads, users
from shinbox.desk.store import identities as identity_store
from shinbox.desk.store.database import Tx
from shinbox.desk.store.drafts import Answered, Editor
from shinbox.errors import ShinboxError
from shinbox.jmap.objects import TYPES
from shinbox.terms import DESK, LEVEL_RIGHTS, MAILBOX_RIGHTS, SEND_RIGHTS, Level, Right, Role, Send
from tests.desk.front.methods.world import Json, World

INBOX, ARCHIVE, TRASH, ACCOUNT, ANYWHERE = "inbox", "archive", "trash", "account", "anywhere"
THEN: Final = "2027-01-01T00:00:00Z"
STRONG: Final = frozenset(Right)


@dataclass(frozen=True)
class Need:
    """One of `rights` at a place; or being an administrator, or the person it is about."""

    place: str
    rights: frozenset[Right] = frozenset()
    admin: bool = False
    own: bool = False


def need(place: str, *rights: Right, admin: bool = False, own: bool = False) -> Need:
    """See Need."""
    return Need(place, frozenset(rights), admin, own)


@dataclass(frozen=True)
class Variant:
    """Somebody: with rights on the account or on the tree of one folder, or an administrator, or neither."""

    name: str
    rights: frozenset[Right] = frozenset()
    tree: Role | None = None
    admin: bool = False
    member: bool = True

    def at(self, place: str) -> frozenset[Right]:
        """The rights at a place."""
        if self.tree is None:
            return self.rights
        given = self.rights & (MAILBOX_RIGHTS - {Right.SUBMIT, Right.SEND_ON_BEHALF})
        if place in (self.tree.value, ANYWHERE):
            return given
        return given & {Right.READ} if place == ACCOUNT else frozenset()

    @property
    def enters(self) -> bool:
        """Whether the account exists for them."""
        return self.member or self.admin


@dataclass(frozen=True)
class Probe:
    """One door. `prepare` makes what it is about, `act` tries it and says whether it worked."""

    type: str
    method: str
    what: str
    needs: tuple[Need, ...]
    prepare: Callable[[World], Any]
    act: Callable[[World, Actor, Any], bool]
    on_desk: bool = False

    @property
    def id(self) -> str:
        """Its name in the test's report."""
        return f"{self.type}/{self.method}: {self.what}"

    def expected(self, variant: Variant) -> bool:
        """Whether it must work for them."""
        if not (self.on_desk or variant.enters):
            return False
        return all(
            bool(one.rights & variant.at(one.place))
            or (one.admin and variant.admin)
            or (one.own and variant.admin)
            or one == Need(ANYWHERE)
            for one in self.needs
        )

    def variants(self) -> Iterator[Variant]:
        """Everybody who tries this door: the levels, trees, and who has just enough or just too little."""
        yield from COMMON
        for chosen in itertools.product(*(sorted(one.rights) for one in self.needs if one.rights)):
            yield Variant(f"just {'+'.join(sorted(set(chosen)))}", frozenset(chosen))
        for one in self.needs:
            yield Variant(f"all but {'/'.join(sorted(one.rights))}", STRONG - one.rights)
            for right in one.rights:
                yield Variant(f"all but {right}", STRONG - {right})


COMMON: Final = (
    Variant("a stranger", member=False),
    *(Variant(f"level {level}", LEVEL_RIGHTS[level]) for level in Level),
    *(Variant(f"write, {send}", LEVEL_RIGHTS[Level.WRITE] | SEND_RIGHTS[send]) for send in Send),
    Variant("every right", STRONG),
    Variant("an administrator", admin=True, member=False),
    Variant("write in the inbox", LEVEL_RIGHTS[Level.WRITE], Role.INBOX),
    Variant("write in the archive", LEVEL_RIGHTS[Level.WRITE], Role.ARCHIVE),
    Variant("read in the inbox", LEVEL_RIGHTS[Level.READ], Role.INBOX),
)


@dataclass
class Cast:
    """The people of the variants, each made once."""

    world: World
    known: dict[Variant, Actor] = field(default_factory=dict)

    def actor(self, variant: Variant) -> Actor:
        """Somebody with exactly these rights."""
        if variant not in self.known:
            self.known[variant] = self._make(variant)
        return self.known[variant]

    def _make(self, variant: Variant) -> Actor:
        world = self.world
        person = world.people.user(f"person {len(self.known)}", administrator=variant.admin)
        with world.database.write() as tx:
            users.update(tx, person.user_id, email=f"p{len(self.known)}@example.org")
            if variant.member:
                read = LEVEL_RIGHTS[Level.READ]
                grants.create(
                    tx,
                    world.account,
                    user=person.user_id,
                    mailbox=world.folders[variant.tree] if variant.tree else None,
                    level=Level.READ,
                    with_rights=sorted(variant.rights - read),
                    without_rights=sorted(read - variant.rights),
                    send=Send.NONE,
                    created_at=THEN,
                )
        return person


# --- preparing ------------------------------------------------------------------------------------


def in_store(make: Callable[[World, Tx], Any]) -> Callable[[World], Any]:
    """A preparation that writes rows; mail is what the sync would have brought."""

    def prepare(world: World) -> Any:
        with world.database.write() as tx:
            return make(world, tx)

    return prepare


def email_in(*roles: Role, **more: Any) -> Callable[[World], str]:
    """An email in these folders."""
    return lambda world: world.receive(boxes={world.folders[role] for role in roles}, **more)


_numbers = itertools.count()


def _folder(world: World, tx: Tx) -> str:
    """A new folder in the inbox."""
    row = mailboxes.create(tx, world.account, f"F{next(_numbers)}", parent=world.folders[Role.INBOX])
    return f"f{row}"


def _folder_with_mail(world: World) -> str:
    folder = str(in_store(_folder)(world))
    world.receive(boxes={int(folder[1:])})
    return folder


def _identity(world: World, tx: Tx) -> str:
    row = identity_store.create(tx, world.account, name="Support", email="support@example.org")
    return f"i{row}"


def _draft(world: World) -> tuple[str, str]:
    raw = b"From: support@example.org\r\nTo: ann@customer.example\r\nSubject: Draft\r\n\r\nHi\r\n"
    return world.receive(raw, role=Role.INBOX, keywords={"$draft"}), str(in_store(_identity)(world))


def _text(answers: Callable[[World], str] | None) -> Callable[[World], str]:
    """A colleague's draft that nobody holds, on its own or an answer."""

    def prepare(world: World) -> str:
        email = None if answers is None else int(answers(world)[1:])
        content = {name: TYPES["Draft"].properties[name].encode_default() for name in CONTENT}
        with world.database.write() as tx:
            row = drafts.create(tx, world.account, Editor(1, "x"), content, Answered(email), now=0, at=THEN)
        return f"d{row}"

    return prepare


def somebody_at_it(world: World) -> str:
    """The administrator of the first row has an email in the inbox open; the presence."""
    email = email_in(Role.INBOX)(world)
    actor = Actor(1, "the first administrator", True, "unix uid 1")
    here = Here(0, world.account, actor.user_id, actor.name, "w", int(email[1:]), 1, False, 0)
    world.desk.presences.leave(actor.user_id, "w")
    world.desk.presences.refresh(here, world.clock())
    return f"w{world.desk.presences.there(world.account, world.clock())[-1].number}"


def is_at(doing: str) -> Callable[[World, Actor, Any], bool]:
    """Presence/refresh is taken."""

    def act(world: World, actor: Actor, it: str) -> bool:
        arguments = {"emailId": it, "doing": doing, "window": "x"}
        return answer_of(world, actor, "Presence/refresh", arguments) is not None

    return act


def _submission(status: str) -> Callable[[World], str]:
    def prepare(world: World) -> str:
        email, identity = _draft(world)
        with world.database.write() as tx:
            row = submissions.create(
                tx,
                world.account,
                identity=int(identity[1:]),
                email=int(email[1:]),
                thread=tx.value("SELECT thread_id FROM email WHERE id = ?", (int(email[1:]),)),
                user=1,
                message_id="x@y",
                blob_hash="0" * 64,
                envelope={"mailFrom": {"email": "support@example.org"}, "rcptTo": [{"email": "a@x.org"}]},
                send_at=2e9,
                undo_actions={},
                now=THEN,
            )
            tx.run("UPDATE submission SET undo_status = ? WHERE id = ?", (status, row))
        return f"s{row}"

    return prepare


def _intent(world: World, tx: Tx) -> str:
    row = intents.queue(tx, world.account, "move", email=1, mailbox=world.folders[Role.INBOX], now=THEN)
    return f"n{row}"


def _job(kind: Literal["connectionTest", "fetchNow"]) -> Callable[[World], str]:
    def make(world: World, tx: Tx) -> str:
        tx.run("DELETE FROM job")
        row = jobs.create(tx, world.account, kind, created_by=1, created_at=THEN)
        tx.run("UPDATE job SET status = 'done', finished_at = ? WHERE id = ?", (THEN, row))
        return f"j{row}"

    return in_store(make)


def _grant(world: World, tx: Tx) -> str:
    row = grants.create(tx, world.account, user=None, team=None, level=Level.READ, created_at=THEN)
    tx.run('UPDATE "grant" SET expires_at = ? WHERE id = ?', ("2020-01-01T00:00:00Z", row))
    return f"r{row}"


def _user(world: World, tx: Tx) -> str:
    return f"u{users.create(tx, f'user {next(_numbers)}', created_at=THEN)}"


def _team(world: World, tx: Tx) -> str:
    return f"g{users.create_team(tx, f'team {next(_numbers)}', [])}"


def _account(world: World) -> str:
    account, _ = world.people.account(f"box{next(_numbers)}")
    return f"a{account}"


def nothing(world: World) -> None:
    """Nothing to prepare."""


# --- acting ---------------------------------------------------------------------------------------


def answer_of(world: World, actor: Actor, name: str, arguments: Mapping[str, Any]) -> Json | None:
    """The answer of a call, None for an error."""
    account = {"accountId": arguments.get("accountId", world.account_id)}
    response = world.calls(actor, [name, {**account, **arguments}, "0"])[0]
    return response[1] if response[0] == name else None


def sees(type_name: str, account: str | None = None, **arguments: Any) -> Callable[[World, Actor, Any], bool]:
    """/get finds it, alone and among all."""

    def act(world: World, actor: Actor, it: str) -> bool:
        where = {} if account is None else {"accountId": account}
        answer = answer_of(world, actor, f"{type_name}/get", {"ids": [it], **where, **arguments})
        found = bool(answer and answer["list"])
        assert answer is None or found is (it not in answer["notFound"])
        return found

    return act


def finds(type_name: str, account: str | None = None) -> Callable[[World, Actor, Any], bool]:
    """/query finds it."""

    def act(world: World, actor: Actor, it: str) -> bool:
        where = {} if account is None else {"accountId": account}
        answer = answer_of(world, actor, f"{type_name}/query", {**where, "calculateTotal": True})
        assert answer is None or answer["total"] == len(answer["ids"])
        return bool(answer and it in answer["ids"])

    return act


def hears(type_name: str, account: str | None = None) -> Callable[[World, Actor, Any], bool]:
    """/changes tells of it, from the beginning of time."""

    def act(world: World, actor: Actor, it: str) -> bool:
        where = {} if account is None else {"accountId": account}
        answer = answer_of(world, actor, f"{type_name}/get", {"ids": [], **where})
        if answer is None:
            return False
        since = f"0.{answer['state'].partition('.')[2]}"
        told = answer_of(world, actor, f"{type_name}/changes", {"sinceState": since, **where})
        return bool(told and it in [*told["created"], *told["updated"], *told["destroyed"]])

    return act


def sets(type_name: str, make: Callable[[World, Any], Json]) -> Callable[[World, Actor, Any], bool]:
    """/set does it."""

    def act(world: World, actor: Actor, it: Any) -> bool:
        answer = answer_of(world, actor, f"{type_name}/set", make(world, it))
        if answer is None:
            return False
        done = [answer["created"], answer["updated"], answer["destroyed"]]
        failed = [answer["notCreated"], answer["notUpdated"], answer["notDestroyed"]]
        assert sum(map(bool, done)) + sum(map(bool, failed)) == 1
        return any(done)

    return act


def creates(type_name: str, value: Callable[[World, Any], Json], account: str | None = None) -> Any:
    """/set creates it."""
    where = {} if account is None else {"accountId": account}
    return sets(type_name, lambda world, it: {"create": {"k": value(world, it)}, **where})


def updates(type_name: str, patch: Callable[[World], Json], account: str | None = None) -> Any:
    """/set updates it."""
    where = {} if account is None else {"accountId": account}
    return sets(type_name, lambda world, it: {"update": {it: patch(world)}, **where})


def destroys(type_name: str, account: str | None = None, **more: Any) -> Any:
    """/set destroys it."""
    where = {} if account is None else {"accountId": account}
    return sets(type_name, lambda world, it: {"destroy": [it], **where, **more})


def downloads(blob: Callable[[str], str]) -> Callable[[World, Actor, Any], bool]:
    """The blob comes."""

    def act(world: World, actor: Actor, it: str) -> bool:
        try:
            return bool(blobs.download(world.desk, actor, world.account_id, blob(it)))
        except ShinboxError:
            return False

    return act


def uploads_something(world: World, actor: Actor, it: None) -> bool:
    """The upload is taken."""
    try:
        return bool(blobs.upload(world.desk, actor, world.account_id, "text/plain", b"x")["blobId"])
    except ShinboxError:
        return False


def imports(blob: Callable[[World, Actor, Any], str]) -> Callable[[World, Actor, Any], bool]:
    """Email/import into the inbox works."""

    def act(world: World, actor: Actor, it: Any) -> bool:
        one = {"blobId": blob(world, actor, it), "mailboxIds": {world.box(Role.INBOX): True}}
        answer = answer_of(world, actor, "Email/import", {"emails": {"k": one}})
        return bool(answer and answer["created"])

    return act


def own_upload(world: World, actor: Actor, it: Any) -> str:
    """A blob of theirs, however it came."""
    hash_ = world.desk.blobs.put(b"Subject: x\r\n\r\ny\r\n")
    with world.database.write() as tx:
        now = world.clock()
        row = uploads.add(
            tx, world.account, actor.user_id, hash_=hash_, type_="message/rfc822", size=16, now=now
        )
    return f"b{row}"


def attaches(world: World, actor: Actor, it: str) -> bool:
    """A draft in the inbox takes it as an attachment."""
    value = {"mailboxIds": {world.box(Role.INBOX): True}, "attachments": [{"blobId": f"m{it[1:]}"}]}
    answer = answer_of(world, actor, "Email/set", {"create": {"k": value}})
    return bool(answer and answer["created"])


def threads_it(world: World, actor: Actor, it: str) -> bool:
    """Thread/get shows the email."""
    answer = answer_of(world, actor, "Thread/get", {"ids": [thread_of(world, it)]})
    return bool(answer and any(it in thread["emailIds"] for thread in answer["list"]))


def thread_of(world: World, email: str) -> str:
    """The thread of an email."""
    with world.database.read() as tx:
        return f"t{tx.value('SELECT thread_id FROM email WHERE id = ?', (int(email[1:]),))}"


def leaves_inbox(world: World, actor: Actor, it: str) -> bool:
    """Taking it out of the inbox alone takes it out."""
    patch = {f"mailboxIds/{world.box(Role.INBOX)}": None}
    answer_of(world, actor, "Email/set", {"update": {it: patch}})
    with world.database.read() as tx:
        lies = emails.mailboxes_of(tx, [int(it[1:])])[int(it[1:])]
    return world.folders[Role.INBOX] not in lies


def sends_and(patch: Json) -> Callable[[World, Actor, Any], bool]:
    """The email implied by a submission is changed."""

    def act(world: World, actor: Actor, it: tuple[str, str]) -> bool:
        value = {"emailId": it[0], "identityId": it[1]}
        call = {"create": {"k": value}, "onSuccessUpdateEmail": {"#k": patch}}
        responses = world.calls(actor, ["EmailSubmission/set", {"accountId": world.account_id, **call}, "0"])
        return any(name == "Email/set" and answer["updated"] for name, answer, _ in responses)

    return act


def explains_others(world: World, actor: Actor, it: str) -> bool:
    """Grant/explain answers about somebody else."""
    return answer_of(world, actor, "Grant/explain", {"user": it, "action": "mayMove"}) is not None


def verifies(world: World, actor: Actor, it: None) -> bool:
    """AuditEntry/verify answers."""
    return answer_of(world, actor, "AuditEntry/verify", {"accountId": DESK}) is not None


def audit_entry(account: bool) -> Callable[[World], str]:
    """An entry of the audit: one about the account, or one about the desk alone."""

    def prepare(world: World) -> str:
        where = "account_id = 1" if account else "account_id IS NULL OR account_id = 0"
        person = world.people.user(f"auditor {next(_numbers)}", administrator=True)
        answer_of(world, person, "Mailbox/get", {"accountId": world.account_id, "ids": ["f1"]})
        answer_of(world, person, "Team/set", {"accountId": DESK, "create": {"k": {"name": person.name}}})
        with world.database.read() as tx:
            return f"l{tx.value(f'SELECT MAX(id) FROM audit WHERE {where}')}"

    return prepare


def box(role: Role) -> Callable[[World], str]:
    """The id of a standard folder."""
    return lambda world: world.box(role)


def seqs(world: World) -> list[int]:
    """The numbers of the last changes: as they were, if nothing changed."""
    with world.database.read() as tx:
        return tx.column("SELECT seq FROM account ORDER BY id")


def part_of(it: str) -> str:
    """The blob id of an email's text."""
    return f"p{it[1:]}-1"


def raw_of(it: str) -> str:
    """The blob id of an email."""
    return f"m{it[1:]}"


def pretty(value: Any) -> str:
    """For the report of a failed cell."""
    return json.dumps(value, default=str)
