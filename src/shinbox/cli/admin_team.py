"""`shinbox admin team`: named groups of people."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_team, find_user
from shinbox.cli.objects import create, given, removing, show, update
from shinbox.cli.values import nothing
from shinbox.jmap.client import Batch
from shinbox.jmap.objects import Team, User
from shinbox.terms import DESK


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what the team is called")
    parser.add_argument("members", nargs="*", metavar="USER", help="who belongs to it")


async def _add(context: Context, arguments: Namespace) -> int:
    members = {(await find_user(context.client, name)).id: True for name in arguments.members}
    value = {"name": arguments.name, "memberIds": members}
    await create(context, Team, DESK, value, f"The team {arguments.name} is there.")
    return 0


def _set_arguments(parser: ArgumentParser) -> None:
    _which(parser)
    parser.add_argument("--name", metavar="NAME", help="another name")
    parser.add_argument(
        "--add", action="append", default=[], metavar="USER", help="someone joins; may be repeated"
    )
    parser.add_argument("--take-out", action="append", default=[], metavar="USER", help="someone leaves")


async def _set(context: Context, arguments: Namespace) -> int:
    team = await find_team(context.client, arguments.team)
    patch: dict[str, object] = given({"name": arguments.name})
    for name in arguments.add:
        patch[f"memberIds/{(await find_user(context.client, name)).id}"] = True
    for name in arguments.take_out:
        patch[f"memberIds/{(await find_user(context.client, name)).id}"] = None
    await update(context, Team, DESK, team.id, patch, f"The team {team.name} is changed.")
    return 0


async def _list(context: Context, arguments: Namespace) -> int:
    batch = Batch()
    asked, people = batch.get(Team, DESK), batch.get(User, DESK, None, ["id", "name"])
    answers = await context.client.run(batch)
    names = {user.id: user.name for user in answers[people].objects}
    return show(
        context,
        answers[asked].objects,
        {
            "TEAM": lambda team: team.name,
            "MEMBERS": lambda team: ", ".join(sorted(names.get(id_, id_) for id_ in team.member_ids)),
        },
        empty="There is no team yet: shinbox admin team add NAME USER …",
    )


def _which(parser: ArgumentParser) -> None:
    parser.add_argument("team", metavar="TEAM", help="name")


async def _find(context: Context, arguments: Namespace) -> tuple[str, Team]:
    return DESK, await find_team(context.client, arguments.team)


ADD = Command(_add_arguments, _add)
SET = Command(_set_arguments, _set)
LIST = Command(nothing, _list)
REMOVE = removing(
    Team,
    _which,
    _find,
    said=lambda team: f"The team {team.name} is removed.",
    question=lambda team: f"Remove the team {team.name}, and all its shares?",
)
