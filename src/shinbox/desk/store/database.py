"""Connections and transactions of the desk's SQLite database.

Owns how the file is opened, who may write at a time and what a transaction is; knows no table.
A `Database` may be used from any thread; a `Tx` belongs to the thread that opened it.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlite_utils

from shinbox.desk.store.migrations import migrate

BUSY_SECONDS: Final = 20.0
STEPS: Final = 50_000
"""Of SQLite's machine, between two looks whether a transaction is over: about a millisecond."""
Params = Sequence[Any]
Over = Callable[[], bool]
"""Whether a transaction has worked for too long; asked often, in its own thread."""


class _Unbroken:
    """`now` inside of a `with` block; a class, since thousands of statements go through it in a second."""

    now = False

    def __enter__(self) -> None:
        self.now = True

    def __exit__(self, *_: object) -> None:
        self.now = False


class Tx:
    """One transaction: a consistent snapshot to read from, and, if it writes, all or nothing.

    `touched` collects (account row, type name) of what changed, for the push after the commit.
    """

    def __init__(self, connection: sqlite3.Connection, *, writable: bool, over: Over | None = None) -> None:
        self._connection = connection
        self.writable = writable
        self.touched: set[tuple[int, str]] = set()
        self._over = over
        self._unbroken = _Unbroken()

    @property
    def has_end(self) -> bool:
        """Whether it may be broken off."""
        return self._over is not None

    def is_over(self) -> bool:
        """Whether to break off what is being read. What changes rows goes on: broken off, it would end the
        whole transaction (sqlite3_interrupt)."""
        return self._over is not None and not self._unbroken.now and self._over()

    def without_end(self) -> None:
        """Nothing is broken off any more."""
        self._over = None

    def one(self, sql: str, params: Params = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None
        if self.writable and not sql.startswith("SELECT"):  # UPDATE … RETURNING
            with self._unbroken:
                row = self._connection.execute(sql, params).fetchone()
        else:
            row = self._connection.execute(sql, params).fetchone()
        return row

    def all(self, sql: str, params: Params = ()) -> list[sqlite3.Row]:
        """Every row."""
        return self._connection.execute(sql, params).fetchall()

    def each(self, sql: str, params: Params = ()) -> Iterator[sqlite3.Row]:
        """The rows one after another, for results that may be long."""
        yield from self._connection.execute(sql, params)

    def value(self, sql: str, params: Params = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, params)
        return None if row is None else row[0]

    def column(self, sql: str, params: Params = ()) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self._connection.execute(sql, params)]

    def run(self, sql: str, params: Params = ()) -> int:
        """Change rows; how many were changed."""
        with self._unbroken:
            return self._connection.execute(sql, params).rowcount

    def insert(self, sql: str, params: Params = ()) -> int:
        """Insert one row; its row id."""
        with self._unbroken:
            row_id = self._connection.execute(sql, params).lastrowid
        assert row_id is not None
        return row_id

    def run_many(self, sql: str, params: Iterable[Params]) -> None:
        """The same statement for many parameters."""
        with self._unbroken:
            self._connection.executemany(sql, params)


def was_broken_off(failure: sqlite3.Error) -> bool:
    """Whether reading ended because the transaction worked for too long (`Over`)."""
    return getattr(failure, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT


class Database:
    """The desk's database file, in WAL mode: many readers, one writer at a time across processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._closed = False

    def migrate(self) -> None:
        """Create the file or bring it to the newest shape.

        :raises DatabaseTooNew: a newer shinbox wrote it.
        """
        with self._borrowed() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            migrate(sqlite_utils.Database(connection))

    @contextmanager
    def read(self, over: Over | None = None) -> Iterator[Tx]:
        """A snapshot: everything read inside is of one moment. Reading is broken off once it is `over`."""
        with self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                with _watched(Tx(connection, writable=False, over=over), connection) as tx:
                    yield tx
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self, over: Over | None = None) -> Iterator[Tx]:
        """A transaction that writes: committed at the end, undone if the block raises. `over`: see read."""
        with self._writing, self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                with _watched(Tx(connection, writable=True, over=over), connection) as tx:
                    yield tx
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def backup(self, target: Path) -> None:
        """Copy the database while it is in use; a plain file copy of a WAL database is wrong."""
        with self._borrowed() as connection:
            copy = sqlite3.connect(target)
            try:
                connection.backup(copy)
            finally:
                copy.close()

    def close(self) -> None:
        """Close the idle connections; borrowed ones close when they come back."""
        self._closed = True
        while not self._idle.empty():
            self._idle.get_nowait().close()

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._open()
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            if self._closed:
                connection.close()
            else:
                self._idle.put(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")
        return connection


@contextmanager
def _watched(tx: Tx, connection: sqlite3.Connection) -> Iterator[Tx]:
    if not tx.has_end:
        yield tx
        return
    connection.set_progress_handler(tx.is_over, STEPS)
    try:
        yield tx
    finally:
        tx.without_end()
        connection.set_progress_handler(None, 0)
