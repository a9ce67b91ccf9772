"""From a host name to a socket with TLS, one named step at a time.

Owns resolving, connecting and, for connectors that speak over blocking sockets, the TLS handshake; turns each
way to fail into a `RemoteError` that names it. Knows no mail protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from shinbox.desk.mail.remote.settings import Endpoint, Security
from shinbox.errors import RemoteUnreachable, TlsFailed

Step = Callable[[str], AbstractContextManager[Any]]
"""Called with a step's name; the step runs inside what it returns."""

Address = tuple[socket.AddressFamily, tuple[Any, ...]]

_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))
"""A peer that went away without a word is noticed after four minutes, also where nothing is being sent."""


def unnamed(name: str) -> AbstractContextManager[Any]:
    """The step that nobody watches."""
    return contextlib.nullcontext()


def dial(endpoint: Endpoint, step: Step = unnamed) -> socket.socket:
    """A connected socket, inside TLS if the endpoint says `tls`; its timeout is `endpoint.timeout`.

    Raises:
        RemoteUnreachable: the name does not resolve, or no address answers.
        TlsFailed: the certificate is not trusted, or plain text would leave this machine.
    """
    with step("resolve"):
        addresses = resolve(endpoint.host, endpoint.port)
    with step("connect"):
        sock = _connect(endpoint, addresses)
    try:
        if endpoint.security is Security.TLS:
            with step("tls"):
                sock = wrap(sock, endpoint)
        sock.settimeout(endpoint.timeout)
    except BaseException:
        sock.close()
        raise
    return sock


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host. Raises RemoteUnreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RemoteUnreachable(f"There is no mail server called {host}: {explain(error)}") from error
    return [(family, address) for family, _, _, _, address in found]


def _connect(endpoint: Endpoint, addresses: list[Address]) -> socket.socket:
    failure: OSError | None = None
    for family, address in addresses:
        try:
            with _kept_if_connected(family) as sock:
                sock.settimeout(endpoint.connect_timeout)
                sock.connect(address)
                endpoint.check_plain(str(address[0]))
                return keep_alive(sock)
        except OSError as error:
            failure = error
    assert failure is not None, "getaddrinfo gives at least one address or raises"
    raise _cannot_connect(endpoint, failure) from failure


@contextlib.contextmanager
def _kept_if_connected(family: socket.AddressFamily) -> Iterator[socket.socket]:
    """A socket for one address, closed if anything goes wrong inside."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        yield sock
    except BaseException:
        sock.close()
        raise


async def dial_async(endpoint: Endpoint, step: Step = unnamed) -> socket.socket:
    """As `dial`, for an event loop: not blocking, connected, TLS left to the caller."""
    loop = asyncio.get_running_loop()
    with step("resolve"):
        try:
            found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise RemoteUnreachable(
                f"There is no mail server called {endpoint.host}: {explain(error)}"
            ) from error
    with step("connect"):
        failure: OSError | None = None
        for family, _, _, _, address in found:
            try:
                with _kept_if_connected(family) as sock:
                    sock.setblocking(False)
                    async with asyncio.timeout(endpoint.connect_timeout):
                        await loop.sock_connect(sock, address)
                    endpoint.check_plain(str(address[0]))
                    return keep_alive(sock)
            except OSError as error:
                failure = error
        assert failure is not None, "getaddrinfo gives at least one address or raises"
        raise _cannot_connect(endpoint, failure) from failure


def _cannot_connect(endpoint: Endpoint, failure: OSError) -> RemoteUnreachable:
    """The error for a connection that was not made."""
    return RemoteUnreachable(f"{endpoint.host} port {endpoint.port} cannot be reached: {explain(failure)}")


def keep_alive(sock: socket.socket) -> socket.socket:
    """`sock`, which will notice a dead peer and not delay short commands."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return sock


def wrap(sock: socket.socket, endpoint: Endpoint) -> ssl.SSLSocket:
    """`sock` inside verified TLS. Raises TlsFailed, RemoteUnreachable."""
    try:
        return endpoint.tls_context().wrap_socket(sock, server_hostname=endpoint.host)
    except ssl.SSLError as error:
        raise tls_failed(endpoint, error) from error
    except OSError as error:
        raise RemoteUnreachable(
            f"{endpoint.host} broke off during the TLS handshake: {explain(error)}"
        ) from error


def tls_failed(endpoint: Endpoint, error: ssl.SSLError) -> TlsFailed:
    """What went wrong in the handshake, in words that lead to the setting to change."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsFailed(f"The certificate of {endpoint.host} is not accepted: {error.verify_message}")
    if "WRONG_VERSION_NUMBER" in str(error):
        return TlsFailed(
            f"{endpoint.host} port {endpoint.port} does not speak TLS at once: is it the port for starttls?"
        )
    return TlsFailed(f"No TLS with {endpoint.host}: {error.reason or error}")


def explain(error: BaseException) -> str:
    """The short reason of a network error."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return error.reason or "TLS error"
    if isinstance(error, OSError) and error.strerror:
        # asyncio writes the address into strerror; gaierror has codes of its own, below zero.
        return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return str(error) or type(error).__name__
