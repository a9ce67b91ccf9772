"""The IMAP connector: `connect` and the connection that it makes.

Owns the login (by imapclient, on our own bounded stream), the choice of extensions, and which folder is
selected; the operations are in listing, fetching, changing and idling. Knows no account and no database.
"""

from __future__ import annotations

import contextlib
import imaplib
import io
import socket
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, NoReturn

import imapclient

from shinbox.desk.mail.remote import changing, fetching, idling, listing, tokens
from shinbox.desk.mail.remote.base import (
    DEFAULT_MAX_SIZE,
    Appended,
    Changes,
    Copied,
    FlagsRow,
    FolderMissing,
    FolderState,
    IdleEvent,
    Remote,
    RemoteFolder,
    RemoteMessage,
    SelectedFolder,
    Stop,
    UidValidityChanged,
)
from shinbox.desk.mail.remote.dial import Step, dial, unnamed
from shinbox.desk.mail.remote.names import quoted_name
from shinbox.desk.mail.remote.settings import Auth, Endpoint, Login, Security
from shinbox.desk.mail.remote.wire import Answer, Status, Wire
from shinbox.errors import (
    RemoteAuthFailed,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    TlsFailed,
)

_TRY_LATER = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"})
"""Codes of a failed login that say nothing about the password (RFC 5530)."""

