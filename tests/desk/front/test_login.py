"""Who is calling: Unix logins, passwords, tokens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shinbox.desk.front.login import SignedIn, SignIn, TokenProof, UnixProof, who_is
from shinbox.desk.front.passwords import Passwords
from shinbox.desk.front.peer import Peer, UnixProofs
from shinbox.desk.store import users
from shinbox.errors import NotSignedIn, SignInFailed
from tests.desk.front.people import NOW, THEN, People

HOUR = 3600.0


class CountedPasswords(Passwords):
    """The real thing, counting what costs time."""

    def __init__(self) -> None:
        self.computed = 0
        super().__init__(memory_kib=64, iterations=1)

    def _verify(self, kept: str, password: str) -> bool:
        self.computed += 1
        return super()._verify(kept, password)


class Door:
    def __init__(self, folder: Path) -> None:
        self.people = People.at(folder)
        self.passwords = CountedPasswords()
        self.count = 0
        self.sign_in = SignIn(
            self.people.database,
            self.passwords,
            random=self.random,
            token_seconds=12 * HOUR,
            failures_allowed=5,
        )
        self.alice = self.people.user("alice", password_hash=self.passwords.hash("correct horse"))

    def random(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(size, "big")

    def knock(self, name: str, password: str, now: float = NOW) -> SignedIn:
        return self.sign_in(name, password, now)

    def fails(self, name: str, password: str, now: float = NOW) -> str:
        with pytest.raises(SignInFailed) as refused:
            self.knock(name, password, now)
        return str(refused.value)

    def who(self, proof: TokenProof | UnixProof, now: float = NOW) -> str:
        with self.people.database.read() as tx:
            return who_is(tx, proof, now).actor.name


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_a_password_gives_a_token_that_ends(door: Door) -> None:
    signed_in = door.knock("Alice", "correct horse")
    proof = TokenProof.of(signed_in.token)
    assert door.who(proof) == "alice"
    assert len(bytes.fromhex(signed_in.token)) == 32
    assert door.who(proof, NOW + 12 * HOUR - 1) == "alice"
    with pytest.raises(NotSignedIn):
        door.who(proof, NOW + 12 * HOUR)


def test_only_the_hash_of_a_token_is_kept(door: Door) -> None:
    token = door.knock("alice", "correct horse").token
    door.people.database.close()
    kept = b"".join(path.read_bytes() for path in door.people.database.path.parent.iterdir())
    assert token.encode() not in kept and bytes.fromhex(token) not in kept


def test_an_unknown_name_costs_the_same_and_reads_the_same(door: Door) -> None:
    with door.people.database.write() as tx:
        users.create(tx, "carol", created_at=THEN)
        users.create(
            tx, "dave", created_at=THEN, password_hash=door.passwords.hash("dave's own"), is_active=False
        )
    answers, costs = set(), set()
    for name, password in [
        ("alice", "wrong"),
        ("nobody", "wrong"),
        ("carol", "wrong"),
        ("dave", "dave's own"),
    ]:
        before = door.passwords.computed
        answers.add(door.fails(name, password))
        costs.add(door.passwords.computed - before)
    assert len(answers) == 1 and costs == {1}


def test_after_five_failures_in_a_minute_even_the_right_password_waits(door: Door) -> None:
    for _ in range(5):
        door.fails("alice", "wrong")
    before = door.passwords.computed
    told = door.fails("ALICE", "correct horse")
    assert door.passwords.computed == before + 1
    assert told == door.fails("nobody", "x")
    assert door.fails("alice", "correct horse", NOW + 59.9)
    assert door.knock("alice", "correct horse", NOW + 60.0)


def test_a_clock_that_was_set_back_locks_nobody_out_for_longer(door: Door) -> None:
    for _ in range(5):
        door.fails("alice", "wrong", NOW + 365 * 24 * HOUR)
    door.fails("alice", "correct horse", NOW)
    assert door.knock("alice", "correct horse", NOW + 61)


def test_a_clock_that_was_set_back_makes_no_token_last_longer(door: Door) -> None:
    token = door.knock("alice", "correct horse", NOW + 365 * 24 * HOUR).token
    with pytest.raises(NotSignedIn):
        door.who(TokenProof.of(token), NOW)
    token = door.knock("alice", "correct horse", NOW + 1).token
    assert door.who(TokenProof.of(token), NOW) == "alice", "a second is no reason"


def test_tries_at_the_same_time_are_counted_too(door: Door) -> None:
    def attempt(number: int) -> None:
        door.fails("alice", f"wrong {number}")

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(attempt, range(24)))
    with door.people.database.read() as tx:
        assert tx.value("SELECT COUNT(*) FROM sign_in_attempt") == 5


def test_success_does_not_count_as_failure(door: Door) -> None:
    for _ in range(12):
        door.knock("alice", "correct horse")


def test_the_audit_tells_of_each_sign_in_and_of_no_password(door: Door) -> None:
    door.knock("alice", "correct horse")
    door.fails("alice", "wrong guess")
    with door.people.database.read() as tx:
        rows = tx.all("SELECT actor, action, outcome, detail FROM audit ORDER BY id")
    assert [tuple(row)[:3] for row in rows] == [("alice", "signIn", "ok"), ("alice", "signIn", "refused")]
    assert all(row["detail"] == "{}" for row in rows)


def test_signing_out_makes_the_token_worthless(door: Door) -> None:
    proof = TokenProof.of(door.knock("alice", "correct horse").token)
    other = TokenProof.of(door.knock("alice", "correct horse").token)
    door.sign_in.sign_out(proof, NOW)
    with pytest.raises(NotSignedIn):
        door.who(proof)
    assert door.who(other) == "alice"


@pytest.mark.parametrize("change", [{"password_hash": "$argon2id$other"}, {"is_active": False}])
def test_a_new_password_or_leaving_ends_every_token(door: Door, change: dict[str, object]) -> None:
    proof = TokenProof.of(door.knock("alice", "correct horse").token)
    with door.people.database.write() as tx:
        users.update(tx, door.alice.user_id, **change)
    with pytest.raises(NotSignedIn):
        door.who(proof)


class TestUnixLogins:
    """A Unix login is bound by number and by name."""

    def test_the_number_and_the_name_of_a_login_must_both_agree(self, door: Door) -> None:
        assert door.who(UnixProof(5000, "alice")) == "alice"
        for proof in (UnixProof(5000, "alicia"), UnixProof(5001, "alice"), UnixProof(5001, "bob")):
            with pytest.raises(NotSignedIn):
                door.who(proof)

    def test_root_is_somebody_only_if_bound(self, door: Door) -> None:
        with pytest.raises(NotSignedIn):
            door.who(UnixProof(0, "root"))
        with door.people.database.write() as tx:
            users.create(tx, "chief", created_at=THEN, unix_name="root", unix_uid=0)
        assert door.who(UnixProof(0, "root")) == "chief"

    def test_the_overflow_uid_is_nobody_even_if_bound(self, door: Door) -> None:
        with door.people.database.write() as tx:
            users.create(tx, "ghost", created_at=THEN, unix_name="nobody", unix_uid=65534)
        with pytest.raises(NotSignedIn):
            door.who(UnixProof(65534, "nobody"))

    def test_who_left_is_nobody(self, door: Door) -> None:
        with door.people.database.write() as tx:
            users.update(tx, door.alice.user_id, is_active=0)
        with pytest.raises(NotSignedIn):
            door.who(UnixProof(5000, "alice"))

    async def test_a_name_is_looked_up_once_for_a_while_and_then_anew(self) -> None:
        asked: list[int] = []
        now = [0.0]

        def look_up(uid: int) -> str | None:
            asked.append(uid)
            return {1000: "alice"}.get(uid)

        proofs = UnixProofs(look_up, clock=lambda: now[0])
        assert await proofs.of(Peer(1, 1000, 1000)) == UnixProof(1000, "alice")
        await proofs.of(Peer(2, 1000, 1000))
        assert await proofs.of(Peer(3, 1001, 1001)) is None
        assert asked == [1000, 1001]
        now[0] = 31.0
        await proofs.of(Peer(2, 1000, 1000))
        assert asked == [1000, 1001, 1000]
