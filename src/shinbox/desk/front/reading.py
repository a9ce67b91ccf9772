"""What stands in an HTTP request: its body within limits, its media type, its token, its wishes.

Owns the refusal of what cannot be read. Knows neither desk nor caller.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final, TypeVar

import msgspec
from starlette.requests import Request

from shinbox.desk.front.events import Wish
from shinbox.errors import LimitExceeded, NotJson, NotSignedIn, RequestError

T = TypeVar("T")

MIN_PING: Final = 1
MAX_PING: Final = 900
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)
_BEARER: Final = re.compile(r"[Bb]earer +([\x21-\x7e]{1,200})")


class GivenSignIn(msgspec.Struct):
    """What signs somebody in."""

    name: str
    password: str


def token_of(request: Request) -> str | None:
    """The bearer token; None if the request has no Authorization.

    :raises NotSignedIn: it has another kind.
    """
    given = request.headers.get("authorization")
    if given is None:
        return None
    bearer = _BEARER.fullmatch(given)
    if bearer is None:
        raise NotSignedIn()
    return bearer[1]


def wish_of(request: Request) -> Wish:
    """What a client asks of its event stream.

    :raises RequestError: an argument is wrong.
    """
    given = request.query_params
    close_after, ping = given.get("closeafter", "no"), given.get("ping", "0")
    if close_after not in ("state", "no"):
        raise RequestError("closeafter is “state” or “no”.")
    if not (ping.isascii() and ping.isdigit() and len(ping) < 10):
        raise RequestError("ping is a number of seconds, 0 for none.")
    seconds = int(ping) and min(max(int(ping), MIN_PING), MAX_PING)
    names = given.get("types", "*")
    return Wish(
        types=None if names == "*" else frozenset(names.split(",")),
        close_after="state" if close_after == "state" else "no",
        ping=seconds,
        last_event_id=request.headers.get("last-event-id", ""),
    )


async def body_of(request: Request, most: int, seconds: float, limit: str) -> bytes:
    """The whole body.

    :raises LimitExceeded: it is longer than `most` bytes or takes longer than `seconds`.
    """
    too_large = LimitExceeded(f"That is more than {most} bytes.", limit=limit)
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most:
        raise too_large
    pieces, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise too_large
                pieces.append(piece)
    except TimeoutError:
        raise LimitExceeded(f"The request took longer than {seconds:g} s to arrive.", limit=limit) from None
    return b"".join(pieces)


def decode_json(body: bytes, kind: type[T]) -> T:
    """A body of that form.

    :raises NotJson: it is no JSON.
    :raises RequestError: it has another form; the text says where.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as wrong:
        raise RequestError(f"{wrong}.") from None
    except (msgspec.MsgspecError, UnicodeError):
        raise NotJson() from None


def media_type_of(request: Request) -> str:
    """The request's content type without parameters; empty if there is none or it is malformed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else ""


def media_type_in(text: str) -> str:
    """`text` if it is a media type that may stand in a header, else application/octet-stream."""
    plain = text.partition(";")[0].strip()
    fits = _MEDIA_TYPE.fullmatch(plain) and text.isascii() and text.isprintable()
    return text if fits else "application/octet-stream"
