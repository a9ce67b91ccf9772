"""HTTP answers: JSON, problem documents (RFC 7807), file names that no header can be broken with.

Owns which error becomes which status. What is unknown and what is not for the caller read alike.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from shinbox.errors import (
    AccountNotFound,
    BlobNotFound,
    Forbidden,
    MethodError,
    NotFound,
    RemoteError,
    RequestError,
    ServerUnavailable,
    SetError,
    SetForbidden,
    ShinboxError,
)
from shinbox.jmap.wire import problem

Json = dict[str, Any]
PROBLEM: Final = "application/problem+json"


def json_reply(
    value: Json, status: int = 200, *, headers: dict[str, str] | None = None, kind: str = "application/json"
) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(value), status, headers=headers, media_type=kind)


def plain_problem(status: int, detail: str) -> Json:
    """A problem that has no type of its own."""
    return {"type": "about:blank", "status": status, "detail": detail}


def problem_of(failure: ShinboxError) -> Json:
    """The problem document of a failure."""
    match failure:
        case RequestError():
            return problem(failure)
        case AccountNotFound() | NotFound() | BlobNotFound() | Forbidden() | SetForbidden():
            return plain_problem(404, NotFound.message())
        case RemoteError() | ServerUnavailable():
            return plain_problem(504, str(failure))
        case MethodError() | SetError():
            return plain_problem(400, str(failure))
        case _:
            return plain_problem(500, str(failure))


def disposition(name: str) -> str:
    """Content-Disposition for a download of that name (RFC 6266, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
