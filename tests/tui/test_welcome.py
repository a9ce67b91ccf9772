"""Who has no mailbox is told what to do next."""

from __future__ import annotations

from pathlib import Path

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.endpoint import Endpoint
from shinbox.tui.app import ShinboxApp
from shinbox.tui.demo import Demo
from shinbox.tui.welcome import Newcomer, welcome_lines
from tests.tui.demo_front import demo_front
from tests.tui.person import Person


async def test_an_administrator_without_mail_reads_how_to_go_on(tmp_path: Path) -> None:
    with demo_front(tmp_path) as socket:
        app = ShinboxApp(Endpoint(socket=socket), demo=Demo([("ada", "")], PASSWORD, "ada"), drafts=tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            ada = Person(app, pilot)
            await ada.until(lambda: "Welcome, ada" in ada.reader())
            assert "shinbox admin grant add" in ada.reader()
            assert f"exportSHINBOX_DESK=unix:{socket}shinboxlogin" in "".join(ada.reader().split())
            assert f"shinbox login ada              the demo's password is “{PASSWORD}”" in ada.reader()
            await ada.press("r")
            assert ada.notice + ada.main.notice.offer == "No mailbox is shared with you. · ? help"
            assert ada.footer().split("  ") == [" ? help", ", settings", "Q quit", ""]
            for keys in ("n", "g m"):
                ada.main.notice.clear()
                await ada.press(*keys.split())
                assert ada.notice == "No mailbox is shared with you."
            assert ada.app.screen is ada.main, "a box of no places is no help"
            ada.main.do_permission()
            assert ada.notice == "You are ada. No mailbox is shared with you."
            await ada.press("q", "q")
            assert "Welcome, ada" in ada.reader(), "behind it is nothing to go back to"
            assert "nothing to go back to. · Q leaves" in ada.notice + ada.main.notice.offer


def test_an_administrator_is_told_the_desk_only_where_a_command_finds_another() -> None:
    def told(newcomer: Newcomer) -> list[str]:
        return [line for line, _ in welcome_lines(newcomer, "Q", "?")]

    here = told(Newcomer("ada", is_administrator=True))
    there = told(Newcomer("ada", is_administrator=True, desk="unix:/my {desk}/desk.sock"))
    assert [line for line in there if line not in here] == [
        "    export SHINBOX_DESK='unix:/my {desk}/desk.sock'"
    ]
    assert any("asks for your first mailbox" in line for line in here)
    assert not any("login" in line for line in there), "the screen's sign-in is the commands', too"
