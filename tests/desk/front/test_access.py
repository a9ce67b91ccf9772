"""What the store says of a person becomes a decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from shinbox.desk.front.access import accounts_of, rights_of
from shinbox.desk.front.login import Actor
from shinbox.desk.front.rights import Decision
from shinbox.desk.store import accounts, users
from shinbox.desk.store.times import utc_seconds
from shinbox.terms import LEVEL_RIGHTS, Level, Right, Role, Send
from tests.desk.front.people import NOW, THEN, People


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People.at(tmp_path)


def rights(people: People, who: Actor, account: int, now: float = NOW) -> Decision | None:
    with people.database.read() as tx:
        return rights_of(tx, who, account, now)


def test_own_team_and_everyones_grants_add_up(people: People) -> None:
    alice, bob = people.user("alice"), people.user("bob")
    account, box = people.account("support")
    people.grant(account, level=Level.READ)
    people.grant(account, team=people.team("Support", alice), level=Level.TRIAGE)
    people.grant(account, alice, level=Level.WRITE, mailbox=box[Role.ARCHIVE], send=Send.SEND_AS)
    hers, his = rights(people, alice, account), rights(people, bob, account)
    assert hers and his
    assert hers.account_rights == LEVEL_RIGHTS[Level.TRIAGE]
    assert Right.REMOVE in hers.on(box[Role.ARCHIVE]) and Right.REMOVE not in hers.on(box[Role.INBOX])
    assert his.account_rights == LEVEL_RIGHTS[Level.READ]
    because = hers.explain({Right.MOVE}, box[Role.INBOX]).because
    assert any(reason.startswith("team Support") for reason in because)


def test_an_account_that_is_not_shared_reads_like_one_that_does_not_exist(people: People) -> None:
    alice, bob = people.user("alice"), people.user("bob")
    account, _ = people.account("support")
    people.grant(account, bob)
    assert rights(people, alice, account) is None
    assert rights(people, alice, 999) is None
    with people.database.read() as tx:
        assert set(accounts_of(tx, bob, NOW)) == {account} and not accounts_of(tx, alice, NOW)


def test_an_administrator_reaches_every_account_and_no_mail(people: People) -> None:
    chief = people.user("chief", administrator=True)
    account, _ = people.account("support")
    decision = rights(people, chief, account)
    assert decision and decision.administrator
    assert decision.any_rights == frozenset() and decision.visible_mailboxes == frozenset()
    assert rights(people, chief, 999) is None


def test_everyone_has_the_desk_itself_and_no_mail_in_it(people: People) -> None:
    decision = rights(people, people.user("alice"), accounts.DESK)
    assert decision and decision.any_rights == frozenset() and not decision.administrator


def test_a_grant_ends_by_its_date(people: People) -> None:
    alice = people.user("alice")
    account, _ = people.account("support")
    people.grant(account, alice, expires_at="2027-06-01T00:00:00Z")
    end = utc_seconds("2027-06-01T00:00:00Z")
    assert rights(people, alice, account, end - 1) is not None
    assert rights(people, alice, account, end) is None


def test_what_ends_with_a_user_a_team_an_account(people: People) -> None:
    alice, bob = people.user("alice"), people.user("bob")
    account, _ = people.account("support")
    team = people.team("Support", alice)
    people.grant(account, team=team)
    people.grant(account, bob)
    with people.database.write() as tx:
        users.destroy_team(tx, team)
        users.destroy(tx, bob.user_id)
        assert ("Grant") in {name for _, name in tx.touched}
    assert rights(people, alice, account) is None and rights(people, bob, account) is None
    people.grant(account, alice)
    with people.database.write() as tx:
        accounts.close(tx, account, THEN)
    assert rights(people, alice, account) is None
