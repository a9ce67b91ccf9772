"""What every `shinbox admin … add|set|list|remove` does alike: one object through /set.

Owns the calls and what is printed. Which options there are stands in the admin_* modules.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, TypeVar

from shinbox.cli.context import Context
from shinbox.errors import InvalidArguments
from shinbox.jmap.objects import JmapObject

T = TypeVar("T", bound=JmapObject)


async def create(context: Context, type_: type[T], account: str, value: Mapping[str, Any], said: str) -> T:
    """Create one object, say so, and return it.

    :raises SetError: the desk refused it.
    """
    result = (await context.client.set_(type_, account, create={"new": dict(value)})).checked()
    made = result.created["new"]
    if context.out.as_json:
        context.out.data({"id": made.id})  # type: ignore[attr-defined] # every type has an id
    else:
        context.out.say(said)
    return made


async def update(
    context: Context, type_: type[T], account: str, id_: str, patch: Mapping[str, Any], said: str
) -> None:
    """Change one object, and say so.

    :raises InvalidArguments: nothing was asked to be changed.
    :raises SetError: the desk refused it.
    """
    if not patch:
        raise InvalidArguments("Say what to change: --help lists the options.")
    (await context.client.set_(type_, account, update={id_: dict(patch)})).checked()
    _said(context, id_, said)


async def destroy(context: Context, type_: type[T], account: str, id_: str, said: str) -> None:
    """Remove one object, and say so.

    :raises SetError: the desk refused it.
    """
    (await context.client.set_(type_, account, destroy=[id_])).checked()
    _said(context, id_, said)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was said on the command line."""
    return {name: value for name, value in values.items() if value is not None}


def yes_option(parser: ArgumentParser) -> None:
    """`--yes`, for what cannot be undone."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def on_off(parser: ArgumentParser, on: str, off: str, dest: str, help_on: str, help_off: str) -> None:
    """A pair of options for true and false; neither means unchanged."""
    pair = parser.add_mutually_exclusive_group()
    pair.add_argument(on, dest=dest, action="store_true", default=None, help=help_on)
    pair.add_argument(off, dest=dest, action="store_false", default=None, help=help_off)


def _said(context: Context, id_: str, said: str) -> None:
    if context.out.as_json:
        context.out.data({"id": id_})
    else:
        context.out.say(said)
