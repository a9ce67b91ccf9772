"""`shinbox admin connection test`: try a mailbox's connection and name the step that fails."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from shinbox.cli.commands import Command
from shinbox.cli.context import Context
from shinbox.cli.names import find_any_account
from shinbox.cli.values import mailbox
from shinbox.cli.waiting import PATIENCE, until
from shinbox.errors import RemoteError
from shinbox.jmap.objects import Job


def _arguments(parser: ArgumentParser) -> None:
    mailbox(parser)
    parser.add_argument(
        "--timeout", type=float, default=PATIENCE, metavar="SECONDS", help=f"how long to wait ({PATIENCE:g})"
    )


async def _run(context: Context, arguments: Namespace) -> int:
    account = await find_any_account(context.client, arguments.mailbox)
    create = {"test": {"kind": "connectionTest"}}
    made = (await context.client.set_(Job, account.id, create=create)).checked().created["test"]

    async def look() -> Job | None:
        jobs = (await context.client.get(Job, account.id, [made.id])).objects
        return jobs[0] if jobs and jobs[0].status in ("done", "failed") else None

    still = f"The test has not ended after {arguments.timeout:g} seconds: is the desk's mail process running?"
    job = await until(look, arguments.timeout, still)
    worked = job.status == "done" and all(step.get("ok") for step in job.steps)
    if context.out.as_json:
        context.out.data({"ok": worked, "error": job.error, "steps": job.steps})
    else:
        for step in job.steps:
            context.out.say(_line(step))
        context.out.say(_conclusion(account.address, job, worked))
        if not worked:
            context.out.say(f"To change it: shinbox admin connection set {account.address} --help")
    return 0 if worked else RemoteError.exit_code


def _line(step: dict[str, Any]) -> str:
    mark = "ok    " if step.get("ok") else "FAILED"
    seconds = step.get("seconds")
    took = f" ({seconds:.2f} s)" if isinstance(seconds, int | float) else ""
    reason = f": {step['reason']}" if step.get("reason") else ""
    return f"{mark}  {step.get('name', '')}{took}{reason}"


def _conclusion(address: str, job: Job, worked: bool) -> str:
    if worked:
        return f"{address} is connected."
    failed = next((step for step in job.steps if not step.get("ok")), None)
    why = job.error or "the test could not be run."
    if failed is not None:
        # The reason stands behind the step already; what the desk says beside it is told.
        told = (job.error or "").removeprefix(f"{failed.get('name')}: ")
        more = "" if told == failed.get("reason") else f" {told}"
        why = f"the step “{failed.get('name')}” failed.{more}".rstrip()
    return f"{address}: {why}"


TEST = Command(_arguments, _run)
