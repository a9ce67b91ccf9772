"""Method calls as the client makes them: arguments, references to earlier results, typed answers, errors.

Owns the way from a type and its arguments to an Invocation and back. Pure: sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from shinbox.errors import DeskProtocolError, SetError
from shinbox.jmap.faults import Json, method_error, set_error
from shinbox.jmap.objects import JmapObject

T = TypeVar("T", bound=JmapObject)
R = TypeVar("R")


class Invocation(NamedTuple):
    """A method call, or the answer to one (RFC 8620 §3.2)."""

    name: str
    arguments: Json
    call_id: str


Response = Invocation


@dataclass(frozen=True)
class Ref:
    """A part of an earlier answer in the same request (RFC 8620 §3.7): `/ids`, `/list/*/threadId`."""

    call_id: str
    name: str
    path: str


Ids = Sequence[str] | Ref | None


class Got(NamedTuple, Generic[T]):
    """The answer of a /get. Properties that were not asked for hold their defaults."""

    objects: list[T]
    state: str
    not_found: list[str]


class Found(msgspec.Struct, rename="camel", kw_only=True):
    """The answer of a /query; `total` only if it was asked for."""

    ids: list[str]
    query_state: str = ""
    position: int = 0
    total: int | None = None
    can_calculate_changes: bool = False


class Changes(msgspec.Struct, rename="camel", kw_only=True):
    """The answer of a /changes; `updated_properties` is None when anything may have changed."""

    old_state: str
    new_state: str
    has_more_changes: bool = False
    created: list[str] = []
    updated: list[str] = []
    destroyed: list[str] = []
    updated_properties: list[str] | None = None


@dataclass
class SetResult(Generic[T]):
    """The answer of a /set. Partial success is normal: look at `errors`, or call `checked`."""

    old_state: str | None
    new_state: str | None
    created: dict[str, T] = field(default_factory=dict)
    updated: dict[str, Json | None] = field(default_factory=dict)
    destroyed: list[str] = field(default_factory=list)
    not_created: dict[str, SetError] = field(default_factory=dict)
    not_updated: dict[str, SetError] = field(default_factory=dict)
    not_destroyed: dict[str, SetError] = field(default_factory=dict)
    intents: dict[str, list[str]] = field(default_factory=dict)
    """Ours: for each email changed, the ids of the intents that carry the change to the mail server."""

    @property
    def errors(self) -> dict[str, SetError]:
        """Everything that failed, by creation id or id."""
        return self.not_created | self.not_updated | self.not_destroyed

    def checked(self) -> SetResult[T]:
        """Itself.

        :raises SetError: the first object that could not be changed.
        """
        for failure in self.errors.values():
            raise failure
        return self


@dataclass(frozen=True)
class Pending(Generic[R]):
    """A call in a batch, and how its answer is read."""

    call: Invocation
    read: Callable[[Json], R]

    def ref(self, path: str) -> Ref:
        """A reference to a part of its answer, for a later call of the batch."""
        return Ref(self.call.call_id, self.call.name, path)


class Batch:
    """Calls that travel in one request, in order."""

    def __init__(self) -> None:
        self.calls: list[Invocation] = []

    def add(self, name: str, arguments: Mapping[str, Any], read: Callable[[Json], R]) -> Pending[R]:
        """Any method. Arguments that are None stay, those that are a Ref are written as references."""
        plain: Json = {}
        for key, value in arguments.items():
            if isinstance(value, Ref):
                plain["#" + key] = {"resultOf": value.call_id, "name": value.name, "path": value.path}
            else:
                plain[key] = value
        call = Invocation(name, plain, f"c{len(self.calls)}")
        self.calls.append(call)
        return Pending(call, read)

    def call(self, name: str, **arguments: Any) -> Pending[Json]:
        """A method without a type of its own: its answer is plain JSON."""
        return self.add(name, arguments, dict)

    def get(
        self,
        type_: type[T],
        account: str,
        ids: Ids = None,
        properties: Iterable[str] | None = None,
        **more: Any,
    ) -> Pending[Got[T]]:
        """X/get (RFC 8620 §5.1). `ids=None` asks for all."""
        arguments = {"accountId": account, "ids": ids, "properties": _listed(properties), **more}
        return self.add(f"{type_.TYPE}/get", arguments, lambda answer: read_got(type_, answer))

    def query(
        self,
        type_: type[T],
        account: str,
        *,
        filter: Json | None = None,
        sort: list[Json] | None = None,
        position: int = 0,
        limit: int | None = None,
        **more: Any,
    ) -> Pending[Found]:
        """X/query (RFC 8620 §5.5); anchor, anchorOffset, calculateTotal, collapseThreads go into `more`."""
        arguments: Json = {"accountId": account, "filter": filter, "sort": sort, **more}
        if "anchor" not in more:
            arguments["position"] = position
        if limit is not None:
            arguments["limit"] = limit
        return self.add(f"{type_.TYPE}/query", arguments, lambda answer: _convert(answer, Found))

    def changes(
        self, type_: type[T], account: str, since: str, max_changes: int | None = None
    ) -> Pending[Changes]:
        """X/changes (RFC 8620 §5.2)."""
        arguments: Json = {"accountId": account, "sinceState": since}
        if max_changes is not None:
            arguments["maxChanges"] = max_changes
        return self.add(f"{type_.TYPE}/changes", arguments, lambda answer: _convert(answer, Changes))

    def set_(
        self,
        type_: type[T],
        account: str,
        *,
        create: Mapping[str, Json] | None = None,
        update: Mapping[str, Json] | None = None,
        destroy: Ids = None,
        if_in_state: str | None = None,
        **more: Any,
    ) -> Pending[SetResult[T]]:
        """X/set (RFC 8620 §5.3). `create` and `update` hold wire forms; updates may be patches."""
        arguments: Json = {"accountId": account, **more}
        given = {"create": create, "update": update, "destroy": destroy, "ifInState": if_in_state}
        arguments |= {key: value for key, value in given.items() if value is not None}
        return self.add(f"{type_.TYPE}/set", arguments, lambda answer: read_set(type_, answer))


class Answers:
    """What came back for a batch."""

    def __init__(self, responses: Sequence[Response]) -> None:
        self.responses = list(responses)

    def __getitem__(self, pending: Pending[R]) -> R:
        """The answer to one call.

        :raises MethodError: the call failed.
        :raises DeskProtocolError: there is no answer to it, or it has another form.
        """
        for response in self.responses:
            if response.call_id != pending.call.call_id:
                continue
            if response.name == "error":
                raise method_error(response.arguments)
            if response.name == pending.call.name:
                return pending.read(response.arguments)
        raise DeskProtocolError(f"The desk did not answer {pending.call.name}: is it of the same version?")

    def implied(self, pending: Pending[Any], name: str) -> Json | None:
        """The answer of a call that the desk made by itself for this one (RFC 8621 §7.5), or None."""
        for response in self.responses:
            if response.call_id == pending.call.call_id and response.name == name != pending.call.name:
                return response.arguments
        return None


def read_got(type_: type[T], answer: Json) -> Got[T]:
    """The answer of a /get, typed."""
    objects = [_convert(value, type_) for value in _part(answer, "list", list)]
    return Got(objects, str(answer.get("state", "")), list(answer.get("notFound") or []))


def read_set(type_: type[T], answer: Json) -> SetResult[T]:
    """The answer of a /set, typed; what failed becomes exceptions that are held, not raised."""

    def failures(key: str) -> dict[str, SetError]:
        return {id_: set_error(value) for id_, value in (answer.get(key) or {}).items()}

    return SetResult(
        old_state=answer.get("oldState"),
        new_state=answer.get("newState"),
        created={id_: _convert(value, type_) for id_, value in (answer.get("created") or {}).items()},
        updated=dict(answer.get("updated") or {}),
        destroyed=list(answer.get("destroyed") or []),
        not_created=failures("notCreated"),
        not_updated=failures("notUpdated"),
        not_destroyed=failures("notDestroyed"),
        intents=dict(answer.get("intents") or {}),
    )


def _listed(properties: Iterable[str] | None) -> list[str] | None:
    return None if properties is None else list(properties)


def _part(answer: Json, key: str, kind: type[R]) -> R:
    value = answer.get(key)
    if not isinstance(value, kind):
        raise DeskProtocolError(f"The desk's answer has no {key}: is it of the same version?")
    return value


C = TypeVar("C")


def _convert(value: Any, type_: type[C]) -> C:
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as broken:
        raise DeskProtocolError(
            f"The desk sent a broken {type_.__name__}: is it of the same version? ({broken})"
        ) from None
