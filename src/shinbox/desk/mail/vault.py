"""The vault: opens the secrets that front sealed. The only room that can.

Owns the key while the process lives, and the connectors' settings with a secret in them. Nothing here is
logged, shown or kept anywhere else.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Final

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from shinbox.desk.mail.remote.settings import Auth, Endpoint, Login, Security
from shinbox.errors import ConfigError, SecretUnavailable

KEY_BYTES: Final = 32


class Vault:
    """Opens secrets with the desk's key.

    Raises (when made) SecretUnavailable: that is no key.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SecretUnavailable(f"The desk's key has {len(key)} octets instead of {KEY_BYTES}.")
        self._box = SealedBox(PrivateKey(key))

    def open(self, sealed: bytes) -> str:
        """A secret. Raises SecretUnavailable: it was sealed for another key, or is damaged."""
        try:
            opened: bytes = self._box.decrypt(sealed)
        except CryptoError:
            raise SecretUnavailable() from None
        return opened.decode("utf-8")

    def imap(self, connection: sqlite3.Row | None) -> Endpoint | None:
        """How the IMAP server is reached; None without one. Raises SecretUnavailable, ConfigError."""
        return self._endpoint(connection, "imap")

    def smtp(self, connection: sqlite3.Row | None) -> Endpoint | None:
        """The same for its SMTP server."""
        return self._endpoint(connection, "smtp")

    def _endpoint(self, connection: sqlite3.Row | None, which: str) -> Endpoint | None:
        if connection is None or connection[which] is None:
            return None
        settings = json.loads(connection[which])
        sealed = connection[f"{which}_secret"]
        if sealed is None and which == "imap":
            raise ConfigError("The connection has no password yet.")
        login = Login(auth=Auth.NONE) if sealed is None else Login(settings["user"], self.open(sealed))
        ca_file = settings.get("caFile")
        return Endpoint(
            settings["host"],
            int(settings["port"]),
            Security(settings["tls"]),
            login,
            ca_file=Path(ca_file) if ca_file else None,
        )
