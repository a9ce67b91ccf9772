"""What reading a mailbox costs: our connector beside imapclient's fetch and a bare socket, in the same run.

One line a figure: name, value, unit, aim or ratio. `python -m benchmarks.bench_imap` (as root: starts the
tests' own Dovecot). All three ask the same Dovecot for the same items of the same 20,000 messages, over TLS.
"""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable, Iterator

import imapclient

from benchmarks.figures import report
from shinbox.desk.mail.remote.base import HEADER_LIMIT
from shinbox.desk.mail.remote.dial import dial
from shinbox.desk.mail.remote.imap import connect
from shinbox.desk.mail.remote.session import ImapRemote
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from tests.servers.mail import MailServers, User

MESSAGES = 20_000
CHUNK = 500
ROUNDS = 3
_HEADER = f"BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>"
_ITEMS = ["UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "MODSEQ", "BODYSTRUCTURE", _HEADER]


def messages() -> Iterator[bytes]:
    for number in range(MESSAGES):
        head = (
            f"Return-Path: <c{number % 997}@example.org>\r\n"
            f"Received: from mx.example.org ([192.0.2.{number % 250}]) by mail.example.test\r\n"
            f'From: "Customer {number % 997}" <c{number % 997}@example.org>\r\nTo: support@example.test\r\n'
            f"Subject: Question {number} about an order\r\nMessage-ID: <{number}@example.org>\r\n"
            f"Date: Sat, 01 Jun 2024 10:{number // 60 % 60:02}:{number % 60:02} +0000\r\n"
            "MIME-Version: 1.0\r\n"
        )
        text = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Some words of text.\r\n" * 40
        if number % 5:
            yield (head + text).encode()
            continue
        pdf = (
            "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n"
            'Content-Disposition: attachment; filename="a.pdf"\r\n\r\nAAAA\r\n'
        )
        mixed = f'Content-Type: multipart/mixed; boundary="b{number}"\r\n\r\n'
        yield f"{head}{mixed}--b{number}\r\n{text}--b{number}\r\n{pdf}--b{number}--\r\n".encode()


def endpoint_of(servers: MailServers, user: User) -> Endpoint:
    login = Login(user.address, user.password)
    return Endpoint(
        servers.host, servers.imaps_port, Security.TLS, login, ca_file=servers.ca_file, timeout=300
    )


def _drain(endpoint: Endpoint) -> int:
    """Octets of the answer, read and thrown away."""
    sock = dial(endpoint)
    with sock:
        _until(sock, b"* OK")
        for command in (f"LOGIN {endpoint.login.user} {endpoint.login.secret}", "SELECT INBOX"):
            sock.sendall(f"x {command}\r\n".encode())
            _until(sock, b"x OK")
        sock.sendall(f"y UID FETCH 1:* ({' '.join(_ITEMS)})\r\n".encode())
        return _until(sock, b"\r\ny OK")


def _until(sock: socket.socket, end: bytes) -> int:
    total, tail = 0, b""
    while end not in tail:
        data = sock.recv(262_144)
        total += len(data)
        tail = (tail[-20:] + data)[-2000:]
    return total


def _ours(remote: ImapRemote) -> int:
    return sum(len(chunk) for chunk in remote.fetch_summaries(remote.uids(), chunk=CHUNK))


def _imapclient(servers: MailServers, user: User) -> int:
    with imapclient.IMAPClient(
        servers.host, servers.imaps_port, ssl_context=servers.tls(), timeout=300
    ) as client:
        client.login(user.address, user.password)
        client.select_folder("INBOX")
        uids = client.search()
        return sum(len(client.fetch(uids[at : at + CHUNK], _ITEMS)) for at in range(0, len(uids), CHUNK))


def _timed(work: Callable[[], int]) -> tuple[float, float]:
    """Wall and own CPU seconds."""
    wall, own = time.perf_counter(), time.process_time()
    assert work() > 0
    return time.perf_counter() - wall, time.process_time() - own


def bench_summaries(servers: MailServers, user: User) -> None:
    """20,000 summaries, three ways, in turn."""
    endpoint = endpoint_of(servers, user)
    remote = connect(endpoint)
    remote.select("INBOX")
    _drain(endpoint)  # Dovecot fills its cache at the first reading.
    ways: dict[str, Callable[[], int]] = {
        "socket": lambda: _drain(endpoint),
        "ours": lambda: _ours(remote),
        "imapclient": lambda: _imapclient(servers, user),
    }
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            took[name].append(_timed(work))
    remote.close()
    wall = {name: statistics.median(seconds for seconds, _ in times) for name, times in took.items()}
    own = {name: statistics.median(seconds for _, seconds in times) for name, times in took.items()}
    name = f"imap {MESSAGES} summaries"
    report(f"{name}: socket drain", wall["socket"], "s", f"cpu {own['socket']:.2f} s")
    report(f"{name}: shinbox", wall["ours"], "s", f"cpu {own['ours']:.2f} s")
    report(f"{name}: imapclient", wall["imapclient"], "s", f"cpu {own['imapclient']:.2f} s")
    report(f"{name}: shinbox / drain", wall["ours"] / wall["socket"], "x", "aim <= 3")
    report(f"{name}: imapclient / shinbox", wall["imapclient"] / wall["ours"], "x", "aim >= 2")


def bench_changes(servers: MailServers, user: User) -> None:
    """What a look costs when nothing changed, by QRESYNC and by comparing all flags."""
    remote = connect(endpoint_of(servers, user))
    remote.select("INBOX")
    uids = remote.uids()
    base = remote.changes_since(None, uids).highestmodseq
    none = statistics.median(
        _timed(lambda: remote.changes_since(base, uids).folder.exists)[0] for _ in range(9)
    )
    full = statistics.median(_timed(lambda: len(remote.changes_since(None, uids).flags))[0] for _ in range(3))
    remote.close()
    report(f"imap {MESSAGES} messages: no change", none, "s", "aim <= 0.05")
    report(f"imap {MESSAGES} messages: full comparison", full, "s", "aim <= 1")


def main() -> None:
    """Start Dovecot, fill a mailbox, measure."""
    with MailServers.start() as servers:
        user = servers.new_user()
        servers.seed(user, messages())
        bench_summaries(servers, user)
        bench_changes(servers, user)


if __name__ == "__main__":
    main()
