"""Makes the pictures in docs/: the program's own, of people at their mail, at 120x40.

`python -m tools.screenshot [FOLDER]` writes shinbox.svg and rights/<level>.svg into FOLDER (docs). The demo's
mail at a fixed hour and the real front, so that the same program gives the same pictures. Knows no widget: it
opens an inbox, goes to a message and lets Textual write the SVG.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from tests.tui.demo_front import NEWEST, demo_front
from tests.tui.person import Person
from tests.tui.picture import svg
from tests.tui.scenes import go_to, open_inbox

TARGET = Path("docs")
SIZE = (120, 40)
MAILBOX, SUBJECT = "support", "Bris pendant flickers"
RIGHTS = {"read": "alice", "triage": "tom", "write": "bob", "manage": "mia"}
"""Level → who has it in the mailbox."""


@asynccontextmanager
async def reading(socket: Path, drafts: Path, who: str) -> AsyncIterator[Person]:
    """Somebody with the message on the screen, and nothing else going on."""
    demo = Demo([(who, "")], PASSWORD, who)
    app = ShinboxApp(Endpoint(socket=socket), demo=demo, drafts=drafts, now=lambda: NEWEST)
    async with app.run_test(size=SIZE) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: person.main.messages.cursor_row is not None)
        await open_inbox(person, MAILBOX)
        await go_to(person, SUBJECT)
        await person.until(lambda: person.main.reader.lines > 3)
        person.main.notice.clear()
        await pilot.pause()
        yield person


async def pictures(socket: Path, drafts: Path) -> dict[str, str]:
    """Every picture by its file."""
    made = {}
    for level, who in RIGHTS.items():
        async with reading(socket, drafts, who) as person:
            made[f"rights/{level}.svg"] = svg(person.app, f"shinbox: {who} may {level}")
            if level == "write":
                made["shinbox.svg"] = svg(person.app)
    return made


def main(target: Path) -> None:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder, demo_front(Path(folder)) as socket:
        for name, picture in asyncio.run(pictures(socket, Path(folder) / "drafts")).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
