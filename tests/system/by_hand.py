"""Raw JMAP from somebody's own uid: calls as JSON on standard input, answers on standard output.

Run by `World.by_hand` as `python -c <this file>`: the person's uid need not be able to read the tests.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from shinbox.errors import ShinboxError
from shinbox.jmap.calls import Invocation
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint


async def talk(socket: Path, requests: list[list[Any]]) -> list[Any]:
    """The answers to each request, one after the other; a failure of the request as its text."""
    answers: list[Any] = []
    async with Client(Endpoint(socket=socket)) as client:
        for calls in requests:
            try:
                got = await client.call([Invocation(*call) for call in calls])
            except ShinboxError as refused:
                answers.append(
                    [["failed", {"type": type(refused).__name__, "description": str(refused)}, ""]]
                )
            else:
                answers.append([list(one) for one in got])
    return answers


if __name__ == "__main__":
    json.dump(asyncio.run(talk(Path(sys.argv[1]), json.load(sys.stdin))), sys.stdout)
