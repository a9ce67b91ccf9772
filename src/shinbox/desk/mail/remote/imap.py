"""The IMAP connector: `connect` makes a connection that is inside TLS, logged in and has its extensions on.

Owns greeting, STARTTLS, login (by imapclient, on our own bounded stream) and ENABLE; what can then be done
with the connection is in session. Knows no account and no database.
"""

from __future__ import annotations

import imaplib
import socket
from typing import Any, NoReturn

import imapclient

from shinbox.desk.mail.remote.answers import Status
from shinbox.desk.mail.remote.dial import Step, dial, unnamed
from shinbox.desk.mail.remote.session import ImapRemote
from shinbox.desk.mail.remote.settings import Auth, Endpoint, Login, Security
from shinbox.desk.mail.remote.wire import Wire
from shinbox.errors import (
    RemoteAuthFailed,
    RemoteProtocolError,
    RemoteUnreachable,
    TlsFailed,
)

_TRY_LATER = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"})
"""Codes of a failed login that say nothing about the password (RFC 5530)."""


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
    wire: Wire | None = None
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
        # STARTTLS put another socket in the place of the one that was dialled.
        (sock if wire is None else wire.sock).close()
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
