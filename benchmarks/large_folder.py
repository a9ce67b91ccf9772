"""A shared mailbox with a large inbox: on a real Dovecot, and mirrored by a desk.

Owns setting both up and waiting until the desk is at rest. Knows no client that looks at it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made_up_mail import body_mark, messages
from tests.servers.mail import MailServers
from tests.servers.unix import UnixUser, runtime_for_others
from tests.system.world import SharedMailbox, World, eventually, house

PERSON = "bob"
LISTED_WITHIN, REST_WITHIN = 600.0, 900.0


@dataclass(frozen=True)
class LargeFolder:
    """The mailbox, the desk that mirrors it, and somebody who may write in it."""

    world: World
    box: SharedMailbox
    person: UnixUser
    listed_after: float
    """Seconds until the desk listed every message."""
    rested_after: float | None
    """Seconds until it also held every text; None if it still fetches them after REST_WITHIN."""


@contextlib.contextmanager
def large_folder(count: int) -> Iterator[LargeFolder]:
    """Start Dovecot and a desk, fill the inbox, wait for the mirror."""
    with MailServers.start() as servers, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        runtime = runtime_for_others(Path(folder))
        # A client that a user starts may not write what was compiled: without this each start would compile.
        subprocess.run([sys.executable, "-m", "compileall", "-q", "src"], check=True)
        with house(servers, runtime) as world:
            person = world.new_person(PERSON)
            box = world.new_mailbox("support", connected=False)
            servers.seed(box.user, messages(count))
            world.share(box, PERSON, "write", "send-as")
            began = time.monotonic()
            world.connect(box)
            listed = str(count)
            eventually(
                lambda: listed in world.shinbox(PERSON, "mailboxes", "--json").stdout, listed, LISTED_WITHIN
            )
            listed_after = time.monotonic() - began
            held = _wait_for_texts(world, box)
            yield LargeFolder(world, box, person, listed_after, time.monotonic() - began if held else None)


def _wait_for_texts(world: World, box: SharedMailbox) -> bool:
    """Wait until the desk holds the oldest text, the last it fetches; False if that takes too long."""
    oldest = body_mark(0).split()[1].rstrip(".")
    deadline = time.monotonic() + REST_WITHIN
    while time.monotonic() < deadline:
        if "#0 " in world.shinbox(PERSON, "list", box.address, "--text", oldest, "--json").stdout:
            return True
        time.sleep(2)
    return False
