"""The event stream: what changed, told to those who may see it, while they may (RFC 8620 §7.3).

Owns who waits and what each was told last. Every push looks anew at who the listener is and what they may
do; when either is no longer what it was at the start, the stream ends, and the client comes back for a new
session. A state is told only if the listener's own /changes would name something.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from weakref import WeakSet

import anyio
import anyio.to_thread
import msgspec

from shinbox.desk.front import access
from shinbox.desk.front.context import Call, Desk, Run
from shinbox.desk.front.login import Actor, Proof, who_is
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.changes import changes
from shinbox.desk.front.methods.registry import HANDLERS
from shinbox.desk.store import accounts, ids
from shinbox.desk.store.database import Tx
from shinbox.errors import CannotCalculateChanges, NotSignedIn

Told = dict[str, dict[str, str]]
"""Account id → type → state."""

DECIDING: Final = frozenset({"Grant", "User", "Team"})
"""When one of these changes, anybody's rights may have."""
LIGHT: Final = frozenset({"Draft", "Presence"})
"""They come and go many times a minute: whoever did not ask for them is not woken, and no other type is
looked at."""
PAUSE: Final = 0.2
"""Seconds between two looks of one stream, so that a busy sync becomes few events."""
FIRST_LOOK: Final = 1_000
"""How many objects are looked at to find out whether any is visible."""
LONGEST_WAIT: Final = 300.0


@dataclass(eq=False)
class Listener:
    """One open stream, as the hub sees it. `types` None: all; `accounts` (rows) None: not yet looked."""

    types: Collection[str] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    touched: set[tuple[int, str]] = field(default_factory=set)
    accounts: Collection[int] | None = None

    def concerns(self, changed: Collection[tuple[int, str]]) -> bool:
        """Whether to look at once."""
        if self.accounts is None or not changed:
            return True
        return any(name in DECIDING or self._listens(row, name) for row, name in changed)

    def _listens(self, row: int, name: str) -> bool:
        asked = self.types is None or name in self.types
        return (asked or name not in LIGHT) and (self.accounts is None or row in self.accounts)


class Hub:
    """Tells listeners that something changed. `publish` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # Weak: a stream that was never read from leaves no listener behind.
        self._listeners: WeakSet[Listener] = WeakSet()
        self._closed = False

    def is_closed(self) -> bool:
        """Whether every stream is to end."""
        return self._closed

    def publish(self, touched: Iterable[tuple[int, str]]) -> None:
        """These (account row, type) changed; nothing in particular: look whether you are still welcome."""
        changed = frozenset(touched)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, changed)

    def _spread(self, changed: frozenset[tuple[int, str]]) -> None:
        for listener in list(self._listeners):
            if listener.concerns(changed):
                listener.touched |= changed
                listener.wake.set()

    def close(self) -> None:
        """End every stream, and those to come at once. In the event loop."""
        self._closed = True
        for listener in list(self._listeners):
            listener.wake.set()

    def join(self, types: Collection[str] | None = None) -> Listener:
        """A new listener to these types; None: to all."""
        listener = Listener(types)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)


@dataclass(frozen=True)
class Wish:
    """What a client asked of its stream (RFC 8620 §7.3). `types` None: all; `ping` 0: none, in seconds."""

    types: frozenset[str] | None = None
    close_after: Literal["state", "no"] = "no"
    ping: int = 0
    last_event_id: str = ""


@dataclass(frozen=True)
class View:
    """One look: the session's state, the states to tell, whose accounts, when to look again (seconds)."""

    session: str
    states: Told
    accounts: frozenset[int]
    until: float | None


class Watch:
    """What one listener may see, look after look. Every method blocks: call them in a worker thread."""

    def __init__(self, desk: Desk, proof: Proof, types: Collection[str] | None) -> None:
        self._desk = desk
        self._proof = proof
        self._types = types
        self._states: Told = {}
        self._looked: Told = {}

    def look(self, touched: Collection[tuple[int, str]] | None) -> View:
        """The states of what may have changed, as (account row, type); None: of all.

        :raises NotSignedIn: the listener is nobody any more.
        """
        now = self._desk.clock()
        with self._desk.database.read() as tx:
            known = who_is(tx, self._proof, now)
            shared = access.accounts_of(tx, known.actor, now)
            mine = {accounts.DESK, *shared}
            ends = [line.expires_at for lines in shared.values() for line in lines]
            until = min((end for end in [known.until, *ends] if end is not None), default=None)
            for row in sorted(mine):
                names = None if touched is None else {name for at, name in touched if at == row}
                if names is None or names:
                    self._look_at(tx, known.actor, row, now, names or ())
            session = self._desk.session_state(tx, known.actor)
        # Changes of the desk itself that decide nothing are the administrators' alone.
        concerned = frozenset(mine if known.actor.is_administrator else shared)
        states = {account: dict(types) for account, types in self._states.items()}
        return View(session, states, concerned, until)

    def _look_at(self, tx: Tx, actor: Actor, row: int, now: float, touched: Collection[str]) -> None:
        account, decision = accounts.get(tx, row), access.rights_of(tx, actor, row, now)
        if account is None or decision is None:
            return
        run = Run(self._desk, actor, tx, now, {}, {})
        account_id = ids.to_id("Account", row)
        looked, told = self._looked.setdefault(account_id, {}), self._states.setdefault(account_id, {})
        for name, handler in HANDLERS.items():
            wanted = self._types is None or name in self._types
            at_home = handler.HOME == "both" or (handler.HOME == "desk") == (row == accounts.DESK)
            if not wanted or not at_home or not _is_told(handler):
                continue
            if touched and LIGHT.issuperset(touched) and name not in touched:
                continue
            call = Call(run, f"{name}/changes", {}, account, decision)
            before, state = looked.get(name), handler.state(call)
            looked[name] = state
            if before != state and _tells(call, handler, before):
                told[name] = state


