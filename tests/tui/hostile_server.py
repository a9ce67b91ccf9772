"""A JMAP server on a Unix socket in whose every text somebody has hidden something for the terminal.

One mailbox a kind of payload; every text in it reads `field` + number, the payload, and an end. Whatever is
changed there is refused with such a text, and news of refusals come with one. Speaks just the protocol that
the terminal client asks for; knows nothing of the client.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shinbox.terms import CORE, DESK_CAPABILITY, MAIL, SUBMISSION

Json = dict[str, Any]

KINDS: dict[str, str] = {
    "OSC 52": "\x1b]52;c;bWFyaw==\x07",
    "OSC 8": "\x1b]8;;http://evil.example\x1b\\",
    "OSC title": "\x1b]0;owned\x07",
    "CSI 2J": "\x1b[2J\x1b[7;7H",
    "SGR": "\x1b[38;5;199;45m",
    "DCS": "\x1bP1$r0m\x1b\\",
    "C1": "\x9b5m\x9d0;x\x9c",
    "bidi override": "\u202egnp",
    "zero-width": "a\u200bb\u2060c\ufeff",
    "closing markup": "[/][/bold]",
    "click markup": "[@click=app.quit]c[/]",
    "HTML entity": "&#27;]0;owned&#7;&#x9b;2J",
}
PING = 2.0
"""Seconds between signs of life."""

RIGHTS = (
    "mayReadItems", "maySetSeen", "maySetKeywords", "mayMove", "mayAddItems", "mayRemoveItems", "maySubmit",
)  # fmt: skip


def said(field: str, number: int) -> str:
    """The text of a field of the mailbox of one kind."""
    return f"{field}{number:02} {list(KINDS.values())[number]}~{number:02}"


def address(field: str, number: int) -> str:
    """The same as a mail address: no spaces."""
    return f"{field}{number:02}{list(KINDS.values())[number]}@x.example"


USER = "user \x1b]52;c;x\x07\x9b2J\u202e\u200b[/]"


class HostileServer:
    """Serves until `close`; `push` sends an event to every open stream, and to who opens one later."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loop = asyncio.new_event_loop()
        self._streams: list[asyncio.StreamWriter] = []
        self._refused = 0
        self._news = ""
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(60)

    def close(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def push(self, number: int) -> None:
        """The mail server refused something in a mailbox, and a message came: the news follow."""
        self._refused += 1
        news = {"Intent": str(self._refused), "Mailbox": str(self._refused)}
        change = {"@type": "StateChange", "changed": {f"a{number:02}": news}}
        self._loop.call_soon_threadsafe(self._bring, f"event: state\ndata: {json.dumps(change)}\n\n")

    def _bring(self, news: str) -> None:
        self._news = news
        self._tell(news)

    def _tell(self, event: str) -> None:
        self._streams = [stream for stream in self._streams if not stream.is_closing()]
        for stream in self._streams:
            stream.write(event.encode())

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_unix_server(self._serve, self.path))
        self._loop.call_later(PING, self._ping)
        started.set()
        self._loop.run_forever()

    def _ping(self) -> None:
        self._tell(": still here\n\n")
        self._loop.call_later(PING, self._ping)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            length = 0
            while (line := (await reader.readline()).strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            body = await reader.readexactly(length)
            path = head.split()[1].decode()
            if path.startswith("/download"):
                _, _, account, blob, _ = path.split("/")
                data = content(blob, int(account[1:]))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(data), data))
                continue
            if path.startswith("/events"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
                # As a desk's stream does, it begins with how things are: nobody need listen in time.
                writer.write(self._news.encode())
                self._streams.append(writer)
                continue
            answer = json.dumps(self._answer(json.loads(body)) if body else session()).encode()
            kind = b"Content-Type: application/json\r\n"
            writer.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (kind, len(answer), answer))

    def _answer(self, request: Json) -> Json:
        responses = []
        for name, arguments, call in request["methodCalls"]:
            number = int(arguments["accountId"][1:])
            made = METHODS.get(name, _nothing)(number, arguments)
            if name == "Intent/changes":
                made["newState"] = str(self._refused)
            for folder in made.get("list", []) if name == "Mailbox/get" else []:
                folder["unreadEmails"] += self._refused
            responses.append([name, {"accountId": arguments["accountId"], **made}, call])
        return {"methodResponses": responses, "sessionState": "s"}


FILES = {"text": "text/plain", "sheet": "text/csv", "event": "text/calendar"}
"""The files of a message that have a preview: their blob and type; each is called so too, with a payload."""


def content(blob: str, number: int) -> bytes:
    """A file's bytes; what is no file is a whole message."""
    hidden = said(blob[:4], number)
    event = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{hidden}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    made = {
        "sheet": f'"{hidden}";2\r\n3;4\r\n',
        "event": event,
        "b": f"Subject: {said('sour', number)}\r\n\r\nx",
    }
    return made.get(blob, hidden).encode()


