"""Several desks through one client: equal ids stay apart, each call goes to the desk of its mailbox."""

from __future__ import annotations

import pytest

from shinbox.errors import NotFound
from shinbox.jmap.calls import Invocation, Response
from shinbox.jmap.client import Batch, Endpoint
from shinbox.jmap.objects import Email, Mailbox
from shinbox.jmap.session import Session, SessionAccount
from shinbox.jmap.several import MarkedClient, Switchboard, bare, mark_of
from shinbox.jmap.transport import HttpAnswer


class Carrier:
    """A transport that answers each request with what was asked for."""

    async def request(self, method: str, url: str, *_: object, **__: object) -> HttpAnswer:
        return HttpAnswer(
            200, {"content-type": "application/json"}, f'{{"blobId": "{method} {url}"}}'.encode()
        )


class Noted(MarkedClient):
    """A client whose desk writes down what it is asked, and says which desk it is."""

    def __init__(self, mark: str) -> None:
        super().__init__(mark, Endpoint(url="https://nowhere.example/"))
        self.asked: list[tuple[str, object]] = []
        self.transport = Carrier()  # type: ignore[assignment]  # what is asked of it here it can

    async def session(self, *, refresh: bool = False) -> Session:
        account = SessionAccount(name="support@")
        return self.named(
            Session(
                accounts={"a1": account},
                primary_accounts={"mail": "a1"},
                api_url="",
                download_url=f"/{self.mark}/{{accountId}}/{{blobId}}",
                upload_url=f"/{self.mark}/{{accountId}}",
            )
        )

    async def call(self, calls: list[Invocation], **_: object) -> list[Response]:  # type: ignore[override]  # no wire
        sent = [self._sent(call) for call in calls]
        self.asked += [(call.name, call.arguments.get("accountId")) for call in sent]
        return [
            Response(call.name, {"list": [], "state": f"desk {self.mark}", "notFound": []}, call.call_id)
            for call in sent
        ]


def test_an_id_carries_its_desk_and_gives_it_back() -> None:
    client = MarkedClient("2", Endpoint(url="https://nowhere.example/"))
    assert client.marked("a7") == "2|a7"
    assert (mark_of("2|a7"), bare("2|a7"), bare("a7")) == ("2", "a7", "a7")
    with pytest.raises(NotFound):
        client.bare("1|a7")


async def test_equal_ids_of_two_desks_stay_two_and_each_call_goes_to_its_own() -> None:
    north, south = Noted("0"), Noted("1")
    board = Switchboard([north, south])
    (in_north,), (in_south,) = (await north.session()).accounts, (await south.session()).accounts
    assert in_north != in_south

    batch = Batch()
    one = batch.get(Mailbox, in_south)
    two = batch.get(Email, in_north)
    answers = await board.run(batch)
    assert answers[one].state == "desk 1"
    assert answers[two].state == "desk 0"
    assert (north.asked, south.asked) == ([("Email/get", "a1")], [("Mailbox/get", "a1")])
    assert (await board.get(Email, in_south, ["e1"])).state == "desk 1"


async def test_files_go_to_the_desk_of_their_mailbox_under_the_name_that_it_knows() -> None:
    board = Switchboard([Noted("0"), Noted("1")])
    assert await board.upload("1|a1", b"x") == "POST /1/a1"
    assert b"GET /0/a1/b7" in await board.download("0|a1", "b7")


async def test_a_mailbox_of_no_open_desk_is_not_found() -> None:
    board = Switchboard([Noted("0")])
    with pytest.raises(NotFound):
        await board.get(Email, "7|a1")
