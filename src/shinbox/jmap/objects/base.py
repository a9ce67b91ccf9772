"""What a data type's declaration is made of.

A type is one msgspec Struct: its fields are the JMAP properties, their annotations say who sets them,
its `demands` says which right each change needs and its `visible` which right seeing it needs. Get,
set, query, changes, the permission check, the audit line and the client's types come from it.
Refuses to know how objects are stored and who the caller is. A declaration without rights is refused
at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeVar, get_type_hints

import msgspec

from shinbox.terms import Right, Role

T = TypeVar("T")


class SetBy(Enum):
    """Who gives a property its value (RFC 8620 §5.3)."""

    SERVER = "server"
    """Server-set: a client may only echo it."""
    CREATE = "create"
    """Immutable: a client sets it once, at creation."""
    CLIENT = "client"
    """A client may change it."""


def _set_by(who: SetBy) -> msgspec.Meta:
    return msgspec.Meta(extra={"set_by": who})


ServerSet = Annotated[T, _set_by(SetBy.SERVER)]
Immutable = Annotated[T, _set_by(SetBy.CREATE)]
Mutable = Annotated[T, _set_by(SetBy.CLIENT)]

Alternatives = frozenset[Right]
"""Any one of these rights will do."""


@dataclass(frozen=True)
class Demand:
    """One condition: met by any of `rights` on `mailbox` (on the whole account when None), or by being `who`.

    `who` names people instead of rights: an "administrator" of the desk, or "self", the user whom the
    object is about (or an administrator). `Demand()` is met by everyone who is signed in.
    """

    rights: Alternatives = frozenset()
    mailbox: str | None = None
    who: Literal["administrator", "self"] | None = None


def on(mailbox: str | None, *rights: Right) -> Demand:
    """Any one of `rights` on `mailbox` (None: on the account)."""
    return Demand(frozenset(rights), mailbox)


ADMIN_ONLY: Final = Demand(who="administrator")


@dataclass(frozen=True)
class Change:
    """What a /set is about to do to one object, as `demands` sees it.

    `old` is None when the object is created, `new` is None when it is destroyed; both are whole
    objects in wire form. `roles` tells the role of each folder of the account.
    """

    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    roles: Mapping[str, Role | None] = field(default_factory=dict)

    def changed(self) -> set[str]:
        """The names of the properties whose value differs."""
        old, new = self.old or {}, self.new or {}
        return {name for name in {*old, *new} if old.get(name) != new.get(name)}


@dataclass(frozen=True)
class TypeProperty:
    """One property: its wire name, the type a value must have, who sets it and its default."""

    name: str
    type: Any
    set_by: SetBy
    default: Any

    def encode_default(self) -> Any:
        """The default in wire form."""
        return msgspec.to_builtins(self.default)


METHODS: Final = frozenset(
    {"get", "set", "query", "changes", "queryChanges", "import", "explain", "verify", "refresh"}
)


@dataclass(frozen=True)
class ObjectType:
    """A declaration, read from its Struct."""

    name: str
    capability: str
    methods: frozenset[str]
    cls: type[JmapObject]

    @cached_property
    def properties(self) -> Mapping[str, TypeProperty]:
        """By wire name. The desk alone asks: to read them all would take a sixth of a client's own imports.

        :raises TypeError: the declaration says not who sets a property.
        """
        hints = get_type_hints(self.cls, include_extras=True)
        return {
            info.encode_name: TypeProperty(
                info.encode_name,
                hints[info.name],
                _who_sets(self.cls, info.name, hints[info.name]),
                info.default if info.default_factory is msgspec.NODEFAULT else info.default_factory(),
            )
            for info in msgspec.structs.fields(self.cls)
        }

    def property(self, name: str) -> TypeProperty | None:
        """The property of that wire name, or None."""
        return self.properties.get(name)


TYPES: dict[str, ObjectType] = {}
"""Every declared type by its JMAP name."""


class JmapObject(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=False):
    """The base of every data type. Subclasses declare themselves with class variables.

    `TYPE`, `CAPABILITY` and `METHODS` name it; `demands` and `visible` are obligatory. `OURS` are properties
    of a standard's type, by their names on the wire, that no other server knows.
    """

    TYPE: ClassVar[str] = ""
    CAPABILITY: ClassVar[str] = ""
    METHODS: ClassVar[frozenset[str]] = frozenset()
    OURS: ClassVar[frozenset[str]] = frozenset()

    if TYPE_CHECKING:
        id: str  # Every type declares it as its first property: a field of the base would come last.

    @classmethod
    def demands(cls, change: Change) -> frozenset[Demand]:
        """The conditions that this change must meet, all of them."""
        raise NotImplementedError

    @classmethod
    def visible(cls, value: Mapping[str, Any]) -> frozenset[Demand]:
        """The conditions for seeing this object at all: one of them is enough."""
        raise NotImplementedError


def declare(cls: type[JmapObject]) -> type[JmapObject]:
    """Read a declaration into `TYPES`.

    :raises TypeError: the type lacks a name, a method list or rights.
    """
    if not cls.TYPE or not cls.CAPABILITY or not cls.METHODS or cls.METHODS - METHODS:
        raise TypeError(f"{cls.__name__}: a declaration needs TYPE, CAPABILITY and known METHODS")
    for rule in ("demands", "visible"):
        if rule not in cls.__dict__:
            raise TypeError(f"{cls.__name__}: a declaration without rights ({rule}) is refused")
    TYPES[cls.TYPE] = ObjectType(cls.TYPE, cls.CAPABILITY, cls.METHODS, cls)
    return cls


def _who_sets(cls: type[JmapObject], name: str, hint: Any) -> SetBy:
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.extra and "set_by" in meta.extra:
            who: SetBy = meta.extra["set_by"]
            return who
    raise TypeError(f"{cls.__name__}.{name}: say who sets it")
