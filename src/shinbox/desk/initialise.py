"""The first step of a desk's life: data folder, key, database, first administrator.

Owns that step alone; everything after it goes through the protocol. Never writes over what is there.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from shinbox.desk import unix
from shinbox.desk.config import Config
from shinbox.desk.front.passwords import Passwords
from shinbox.desk.service import KEY_NAME, check_key
from shinbox.desk.store import audit, sealing, users
from shinbox.desk.store.blobs import Blobs
from shinbox.desk.store.database import Database, Tx
from shinbox.desk.store.times import utc_now
from shinbox.errors import ConfigError


def initialise(
    config: Config, name: str, *, unix_name: str | None = None, password: str | None = None, now: float
) -> None:
    """Make the data folder and the first administrator `name`, bound to a Unix login, a password or both.

    :raises ConfigError: there is a desk already, or the administrator could not sign in.
    """
    if unix_name is None and password is None:
        raise ConfigError("Say how the administrator signs in: --unix-name LOGIN, or --password-stdin.")
    uid = uid_of(unix_name) if unix_name else None
    try:
        password_hash = Passwords().hash(password) if password is not None else None
    except ValueError as refused:
        raise ConfigError(str(refused)) from None
    _make_folder(config.data_folder)
    lock = unix.lock(config.data_folder)
    try:
        _make_key(config)
        Blobs(config.blobs)
        database = Database(config.database)
        os.close(os.open(config.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        database.migrate()
        check_key(config, database)
        with database.write() as tx:
            _add_administrator(
                tx, utc_now(now), name, unix_name=unix_name, unix_uid=uid, password_hash=password_hash
            )
        database.close()
    finally:
        os.close(lock)


def _add_administrator(
    tx: Tx, at: str, name: str, *, unix_name: str | None, unix_uid: int | None, password_hash: str | None
) -> None:
    user = users.create(
        tx,
        name,
        created_at=at,
        unix_name=unix_name,
        unix_uid=unix_uid,
        password_hash=password_hash,
        is_administrator=True,
    )
    audit.append(tx, at=at, actor="desk", via="init", action="User/create", object_id=f"u{user}")


def uid_of(unix_name: str) -> int:
    """The number of a login.

    :raises ConfigError: there is none of that name.
    """
    try:
        return pwd.getpwnam(unix_name).pw_uid
    except KeyError:
        raise ConfigError(f"There is no login “{unix_name}” on this machine.") from None


def _make_folder(folder: Path) -> None:
    if (folder / "desk.db").exists() or (folder / KEY_NAME).exists():
        raise ConfigError(f"{folder} holds a desk already: nothing was changed.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refused:
        raise ConfigError(f"{folder} cannot be made: {refused.strerror}.") from None
    unix.check_private(folder)


def _make_key(config: Config) -> None:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / KEY_NAME).exists():
        return
    descriptor = os.open(config.data_folder / KEY_NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealing.new_key())
        file.flush()
        os.fsync(file.fileno())
