"""Who is calling: from a peer of the socket, or a token, to an Actor.

Owns the proof of identity and nothing of what it allows. A proof is looked at anew for every request, so
what is revoked ends at once.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shinbox.desk.front import audit
from shinbox.desk.front.passwords import Passwords
from shinbox.desk.store import tokens, users
from shinbox.desk.store.database import Database, Tx
from shinbox.desk.store.times import utc_now
from shinbox.errors import NotSignedIn, SignInFailed

OVERFLOW_UID: Final = 65534
"""What the kernel says instead of a uid that it cannot tell: many people at once, so nobody."""
FAILURES_COUNT_FOR: Final = 60.0
TOKEN_BYTES: Final = 32


@dataclass(frozen=True)
class Actor:
    """The live, authenticated caller; `via` says how it was proven: "unix uid 1000", "password"."""

    user_id: int
    name: str
    is_administrator: bool
    via: str


@dataclass(frozen=True)
class UnixProof:
    """A peer of the Unix socket: its uid as the kernel says, and the login name that the uid has now."""

    uid: int
    login: str


@dataclass(frozen=True)
class TokenProof:
    """A bearer token, by its hash."""

    token_hash: str

    @classmethod
    def of(cls, token: str) -> TokenProof:
        """The proof that a token is."""
        return cls(hashlib.sha256(token.encode()).hexdigest())


Proof = UnixProof | TokenProof


@dataclass(frozen=True)
class Known:
    """A proof that holds: who it is, and until when (seconds; None: no end)."""

    actor: Actor
    until: float | None = None


def who_is(tx: Tx, proof: Proof, now: float) -> Known:
    """The active user that a proof stands for.

    :raises NotSignedIn: it stands for nobody.
    """
    match proof:
        case UnixProof(uid=uid, login=login):
            row = users.by_unix(tx, uid, login) if uid != OVERFLOW_UID else None
            via, until = f"unix uid {uid}", None
        case TokenProof(token_hash=token_hash):
            token = tokens.find(tx, token_hash, now)
            row = users.get(tx, token["user_id"]) if token else None
            via, until = "password", token["expires_at"] if token else None
    if row is None or not row["is_active"]:
        raise NotSignedIn()
    return Known(_actor(row, via), until)


def _actor(row: sqlite3.Row, via: str) -> Actor:
    return Actor(row["id"], row["name"], bool(row["is_administrator"]), via)


@dataclass(frozen=True)
class SignedIn:
    """What a sign-in gives: the token is shown this once. `expires_at` is in seconds."""

    token: str
    expires_at: float


class SignIn:
    """Signing in by password, throttled by name. The answer and the work are the same for unknown names."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        *,
        random: Callable[[int], bytes],
        token_seconds: float,
        failures_allowed: int,
    ) -> None:
        self._database = database
        self._passwords = passwords
        _ = passwords.nobody  # now, not at the first unknown name: it would take twice as long
        self._random = random
        self._token_seconds = token_seconds
        self._failures_allowed = failures_allowed

    def __call__(self, name: str, password: str, now: float) -> SignedIn:
        """A new token for the user of that name.

        :raises SignInFailed: wrong name or password, or too many failures in the last minute: not which.
        """
        with self._database.write() as tx:
            # Counted before the check and forgotten after it, so that many tries at once are counted too.
            tokens.forget_failures(tx, now - FAILURES_COUNT_FOR, now)
            throttled = tokens.recent_failures(tx, name) >= self._failures_allowed
            attempt = None if throttled else tokens.note_failure(tx, name, now)
            user = users.by_name(tx, name)
        usable = user is not None and user["is_active"] and user["password_hash"]
        fits = self._passwords.fits(user["password_hash"] if user and usable else None, password)
        if attempt is None:
            raise SignInFailed()
        if user is None or not fits:
            self._refuse(name, now)
            raise SignInFailed()
        return self._welcome(user, attempt, now)

    def _refuse(self, name: str, now: float) -> None:
        with self._database.write() as tx:
            stranger = Actor(0, name[:100], False, "password")
            audit.write(tx, stranger, "signIn", None, None, "refused", {}, now)

    def _welcome(self, user: sqlite3.Row, attempt: int, now: float) -> SignedIn:
        token = self._random(TOKEN_BYTES).hex()
        expires_at = now + self._token_seconds
        with self._database.write() as tx:
            current = users.get(tx, user["id"])
            if (
                current is None
                or not current["is_active"]
                or current["password_hash"] != user["password_hash"]
            ):
                raise SignInFailed()
            tokens.forgive(tx, attempt)
            tokens.create(tx, TokenProof.of(token).token_hash, user["id"], now, expires_at)
            audit.write(tx, _actor(user, "password"), "signIn", None, None, "ok", {}, now)
        return SignedIn(token, expires_at)

    def sign_out(self, proof: Proof, now: float) -> None:
        """Make the token worthless.

        :raises NotSignedIn: it is no token, or worthless already.
        """
        with self._database.write() as tx:
            known = who_is(tx, proof, now)
            if not isinstance(proof, TokenProof) or not tokens.revoke(tx, proof.token_hash):
                raise NotSignedIn("You are known by your Unix login: there is nothing to sign out of.")
            audit.write(tx, known.actor, "signOut", None, None, "ok", {}, now)


def answer_of(signed_in: SignedIn) -> dict[str, Any]:
    """The wire form of a sign-in."""
    return {"token": signed_in.token, "expiresAt": utc_now(signed_in.expires_at)}
