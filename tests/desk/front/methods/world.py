"""A desk in a folder, with people, mailboxes and mail, answering JMAP requests without a network.

Owns no rule: it calls dispatch as http.py does and the store as sync does.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shinbox.desk.front.context import Desk
from shinbox.desk.front.dispatch import dispatch
from shinbox.desk.front.login import Actor
from shinbox.desk.front.session import session_of
from shinbox.desk.store import emails, identities, ids
from shinbox.desk.store.arrival import new_email
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.times import utc_now
from shinbox.desk.wake import Topic
from shinbox.errors import RemoteUnreachable
from shinbox.mime.parse import parse
from shinbox.terms import CORE, DESK_CAPABILITY, MAIL, SUBMISSION, Level, Role, Send
from tests.desk.front.people import Clock, People

Json = dict[str, Any]
Arguments = Mapping[str, Any] | None
USING = [CORE, MAIL, SUBMISSION, DESK_CAPABILITY]


@dataclass
class MailProcess:
    """A small mail process: it has bodies ready, and hears of wakes and pushes."""

    bodies: dict[int, Callable[[], None]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    wakes: list[tuple[int, Topic]] = field(default_factory=list)
    pushed: list[frozenset[tuple[int, str]]] = field(default_factory=list)

    def fetch(self, email: int, timeout: float) -> None:
        self.asked.append(email)
        if email not in self.bodies:
            raise RemoteUnreachable("imap.example.org does not answer")
        self.bodies.pop(email)()


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder where forcing bytes to the disk is cheap, if the machine has one: these tests write a lot."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


class World:
    """People, one account "support" with standard folders, and a way to ask."""

    def __init__(self, folder: Path) -> None:
        self.people = People.at(folder)
        self.database = self.people.database
        self.clock: Clock = self.people.clock
        self.mail = MailProcess()
        self._bytes = itertools.count(1)
        self.desk = Desk(
            database=self.database,
            blobs=Blobs(folder / "blobs"),
            clock=self.clock,
            random=lambda n: next(self._bytes).to_bytes(n, "big"),
            wake=lambda account, topic: self.mail.wakes.append((account, topic)),
            publish=self.mail.pushed.append,
            fetch_body=self.mail.fetch,
            session_state=lambda tx, actor: str(
                session_of(tx, actor, self.desk.limits, self.clock())["state"]
            ),
        )
        self.account, self.folders = self.people.account("support")
        self.account_id = ids.to_id("Account", self.account)
        self._mails = itertools.count(1)

    # --- people ---------------------------------------------------------------------------------

    def person(
        self, name: str, level: Level | None = Level.WRITE, send: Send = Send.NONE, **grant: Any
    ) -> Actor:
        """Somebody with a share of the account; without a level with none."""
        actor = self.people.user(name)
        if level is not None:
            self.people.grant(self.account, actor, level=level, send=send, **grant)
        return actor

    def identity(self, email: str = "support@example.org", name: str = "Support") -> str:
        with self.database.write() as tx:
            return ids.to_id("Identity", identities.create(tx, self.account, name=name, email=email))

    # --- mail -----------------------------------------------------------------------------------

    def box(self, role: Role) -> str:
        """The id of a standard folder."""
        return ids.to_id("Mailbox", self.folders[role])

    def receive(
        self,
        raw: bytes | None = None,
        *,
        role: Role = Role.INBOX,
        boxes: set[int] | None = None,
        keywords: set[str] | None = None,
        at: float | None = None,
        subject: str = "Hello",
        sender: str = "Ann <ann@customer.example>",
        text: str = "Good day.",
        headers: str = "",
        held: bool = True,
    ) -> str:
        """A message arrives; the id of the email. `held` false: the desk has its header alone."""
        number = next(self._mails)
        if raw is None:
            raw = (
                (
                    f"From: {sender}\nTo: support@example.org\nSubject: {subject}\n"
                    f"Message-ID: <m{number}@customer.example>\nDate: Fri, 20 Nov 2026 10:00:00 +0100\n"
                    f"{headers}\n{text}\n"
                )
                .replace("\n", "\r\n")
                .encode()
            )
        hash_ = self.desk.blobs.put(raw)
        new = new_email(
            parse(raw),
            received_at=utc_now(self.clock() + number if at is None else at),
            mailboxes=frozenset(boxes or {self.folders[role]}),
            keywords=frozenset(keywords or ()),
            blob_hash=hash_ if held else None,
        )
        with self.database.write() as tx:
            email, _ = emails.insert(tx, self.account, new)
        if not held:
            self.mail.bodies[email] = lambda: self._hold(email, hash_)
        return ids.to_id("Email", email)

    def _hold(self, email: int, hash_: str) -> None:
        with self.database.write() as tx:
            emails.hold_body(tx, self.account, email, blob_hash=hash_, preview="", text="")

    def upload(self, actor: Actor, content: bytes, type_: str = "message/rfc822") -> str:
        from shinbox.desk.front import blobs

        return str(blobs.upload(self.desk, actor, self.account_id, type_, content)["blobId"])

    # --- asking ---------------------------------------------------------------------------------

    def request(self, actor: Actor, value: Any) -> Json:
        """A whole request, as JSON; the response."""
        answer: Json = json.loads(dispatch(json.dumps(value).encode(), actor, self.desk))
        return answer

    def calls(self, actor: Actor, *calls: tuple[str, Json, str] | list[Any], **more: Any) -> list[Any]:
        """Several calls; their responses."""
        answer = self.request(actor, {"using": USING, "methodCalls": list(calls), **more})
        responses: list[Any] = answer["methodResponses"]
        return responses

    def call(self, actor: Actor, name: str, arguments: Arguments = None, /, **more: Any) -> Json:
        """One call that must succeed; its answer. The account is support unless said otherwise."""
        response, answer, _ = self._one(actor, name, {**(arguments or {}), **more})
        assert response == name, answer
        return answer

    def fail(self, actor: Actor, name: str, arguments: Arguments = None, /, **more: Any) -> str:
        """One call that must fail; the type of its error."""
        return str(self.failure(actor, name, arguments, **more)["type"])

    def failure(self, actor: Actor, name: str, arguments: Arguments = None, /, **more: Any) -> Json:
        """One call that must fail; its error."""
        response, answer, _ = self._one(actor, name, {**(arguments or {}), **more})
        assert response == "error", answer
        return answer

    def _one(self, actor: Actor, name: str, arguments: Json) -> tuple[str, Json, str]:
        responses = self.calls(actor, (name, {"accountId": self.account_id, **arguments}, "c"))
        first: tuple[str, Json, str] = responses[0]
        return first

    def get(self, actor: Actor, type_name: str, id_: str, *properties: str, **more: Any) -> Json:
        """One object that must be found."""
        answer = self.call(
            actor, f"{type_name}/get", {"ids": [id_], "properties": list(properties) or None, **more}
        )
        assert len(answer["list"]) == 1, answer
        value: Json = answer["list"][0]
        return value

    def update(self, actor: Actor, type_name: str, id_: str, patch: Json) -> Json | None:
        """One update; None if it succeeded, else its SetError."""
        answer = self.call(actor, f"{type_name}/set", {"update": {id_: patch}})
        failed: Json | None = (answer["notUpdated"] or {}).get(id_)
        assert (failed is None) == (id_ in (answer["updated"] or {}))
        return failed

    def create(self, actor: Actor, type_name: str, value: Json, **more: Any) -> Json:
        """One creation that must succeed; what `created` says."""
        answer = self.call(actor, f"{type_name}/set", {"create": {"k": value}, **more})
        assert answer["created"], answer["notCreated"]
        made: Json = answer["created"]["k"]
        return made

    def refuse(self, actor: Actor, type_name: str, value: Json, **more: Any) -> Json:
        """One creation that must fail; its SetError."""
        answer = self.call(actor, f"{type_name}/set", {"create": {"k": value}, **more})
        assert not answer["created"], answer["created"]
        failed: Json = answer["notCreated"]["k"]
        return failed

    def query(self, actor: Actor, filter_: Json | None = None, **more: Any) -> list[str]:
        """The ids of an Email/query."""
        found: list[str] = self.call(actor, "Email/query", {"filter": filter_, **more})["ids"]
        return found

    def audit(self) -> list[tuple[str, str, str | None, str]]:
        """The lines of the audit: actor, action, object, outcome."""
        with self.database.read() as tx:
            rows = tx.all("SELECT actor, action, object_id, outcome FROM audit ORDER BY id")
        return [tuple(row) for row in rows]