def session() -> Json:
    """The session object."""
    accounts = {
        f"a{number:02}": {
            "name": said("box", number),
            "accountCapabilities": {MAIL: {}, SUBMISSION: {}, DESK_CAPABILITY: {}},
        }
        for number in range(len(KINDS))
    }
    return {
        "username": USER,
        "accounts": accounts,
        "capabilities": {CORE: {"maxCallsInRequest": 16}, MAIL: {}, SUBMISSION: {}, DESK_CAPABILITY: {}},
        "apiUrl": "/api",
        "downloadUrl": "/download/{accountId}/{blobId}/{name}?type={type}",
        "uploadUrl": "/upload/{accountId}",
        "eventSourceUrl": "/events?types={types}&closeafter={closeafter}&ping={ping}",
        "state": "s",
    }


def _got(objects: list[Json]) -> Json:
    return {"state": "0", "list": objects, "notFound": []}


def _nothing(number: int, arguments: Json) -> Json:
    if arguments.get("sinceState") is not None:
        return {"oldState": "0", "newState": "0", "hasMoreChanges": False,
                "created": [], "updated": [], "destroyed": []}  # fmt: skip
    return _got([])


def _folders(number: int, arguments: Json) -> Json:
    def rights(role: str) -> dict[str, bool]:
        return {name: name != "maySubmit" or role != "archive" for name in RIGHTS}

    return _got(
        [
            {"id": f"f{role}", "name": said(field, number), "role": role, "sortOrder": 1, "totalEmails": 2,
             "unreadEmails": 2, "myRights": rights(role)}
            for role, field in (("inbox", "fold"), ("drafts", "draft"), ("archive", "arch"))
        ]
    )  # fmt: skip


def _identities(number: int, arguments: Json) -> Json:
    who = {"name": said("iden", number), "email": address("iaddr", number)}
    return _got([{"id": f"i{n}", **who, "textSignature": said("sign", number)} for n in (1, 2)])


def _query(number: int, arguments: Json) -> Json:
    wanted = arguments.get("filter") or {}
    ids = ["text", "html"] if wanted.get("inMailbox", "finbox") == "finbox" else []
    return {"queryState": "0", "ids": ids, "position": 0, "total": len(ids), "canCalculateChanges": False}


def _people(field: str, number: int) -> list[Json]:
    return [{"name": said(field, number), "email": address(field + "a", number)}]


def _email(number: int, email_id: str) -> Json:
    html = email_id == "html"
    part = {"partId": "1", "blobId": "b", "size": 9, "type": "text/html" if html else "text/plain"}
    file = {
        "partId": "2",
        "blobId": "c",
        "size": 9,
        "type": said("type", number),
        "name": said("file", number),
    }
    files = [
        {"partId": blob, "blobId": blob, "size": 9, "type": type_, "name": said(blob[:3] + "f", number)}
        for blob, type_ in FILES.items()
    ]
    body = said("html" if html else "body", number)
    link = f'<a href="https://x.example/{said("link", number)}">{said("word", number)}</a>'
    return {
        "id": email_id, "blobId": "b", "threadId": email_id, "mailboxIds": {"finbox": True},
        "keywords": {said("labl", number): True} if html else {},
        "size": 99, "receivedAt": "2026-11-20T12:00:00Z", "sentAt": "2026-11-20T12:00:00Z",
        "from": _people("from", number), "to": _people("to", number), "cc": _people("cc", number),
        "replyTo": [{"name": said("repl", number), "email": "reply@x.example"}],
        "subject": said("subj", number), "messageId": ["1@x.example"],
        "preview": said("prev", number), "hasAttachment": True, "textBody": [part], "htmlBody": [part],
        "attachments": [file, *files], "defects": [said("defe", number)],
        "bodyValues": {"1": {"value": f"<p>{body}</p><p>{link}</p>" if html else body}},
    }  # fmt: skip


def _emails(number: int, arguments: Json) -> Json:
    return _got([_email(number, id_) for id_ in arguments.get("ids") or ("text", "html")])


def _refuse(number: int, arguments: Json) -> Json:
    error = {"type": "serverFail", "description": said("error", number)}
    return {
        "oldState": None,
        "newState": "0",
        "notCreated": dict.fromkeys(arguments.get("create") or {}, error),
        "notUpdated": dict.fromkeys(arguments.get("update") or {}, error),
    }


def _intents(number: int, arguments: Json) -> Json:
    if arguments.get("#ids", {}).get("path") != "/updated":
        return _got([])
    return _got([{"id": "n1", "kind": "move", "status": "refused", "reason": said("reason", number)}])


METHODS: dict[str, Callable[[int, Json], Json]] = {
    "Mailbox/get": _folders,
    "Identity/get": _identities,
    "Email/query": _query,
    "Email/get": _emails,
    "Email/set": _refuse,
    "EmailSubmission/set": _refuse,
    "Intent/get": _intents,
}