_GOODBYE = 2.0
"""Seconds that a server may take to say goodbye."""


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient over our stream: its logins, without its logging of the dialogue."""

    def __init__(self, wire: Wire, endpoint: Endpoint) -> None:
        self._wire = wire
        super().__init__(endpoint.host, endpoint.port, ssl=False, timeout=endpoint.timeout)
        self._imap.debug = 0

    def _create_IMAP4(self) -> Wire:
        return self._wire


def connect(endpoint: Endpoint, step: Step = unnamed) -> ImapRemote:
    """A connection, logged in; it belongs to the calling thread.

    Raises:
        RemoteUnreachable, TlsFailed, RemoteAuthFailed, RemoteProtocolError.
    """
    sock = dial(endpoint, step)
    try:
        with step("greet"):
            wire = _greet(sock, endpoint)
        if endpoint.security is Security.STARTTLS:
            with step("tls"):
                wire.starttls_now()
        with step("login"):
            _log_in(wire, endpoint)
            _enable(wire, endpoint)
    except BaseException:
        sock.close()
        raise
    return ImapRemote(wire)


def _greet(sock: socket.socket, endpoint: Endpoint) -> Wire:
    try:
        wire = Wire(sock, endpoint)
    except imaplib.IMAP4.error as error:
        raise RemoteProtocolError(
            f"{endpoint.host} port {endpoint.port} does not greet as a mail server (IMAP) should: {error}"
        ) from error
    if wire.state != "NONAUTH":
        wire.shutdown()
        # Someone between us and the server could say so to keep TLS from starting (RFC 9051 §7.1.4).
        raise TlsFailed(f"{endpoint.host} calls the connection logged in before anyone logged in (PREAUTH).")
    return wire


def _log_in(wire: Wire, endpoint: Endpoint) -> None:
    login = endpoint.login
    offered = _capabilities(wire)
    client = _Client(wire, endpoint)
    try:
        if login.auth is Auth.XOAUTH2:
            secret = f"user={login.user}\1auth=Bearer {login.secret}\1\1"
            client.sasl_login("XOAUTH2", _once(secret, b""))
        elif login.auth is Auth.OAUTHBEARER:
            client.sasl_login("OAUTHBEARER", _once(_oauthbearer(login, endpoint), b"\1"))
        elif login.auth is Auth.PASSWORD and "AUTH=PLAIN" in offered:
            client.plain_login(login.user, login.secret)
        elif login.auth is Auth.PASSWORD and "LOGINDISABLED" not in offered:
            client.login(_ascii(login.user), _ascii(login.secret))
        else:
            raise RemoteAuthFailed(f"{endpoint.host} offers no way to log in that shinbox knows.")
    except imaplib.IMAP4.error as error:
        _refused_login(error, endpoint)


def _refused_login(error: Exception, endpoint: Endpoint) -> NoReturn:
    said = str(error).removeprefix("b'").removesuffix("'")
    status = Status.parse(b"NO " + said.encode("utf-8", "replace"))
    if status is not None and status.code in _TRY_LATER:
        raise RemoteUnreachable(f"{endpoint.host} cannot log anybody in at present: {status.text}") from None
    text = status.text if status is not None else said
    raise RemoteAuthFailed(
        f"{endpoint.host} did not accept the login of {endpoint.login.user}: {text}"
    ) from None


def _once(first: str, later: bytes) -> Any:
    """A SASL callable: the secret for the first challenge, `later` for an error told as a challenge."""
    answers = iter([first.encode("utf-8")])
    return lambda challenge: next(answers, later)


def _oauthbearer(login: Login, endpoint: Endpoint) -> str:
    user = login.user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={user},\1host={endpoint.host}\1port={endpoint.port}\1auth=Bearer {login.secret}\1\1"


def _ascii(text: str) -> str:
    if not text.isascii():
        raise RemoteAuthFailed("This server takes only ASCII in a name or password (no AUTH=PLAIN).")
    return text


def _capabilities(wire: Wire) -> frozenset[str]:
    answer = wire.run(b"CAPABILITY").check("say what it can do")
    return frozenset(
        word.decode("ascii", "replace").upper()
        for text, _ in answer.named(b"CAPABILITY")
        for word in text.split()
    )


def _enable(wire: Wire, endpoint: Endpoint) -> None:
    """Ask what the server can do after the login, and switch on what must be (RFC 5161)."""
    features = _capabilities(wire) - endpoint.ignore
    if not {"ENABLE", "CONDSTORE"} <= features:
        features -= {"QRESYNC"}
    if "QRESYNC" in features:
        wire.run(b"ENABLE QRESYNC").check("enable QRESYNC")
    wire.features = features


class ImapRemote:
    """An IMAP connection as `base.Remote`; the docstrings are there."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._selected: SelectedFolder | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        return self._wire.features

    @property
    def selected(self) -> SelectedFolder | None:
        return self._selected

    def folders(self) -> list[RemoteFolder]:
        if self._selected is not None:
            self.noop()  # The counters of the selected folder are stale until then.
        return listing.folders(self._wire)

    def status(self, path: str) -> FolderState:
        if self._selected is not None and self._selected.path == path:
            self.noop()
        return listing.status(self._wire, path)

    def select(self, path: str) -> SelectedFolder:
        command = b"SELECT " + quoted_name(path)
        if self._wire.has("CONDSTORE") and not self._wire.has("QRESYNC"):
            command += b" (CONDSTORE)"
        self._selected = None
        answer = self._wire.run(command)
        if answer.status.word != "OK" and not listing.exists(self._wire, path):
            raise FolderMissing(f"The mail server has no folder {path}.", code="NONEXISTENT")
        answer.check(f"open the folder {path}")
        rights = listing.my_rights(self._wire, [path]) if self._wire.has("ACL") else {}
        self._selected = _selected(path, answer, rights.get(listing.canonical(path)))
        return self._selected

    def uids(self) -> list[int]:
        self._folder()
        return fetching.all_uids(self._wire)

    def fetch_summaries(self, uids: Iterable[int], *, chunk: int = 250) -> Iterator[list[RemoteMessage]]:
        self._folder()
        return fetching.summaries(self._wire, uids, chunk)

    def fetch_flags(self, uids: Iterable[int] | None = None) -> list[FlagsRow]:
        self._folder()
        return fetching.fetch_flags(self._wire, uids)

    def changes_since(self, modseq: int | None, known: Collection[int]) -> Changes:
        before = self._folder()
        folder = self.select(before.path)
        if folder.uidvalidity != before.uidvalidity:
            raise UidValidityChanged(f"The folder {folder.path} was rebuilt on the mail server.")
        return fetching.changes(self._wire, folder, modseq, known)

    def fetch_raw(self, uid: int, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes:
        sink = io.BytesIO()
        self.fetch_raw_into(uid, sink, max_size=max_size)
        return sink.getvalue()

    def fetch_raw_into(self, uid: int, sink: BinaryIO, *, max_size: int = DEFAULT_MAX_SIZE) -> int:
        self._folder()
        return fetching.raw_into(self._wire, uid, sink, max_size)

    def store_flags(
        self, uids: Iterable[int], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> dict[int, FlagsRow]:
        return changing.store(self._wire, self._folder(), uids, add, remove)

    def move(self, uids: Iterable[int], target: str) -> Copied:
        return changing.move(self._wire, self._folder(), uids, target)

    def copy(self, uids: Iterable[int], target: str) -> Copied:
        self._folder()
        return changing.copy(self._wire, uids, target)

    def append(
        self, path: str, raw: bytes, *, flags: Iterable[str] = (), internaldate: datetime | None = None
    ) -> Appended | None:
        return changing.append(self._wire, path, raw, flags, internaldate)

    def find_by_message_id(self, path: str, message_id: str, *, since_uid: int = 1) -> list[int]:
        self.select(path)
        return fetching.by_message_id(self._wire, message_id, since_uid)

    def expunge_uids(self, uids: Iterable[int]) -> list[int]:
        return changing.expunge(self._wire, self._folder(), uids)

    def create_folder(self, path: str) -> None:
        changing.create_folder(self._wire, path)

    def rename_folder(self, path: str, new_path: str) -> None:
        self._leave(path)
        changing.rename_folder(self._wire, path, new_path)

    def delete_folder(self, path: str) -> None:
        self._leave(path)
        changing.delete_folder(self._wire, path)

    def idle(self, stop: Stop, timeout: float) -> list[IdleEvent]:
        self._folder()
        return idling.wait(self._wire, stop, timeout)

    def noop(self) -> None:
        self._wire.run(b"NOOP").check("answer")

    def abort(self) -> None:
        self._wire.abort_from_any_thread()

    def close(self) -> None:
        self._selected = None
        if not self._wire.closed:
            # A goodbye that fails is a goodbye; a stranger's thread may only cut.
            with contextlib.suppress(RemoteError, OSError, RuntimeError):
                self._wire.sock.settimeout(_GOODBYE)
                self._wire.run(b"LOGOUT")
        self._wire.shutdown()

    def _folder(self) -> SelectedFolder:
        if self._selected is None:
            raise RuntimeError("select a folder first")
        return self._selected

    def _leave(self, path: str) -> None:
        """A server may end the session whose selected folder goes away. CLOSE would expunge: never that."""
        if self._selected is not None and self._selected.path == path:
            self._selected = None
            if self._wire.has("UNSELECT"):
                self._wire.run(b"UNSELECT").check("leave the folder")
            else:
                self._wire.run(b"EXAMINE INBOX")


def _selected(path: str, answer: Answer, rights: frozenset[str] | None) -> SelectedFolder:
    codes = {status.code: status for status in answer.statuses() if status.code}
    if "UIDVALIDITY" not in codes:
        raise RemoteRefused(f"The folder {path} has no lasting message numbers: it cannot be mirrored.")
    exists = [int(text[2:].split()[0]) for text, _ in answer.untagged if text.upper().endswith(b" EXISTS")]
    read_only = "READ-ONLY" in codes
    permanent = codes.get("PERMANENTFLAGS")
    flags = permanent.data if permanent is not None else _flags_line(answer)
    return SelectedFolder(
        path=path,
        uidvalidity=_code_number(codes, "UIDVALIDITY"),
        uidnext=_code_number(codes, "UIDNEXT"),
        exists=exists[-1] if exists else 0,
        highestmodseq=_code_number(codes, "HIGHESTMODSEQ") or None,
        permanentflags=frozenset() if read_only else fetching.flags_of(_words(flags)),
        read_only=read_only,
        rights=rights,
    )


def _code_number(codes: dict[str, Status], name: str) -> int:
    status = codes.get(name)
    return tokens.number(status.data.strip(), name) if status is not None else 0


def _flags_line(answer: Answer) -> bytes:
    """Without PERMANENTFLAGS all flags are kept (RFC 3501 §6.3.1)."""
    return next((text for text, _ in answer.named(b"FLAGS")), b"")


def _words(flags: bytes) -> list[str]:
    return flags.decode("utf-8", "replace").strip("()").split()


_conforms: type[Remote] = ImapRemote
