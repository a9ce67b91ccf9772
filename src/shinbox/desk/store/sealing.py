"""Sealing secrets: anybody here can put one in the box, only the mail process can open it (mail/vault.py).

Owns the form of a sealed secret and of the key, and where the public half is kept. Cannot open anything.
"""

from __future__ import annotations

import secrets
from typing import Final

from nacl.bindings import crypto_scalarmult_base
from nacl.public import PublicKey, SealedBox

from shinbox.desk.store.database import Tx
from shinbox.errors import SecretUnavailable

KEY_BYTES: Final = 32
PUBLIC_KEY: Final = "public_key"
"""The row of `setting` that holds the public half, in hexadecimal."""


def new_key() -> bytes:
    """A key for a new desk."""
    return secrets.token_bytes(KEY_BYTES)


def public_of(key: bytes) -> bytes:
    """The public half of a key."""
    public: bytes = crypto_scalarmult_base(key)
    return public


def keep_public_key(tx: Tx, public: bytes) -> None:
    """Write down the public half."""
    tx.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (PUBLIC_KEY, public.hex()))


def public_key(tx: Tx) -> bytes:
    """The public half of this desk's key.

    :raises SecretUnavailable: there is none.
    """
    kept = tx.value("SELECT value FROM setting WHERE key = ?", (PUBLIC_KEY,))
    if kept is None:
        raise SecretUnavailable("The desk has no key yet: run `shinbox admin init`.")
    return bytes.fromhex(kept)


def seal(public: bytes, secret: str) -> bytes:
    """A secret that only the holder of the key can read."""
    sealed: bytes = SealedBox(PublicKey(public)).encrypt(secret.encode())
    return sealed
