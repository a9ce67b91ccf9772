"""What the generic methods ask of a data type: the Handler.

Owns the contract and its defaults. A handler reads and writes rows and knows their wire form; it never
checks permission (that is get.py's, set.py's, query.py's and changes.py's work, from the declaration).

How to add a type: subclass TypeHandler, fill in what its METHODS need, add it in registry.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from shinbox.desk.front.context import Call, Json
from shinbox.desk.store import ids
from shinbox.errors import InvalidArguments, SetError
from shinbox.jmap.objects import TYPES, ObjectType, TypeProperty

__all__ = ["Condition", "Edit", "Json", "Query", "Sorting", "TypeHandler", "Window"]

Home = Literal["mail", "desk", "both"]
"""Which accounts hold objects of a type: shared mailboxes, the desk itself, or both."""


@dataclass(frozen=True)
class Edit:
    """One object of a /set, already permitted and of the right form.

    `old` is None on create, `new` on destroy; both are whole objects in wire form (as far as the handler's
    SET_LOADS goes). `given` names the properties that the caller spoke of, whether they differ or not:
    write-only properties (a password) are read as null, so null in `new` means "remove" only if given.
    """

    row: int | None
    old: Json | None
    new: Json | None
    given: frozenset[str]

    def changed(self) -> set[str]:
        """The names of the properties that differ."""
        old, new = self.old or {}, self.new or {}
        return {name for name in {*old, *new} if old.get(name) != new.get(name)}


@dataclass(frozen=True)
class Condition:
    """A filter: a leaf holds `values`, an operator "AND", "OR" or "NOT" (none of) holds `parts`."""

    operator: Literal["AND", "OR", "NOT"] | None = None
    parts: tuple[Condition, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sorting:
    """One comparator (RFC 8620 §5.5); `extra` holds what the type adds, such as `keyword`."""

    property: str
    is_ascending: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Query:
    """A /query as asked. `limit` is already lowered to what the desk gives."""

    condition: Condition
    sort: tuple[Sorting, ...]
    position: int
    anchor: int | None
    anchor_offset: int
    limit: int
    calculate_total: bool


@dataclass(frozen=True)
class Window:
    """The part of a result that was asked for, where it begins, and how long the whole is if asked."""

    rows: Sequence[int]
    position: int
    total: int | None


Test = Callable[[Call, Json, Any], bool]
"""Whether an object (wire form) fits the value of a filter property."""


class TypeHandler:
    """Rows of one type ⇄ its wire form. Every method works inside `call.tx`, on `call.account_row` alone."""

    TYPE: ClassVar[str]
    HOME: ClassVar[Home] = "mail"
    IN_FOLDERS: ClassVar[bool] = False
    """Its objects are seen through the folders they lie in: whoever sees every folder sees them all."""
    JUDGED: ClassVar[frozenset[str]] = frozenset()
    """The properties that `visible` looks at, beside "id"."""
    SET_LOADS: ClassVar[frozenset[str] | None] = None
    """The properties that `demands` and this handler need of an object to change it; None: all."""
    DEFAULT_PROPERTIES: ClassVar[frozenset[str] | None] = None
    """What a /get without `properties` answers; None: all."""
    GET_ARGUMENTS: ClassVar[frozenset[str]] = frozenset()
    SET_ARGUMENTS: ClassVar[frozenset[str]] = frozenset()
    QUERY_ARGUMENTS: ClassVar[frozenset[str]] = frozenset()
    """Arguments that the type adds to the standard ones; the handler reads them from call.arguments."""
    IDS: ClassVar[frozenset[str]] = frozenset()
    """Properties that hold ids without being named …Id or …Ids: a creation id may stand there."""
    FOR_NOW: ClassVar[tuple[type[SetError], ...]] = ()
    """Refusals that another change of the same /set may lift: such a change is tried again after it."""
    SINGLETON: ClassVar[bool] = False
    """There is exactly one, with the id "singleton": it is never created or destroyed."""
    STATE_IS_OF_SIGHT: ClassVar[bool] = False
    """Its state is that of what the caller sees, and not of all objects: another one is always told."""
    FILTERS: ClassVar[Mapping[str, Test]] = {}
    SORTS: ClassVar[frozenset[str]] = frozenset()
    """What the default `window` filters and sorts by; sort properties are compared case-insensitively."""

    @property
    def type(self) -> ObjectType:
        """The declaration."""
        return TYPES[self.TYPE]

    # --- ids ------------------------------------------------------------------------------------

    def to_row(self, call: Call, id_: str) -> int | None:
        """The row of an id, whether it exists or not; None if it cannot be one of this type."""
        return ids.to_row(self.TYPE, id_)

    def to_id(self, call: Call, row: int) -> str:
        """The id of a row."""
        return ids.to_id(self.TYPE, row)

    def is_about_caller(self, call: Call, row: int) -> bool:
        """Whether the object is the caller themselves (the demand "self")."""
        return False

    # --- get ------------------------------------------------------------------------------------

    def rows(self, call: Call, most: int) -> list[int]:
        """Every object of the account, for `ids: null`; at most `most` + 1 need be returned."""
        raise NotImplementedError

    def load(self, call: Call, rows: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """The objects of the account among `rows`, whole enough for `properties`; unknown rows are absent.

        More properties than asked do no harm. "id" is always in it.
        """
        raise NotImplementedError

    def present(self, call: Call, row: int, value: Json) -> Json:
        """What the caller may see of an object that they may see (folders hidden from them left out)."""
        return value

    def check_property(self, name: str) -> None:
        """Refuse a property that a /get cannot answer.

        :raises InvalidArguments: it is unknown.
        """
        if name not in self.type.properties:
            raise InvalidArguments(f"{self.TYPE} has no property “{name}”.")

    def check_get(self, call: Call) -> None:
        """Refuse wrong values of GET_ARGUMENTS.

        :raises InvalidArguments: it says which.
        """

    def prepare_get(self, call: Call, rows: Sequence[int], properties: Collection[str]) -> None:
        """Called with rows that the caller may see, before `load`: the place for call.run.outside, audit."""

    # --- set ------------------------------------------------------------------------------------

    def complete(self, call: Call, edit: Edit) -> Json:
        """The object as it will be: fill in what the desk decides and the declaration cannot say.

        Called before the permission check for create and update; `edit.new` has the declared defaults.

        :raises SetError: a value cannot be taken, or names something that the caller cannot see.
        """
        return edit.new or {}

    def create(self, call: Call, edit: Edit) -> int:
        """Make the object; its row. Record the change (store.changes) unless the store does so.

        :raises SetError: it cannot be made.
        """
        raise NotImplementedError

    def update(self, call: Call, edit: Edit) -> Json | None:
        """Change the object; properties that came out other than `edit.new` says, or None.

        :raises SetError: it cannot be changed so.
        """
        raise NotImplementedError

    def destroy(self, call: Call, edit: Edit) -> None:
        """Take the object away.

        :raises SetError: it cannot be.
        """
        raise NotImplementedError

    def created(self, call: Call, row: int, edit: Edit) -> Json:
        """What `created` answers: all that the server set, defaulted or took otherwise than `edit` asked."""
        value = self.present(call, row, self.load(call, [row], self.type.properties.keys())[row])
        new = edit.new or {}
        return {
            name: value[name]
            for name in value
            if name == "id" or name not in edit.given or value[name] != new.get(name)
        }

    def explain(self, call: Call, edit: Edit) -> Json:
        """What the audit line says of a change: names of properties, never secrets."""
        return {"changed": sorted(edit.given if edit.old is None else edit.changed())}

    def is_noted(self, call: Call, edit: Edit, answer: Json | None) -> bool:
        """Whether an update is a line in the audit; `answer` is what `update` returned."""
        return bool(edit.changed() or answer)

    def before_set(self, call: Call) -> None:
        """Called once before the objects of a /set, after ifInState.

        :raises MethodError: the arguments of SET_ARGUMENTS are wrong.
        """

    def after_set(self, call: Call, answer: Json) -> list[tuple[str, Json]]:
        """Called once after them: may add to the answer; returns further calls to make (RFC 8621 §7.5).

        They are (method name, arguments) on the same account, answered with the same call id.
        """
        return []

    def property_type(self, name: str) -> TypeProperty | None:
        """The declaration of a property that a /set may name; None: there is no such property."""
        return self.type.properties.get(name)

    def own_method(self, call: Call, verb: str) -> Json:
        """A declared method beyond get, set, query and changes (Email/import).

        :raises MethodError: it failed.
        """
        raise NotImplementedError

    # --- query, changes -------------------------------------------------------------------------

    def window(self, call: Call, query: Query) -> Window | None:
        """Answer a query by itself, invisible objects left out; None: the generic way, by FILTERS and SORTS.

        :raises MethodError: unsupportedFilter, unsupportedSort, anchorNotFound.
        """
        return None

    def sort_value(self, value: Json, name: str) -> Any:
        """What an object is sorted by."""
        return value[name]

    def arranged(self, call: Call, rows: list[int], values: Mapping[int, Json]) -> list[int]:
        """A filtered and sorted result of the generic way, rearranged by the type's QUERY_ARGUMENTS."""
        return rows

    def state(self, call: Call) -> str:
        """The state of the type in this account."""
        return call.state(self.TYPE)

    def seen_before(self, call: Call, row: int, seq: int) -> bool | None:
        """Whether the caller could see an object at the state `seq`; None: that is no longer known.

        The caller's rights have not changed since. Not asked where IN_FOLDERS and every folder is visible.
        """
        if self.JUDGED:
            return None
        value = {"id": self.to_id(call, row)}
        is_self = self.is_about_caller(call, row)
        return any(call.meets(demand, is_self=is_self) for demand in self.type.cls.visible(value))

    def differs(self, call: Call, row: int, seq: int) -> bool:
        """Whether what the caller sees of an object may differ from the state `seq`."""
        return True

    def more_changes(self, call: Call, counts_only: bool) -> Json:
        """What the type adds to the answer of a /changes (RFC 8621 §2.2)."""
        return {}