def _is_told(handler: TypeHandler) -> bool:
    return "changes" in handler.type.methods or handler.STATE_IS_OF_SIGHT


def _tells(call: Call, handler: TypeHandler, before: str | None) -> bool:
    """Whether the listener's own /changes would name something; at first, whether they see one at all."""
    if permit.sees_all(call, handler) or (handler.STATE_IS_OF_SIGHT and before is not None):
        return True
    if before is None:
        if handler.IN_FOLDERS:
            return bool(call.decision.visible_mailboxes)
        return bool(permit.visible_rows(call, handler, handler.rows(call, FIRST_LOOK)))
    call.arguments = {"accountId": call.account_id, "sinceState": before}
    try:
        answer = changes(call, handler)
    except CannotCalculateChanges:
        return True
    return any(answer[kind] for kind in ("created", "updated", "destroyed"))


async def open_stream(
    hub: Hub, watch: Watch, wish: Wish, clock: Callable[[], float], limiter: anyio.CapacityLimiter
) -> AsyncGenerator[bytes, None]:
    """The bytes of a stream. What changes after this returns is told, so a client that looks around after it
    got the headers misses nothing.

    :raises NotSignedIn: the listener is nobody any more.
    """
    listener = hub.join(wish.types)
    view = await _look(watch, None, limiter)
    return _stream(hub, listener, watch, wish, view, clock, limiter)


async def _stream(
    hub: Hub,
    listener: Listener,
    watch: Watch,
    wish: Wish,
    first: View,
    clock: Callable[[], float],
    limiter: anyio.CapacityLimiter,
) -> AsyncGenerator[bytes, None]:
    view = first
    listener.accounts = view.accounts
    try:
        yield b": welcome\n\n"
        told = digest(view.states)
        if wish.last_event_id and wish.last_event_id != told:
            yield state_event(view.states, told)
            if wish.close_after == "state":
                return
        next_ping = clock() + wish.ping
        while not hub.is_closed():
            ends = [LONGEST_WAIT + clock(), view.until, next_ping if wish.ping else None]
            await _wait(listener, min(end for end in ends if end is not None) - clock())
            if hub.is_closed():
                return
            listener.wake.clear()
            touched, listener.touched = listener.touched, set()
            before = view
            view = await _look(watch, touched, limiter)
            changed = difference(before.states, view.states)
            if changed:
                yield state_event(changed, digest(view.states))
            if view.session != first.session or (changed and wish.close_after == "state"):
                return
            if wish.ping and clock() >= next_ping:
                yield ping_event(wish.ping)
                next_ping = clock() + wish.ping
            await anyio.sleep(PAUSE)
    except NotSignedIn:
        return
    finally:
        hub.leave(listener)


async def _look(
    watch: Watch, touched: Collection[tuple[int, str]] | None, limiter: anyio.CapacityLimiter
) -> View:
    return await anyio.to_thread.run_sync(watch.look, touched, limiter=limiter)


async def _wait(listener: Listener, seconds: float) -> None:
    with anyio.move_on_after(max(seconds, 0.0)):
        await listener.wake.wait()


def difference(before: Mapping[str, Mapping[str, str]], after: Told) -> Told:
    """The states in `after` that are new."""
    changed: Told = {}
    for account, types in after.items():
        old = before.get(account, {})
        new = {name: state for name, state in types.items() if old.get(name) != state}
        if new:
            changed[account] = new
    return changed


def digest(states: Told) -> str:
    """One id for everything a listener was told: the same states give the same id, also after a restart."""
    return hashlib.sha256(msgspec.json.encode(states, order="deterministic")).hexdigest()[:16]


def state_event(changed: Told, event_id: str) -> bytes:
    """A StateChange (RFC 8620 §7.1)."""
    return _event("state", {"@type": "StateChange", "changed": changed}, event_id)


def ping_event(interval: int) -> bytes:
    """A sign of life (RFC 8620 §7.3)."""
    return _event("ping", {"interval": interval})


def _event(kind: str, value: Any, event_id: str = "") -> bytes:
    identified = f"id: {event_id}\n" if event_id else ""
    return f"event: {kind}\n{identified}data: {msgspec.json.encode(value).decode()}\n\n".encode()
