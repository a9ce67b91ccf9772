"""The arguments of the standard methods (RFC 8620 §5), read strictly: what is unknown or wrong is said.

Owns their forms. Knows no type; what a type adds (GET_ARGUMENTS and the like) is set aside before.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from shinbox.desk.front.context import Json
from shinbox.errors import InvalidArguments

T = TypeVar("T", bound=msgspec.Struct)
LARGEST: Final = 2**53 - 1
"""The largest number either way (RFC 8620 §1.3); the database ends soon after."""
UnsignedInt = Annotated[int, Meta(ge=0, le=LARGEST)]
Int = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]


class _Arguments(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    account_id: str


class GetArguments(_Arguments):
    """RFC 8620 §5.1."""

    ids: list[str] | None = None
    properties: list[str] | None = None


class ChangesArguments(_Arguments):
    """RFC 8620 §5.2."""

    since_state: str
    max_changes: Annotated[int, Meta(ge=1, le=LARGEST)] | None = None


class SetArguments(_Arguments):
    """RFC 8620 §5.3."""

    if_in_state: str | None = None
    create: dict[str, Json] | None = None
    update: dict[str, Json] | None = None
    destroy: list[str] | None = None


class QueryArguments(_Arguments):
    """RFC 8620 §5.5."""

    filter: Json | None = None
    sort: list[Json] | None = None
    position: Int = 0
    anchor: str | None = None
    anchor_offset: Int = 0
    limit: UnsignedInt | None = None
    calculate_total: bool = False


def read(arguments: Json, form: type[T], set_aside: Collection[str] = ()) -> T:
    """The arguments in their form; those in `set_aside` are the type's own and not looked at.

    :raises InvalidArguments: one is missing, unknown or wrong; it says which.
    """
    standard = {name: value for name, value in arguments.items() if name not in set_aside}
    _check_numbers(arguments.get("filter"))
    return convert(standard, form)


def _check_numbers(value: Any) -> None:
    """Refuse numbers out of range in a filter, whose conditions have no form of their own here."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, int) and abs(one) > LARGEST:
            raise InvalidArguments(f"filter: numbers go up to {LARGEST}.")


def convert(value: Any, form: type[T]) -> T:
    """Any value in a form.

    :raises InvalidArguments: it has another.
    """
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError as wrong:
        raise InvalidArguments(f"{wrong}.") from None
