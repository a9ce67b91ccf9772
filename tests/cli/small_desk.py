"""A small desk for the command line: the desk's forms, from lists in memory, in a thread of its own.

It holds objects and takes /get, /query and /set on them, nothing else: what a command must cope with beyond
that, a test says by replacing a method.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.jmap.tiny_server import SESSION, Reply, Request, TinyServer, answer, tiny_server

Json = dict[str, Any]
Method = Callable[[Json], Json]

ACCOUNT = {
    "name": "Support",
    "isPersonal": False,
    "accountCapabilities": {
        "urn:ietf:params:jmap:submission": {},
        "urn:shinbox:desk": {"address": "support@example.org"},
    },
}


@dataclass
class SmallDesk:
    """`objects[type][account]` are the objects, `methods` replace a method, `asked` is every call."""

    objects: dict[str, dict[str, list[Json]]] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    session: Json = field(
        default_factory=lambda: {**SESSION, "accounts": {"A1": ACCOUNT, "desk": {"name": "desk"}}}
    )
    server: TinyServer = field(init=False)

    def has(self, type_: str, *objects: Json, account: str = "A1") -> None:
        self.objects.setdefault(type_, {})[account] = list(objects)

    def calls(self, name: str) -> list[Json]:
        return [arguments for asked, arguments in self.asked if asked == name]

    async def api(self, request: Request) -> Reply:
        earlier: dict[str, Json] = {}
        responses: list[Any] = []
        for name, arguments, call_id in request.json()["methodCalls"]:
            for key in [key for key in arguments if key.startswith("#")]:
                reference = arguments.pop(key)
                arguments[key[1:]] = earlier[reference["resultOf"]][reference["path"].strip("/")]
            self.asked.append((name, arguments))
            result = self.methods.get(name, lambda given, name=name: self.generic(name, given))(arguments)
            kind = "error" if "type" in result and "list" not in result else name
            responses.append([kind, result, call_id])
            earlier[call_id] = result
        return answer(*responses)

    def generic(self, name: str, arguments: Json) -> Json:
        type_, _, verb = name.partition("/")
        objects = self.objects.get(type_, {}).get(arguments["accountId"], [])
        if verb == "get":
            ids = arguments["ids"]
            found = [one for one in objects if ids is None or one["id"] in ids]
            missing = sorted(set(ids or ()) - {one["id"] for one in found})
            return {"state": "1", "list": found, "notFound": missing}
        if verb == "query":
            return {"ids": [one["id"] for one in objects], "queryState": "1", "position": 0}
        assert verb == "set", name
        made = {key: {"id": f"new-{key}"} for key in arguments.get("create") or {}}
        changed = dict.fromkeys(arguments.get("update") or {})
        return {
            "newState": "2",
            "created": made,
            "updated": changed,
            "destroyed": arguments.get("destroy") or [],
        }


@contextmanager
def small_desk(path: Path) -> Iterator[SmallDesk]:
    """Serve on the socket `path` until the block ends."""
    desk = SmallDesk()
    started, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with tiny_server(path) as server:
            server.on("/jmap/", desk.api)
            server.session = desk.session
            desk.server = server
            started.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(60)
    try:
        yield desk
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(60)
        loop.close()
