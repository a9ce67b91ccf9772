"""Who has no mailbox is told what to do next."""

from __future__ import annotations

from pathlib import Path

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from tests.tui.demo_front import demo_front
from tests.tui.person import Person


async def test_an_administrator_without_mail_reads_how_to_go_on(tmp_path: Path) -> None:
    with demo_front(tmp_path) as socket:
        app = ShinboxApp(Endpoint(socket=socket), demo=Demo([("ada", "")], PASSWORD, "ada"), drafts=tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            ada = Person(app, pilot)
            await ada.until(lambda: "Welcome, ada" in ada.reader())
            assert "shinbox admin grant add" in ada.reader()
            assert "asks for your first mailbox" in " ".join(ada.reader().split())
            await ada.press("r")
            assert ada.notice.startswith("No mailbox is open")
            assert "reply" not in ada.footer()
            assert "help" in ada.footer()
            await ada.press("q", "q")
            assert "Welcome, ada" in ada.reader(), "behind it is nothing to go back to"
            assert "nothing to go back to. · Q leaves" in ada.notice + ada.main.notice.offer
