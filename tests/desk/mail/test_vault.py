"""The vault opens what front sealed, with the right key only."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from shinbox.desk.mail.remote.settings import Auth, Security
from shinbox.desk.mail.vault import Vault
from shinbox.desk.store import connections, sealing
from shinbox.desk.store.database import Database
from shinbox.errors import ConfigError, SecretUnavailable
from tests.desk.mail.world import World

SERVER = json.dumps({"host": "imap.example", "port": 993, "tls": "tls", "user": "support"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def connection(database: Database, account: int, **columns: object) -> sqlite3.Row | None:
    with database.write() as tx:
        connections.put(tx, account, **columns)
        return connections.get(tx, account)


def test_a_sealed_secret_becomes_the_login_of_its_server(world: World) -> None:
    key = sealing.new_key()
    sealed = sealing.seal(sealing.public_of(key), "pässword")
    endpoint = Vault(key).imap(connection(world.database, world.account, imap=SERVER, imap_secret=sealed))
    assert endpoint is not None
    assert (endpoint.host, endpoint.port, endpoint.security) == ("imap.example", 993, Security.TLS)
    assert (endpoint.login.user, endpoint.login.secret) == ("support", "pässword")
    assert "pässword" not in repr(endpoint)


def test_another_key_opens_nothing(world: World) -> None:
    sealed = sealing.seal(sealing.public_of(sealing.new_key()), "secret")
    with pytest.raises(SecretUnavailable):
        Vault(sealing.new_key()).open(sealed)


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(SecretUnavailable, match="3 octets"):
        Vault(b"key")


def test_a_server_for_sending_may_want_no_login_but_one_for_reading_does(world: World) -> None:
    vault = Vault(sealing.new_key())
    row = connection(world.database, world.account, imap=SERVER, smtp=SERVER)
    smtp = vault.smtp(row)
    assert smtp is not None
    assert smtp.login.auth is Auth.NONE
    with pytest.raises(ConfigError, match="no password"):
        vault.imap(row)
    assert vault.imap(None) is None
