"""What every `shinbox admin … add|set|list|remove` does alike: one object through /set.

Owns the calls and what is printed. Which options there are stands in the admin_* modules.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from shinbox.cli.commands import Command
from shinbox.cli.context import Context, confirm
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
        context.out.data({"id": made.id})
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


def show(
    context: Context,
    objects: Sequence[T],
    columns: Mapping[str, Callable[[T], str]],
    *,
    empty: str = "",
    shrink: int | None = None,
) -> int:
    """Print objects: as they are for a program, as a table for a person. The exit code."""
    if context.out.as_json:
        context.out.data(objects)
    else:
        rows = [[cell(one) for cell in columns.values()] for one in objects]
        options = {} if shrink is None else {"shrink": shrink}
        context.out.table(tuple(columns), rows, empty=empty, **options)
    return 0


def removing(
    type_: type[T],
    arguments: Callable[[ArgumentParser], None],
    find: Callable[[Context, Namespace], Awaitable[tuple[str, T]]],
    said: Callable[[T], str],
    question: Callable[[T], str] | None = None,
) -> Command:
    """`remove`: finds the object, asks first where that cannot be undone, and says what is gone."""

    def with_yes(parser: ArgumentParser) -> None:
        arguments(parser)
        if question is not None:
            yes_option(parser)

    async def run(context: Context, words: Namespace) -> int:
        account, found = await find(context, words)
        if question is not None:
            confirm(question(found), words.yes)
        await destroy(context, type_, account, found.id, said(found))
        return 0

    return Command(with_yes, run)


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
