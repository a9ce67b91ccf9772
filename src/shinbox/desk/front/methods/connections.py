"""Connection: how an account reaches its mail (under urn:shinbox:desk). One an account, id "singleton".

Owns its wire form, the check of servers, and the sealing of secrets: a secret is never read back, and never
sent to another host than the one that it was given for.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import checks
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.store import connections, sealing
from shinbox.errors import InvalidProperties
from shinbox.jmap.objects.connection import ServerSettings

SINGLETON: Final = "singleton"
SERVERS: Final = ("imap", "smtp")
TLS: Final = ("tls", "starttls", "none")
SENT_POLICIES: Final = ("append", "server", "detect")
MAX_SECRET: Final = 16_384


class ConnectionHandler(TypeHandler):
    """See the module."""

    TYPE = "Connection"
    SINGLETON = True

    def to_row(self, call: Call, id_: str) -> int | None:
        """See TypeHandler."""
        return call.account_row if id_ == SINGLETON else None

    def to_id(self, call: Call, row: int) -> str:
        """See TypeHandler."""
        return SINGLETON

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return [call.account_row]

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        if call.account_row not in wanted:
            return {}
        row = connections.get(call.tx, call.account_row)
        return {
            call.account_row: {
                "id": SINGLETON,
                "imap": _loaded(row["imap"]) if row else None,
                "smtp": _loaded(row["smtp"]) if row else None,
                "imapSecret": None,
                "smtpSecret": None,
                "hasImapSecret": bool(row and row["imap_secret"]),
                "hasSmtpSecret": bool(row and row["smtp_secret"]),
                "root": row["root"] if row else None,
                "sentPolicy": row["sent_policy"] if row else "append",
            }
        }

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new, old = dict(edit.new or {}), edit.old or {}
        if new["imap"] is not None and call.account["kind"] == "local":
            raise InvalidProperties("A local mailbox has no IMAP server.", properties=["imap"])
        for name in SERVERS:
            if new[name] is not None:
                new[name] = _server(new[name], name)
            _check_secret(new[f"{name}Secret"], f"{name}Secret")
            kept = new[f"has{name.title()}Secret"] and f"{name}Secret" not in edit.given
            if kept and _host(old.get(name)) != _host(new[name]):
                raise InvalidProperties(
                    f"The {name.upper()} password was given for another server: give it again.",
                    properties=[f"{name}Secret"],
                )
        if new["root"] is not None:
            checks.name(new["root"], "root", 500)
        if new["sentPolicy"] not in SENT_POLICIES:
            raise InvalidProperties(
                f"sentPolicy is one of {', '.join(SENT_POLICIES)}.", properties=["sentPolicy"]
            )
        return new

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.new is not None
        columns: dict[str, Any] = {}
        answer: Json = {}
        for name in SERVERS:
            if name in edit.changed():
                columns[name] = None if edit.new[name] is None else json.dumps(edit.new[name])
                answer[name] = edit.new[name]
            secret = f"{name}Secret"
            if secret in edit.given:
                columns[f"{name}_secret"] = _sealed(call, edit.new[secret])
                answer |= {secret: None, f"has{name.title()}Secret": edit.new[secret] is not None}
        columns |= {
            column: edit.new[name]
            for name, column in (("root", "root"), ("sentPolicy", "sent_policy"))
            if name in edit.changed()
        }
        if columns:
            connections.put(call.tx, call.account_row, **columns)
            call.wake("connection")
        return answer or None

    def explain(self, call: Call, edit: Edit) -> Json:
        """Which servers it leads to now; of secrets only that they were given or forgotten."""
        secrets = edit.given & {"imapSecret", "smtpSecret"}
        told: Json = {"changed": sorted(edit.changed() | secrets)}
        for name in SERVERS:
            server = (edit.new or {}).get(name)
            if name in edit.changed() and server:
                told[name] = f"{server['user']}@{server['host']}:{server['port']} ({server['tls']})"
        return told


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _host(server: Json | None) -> Any:
    return server and (server["host"], server["port"], server["tls"])


def _sealed(call: Call, secret: str | None) -> bytes | None:
    return None if secret is None else sealing.seal(sealing.public_key(call.tx), secret)


def _check_secret(secret: str | None, name: str) -> None:
    if secret is not None and (not secret or len(secret) > MAX_SECRET or any(c in secret for c in "\r\n\0")):
        raise InvalidProperties(
            f"{name} is one line of up to {MAX_SECRET} characters, or null.", properties=[name]
        )


def _server(value: Json, name: str) -> Json:
    """A server's settings, whole.

    :raises InvalidProperties: one cannot be used; it says which.
    """
    settings = msgspec.convert(value, ServerSettings)
    host = settings.host
    if not host or len(host) > 253 or not host.isascii() or not host.isprintable() or " " in host:
        raise InvalidProperties(f"{name}.host is the name or address of a server.", properties=[name])
    checks.whole_number(settings.port, f"{name}.port", 1, 65_535)
    checks.line(settings.user, f"{name}.user", 500)
    if settings.tls not in TLS:
        raise InvalidProperties(f"{name}.tls is one of {', '.join(TLS)}.", properties=[name])
    if settings.tls == "none" and not _is_loopback(host):
        raise InvalidProperties(
            f"{name}.tls is “none” for this machine alone: a password would cross the network in the open.",
            properties=[name],
        )
    ca_file = settings.ca_file
    if ca_file is not None and not PurePosixPath(checks.line(ca_file, f"{name}.caFile", 500)).is_absolute():
        raise InvalidProperties(f"{name}.caFile is a whole path, beginning with /.", properties=[name])
    whole: Json = msgspec.to_builtins(settings)
    return whole


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
