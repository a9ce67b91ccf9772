"""What an HTTP answer of a JMAP server means: its JSON, its method responses, or its error.

Owns the statuses and problem documents of RFC 8620 §3.6.1. Pure: sends nothing.
"""

from __future__ import annotations

import msgspec

from shinbox.errors import DeskProtocolError, NotFound, NotSignedIn, RequestError, ServerFail
from shinbox.jmap.calls import Response
from shinbox.jmap.faults import Json, request_error
from shinbox.jmap.transport import HttpAnswer


def checked(answer: HttpAnswer) -> HttpAnswer:
    """The answer itself.

    :raises RequestError: it is no success; also NotFound, ServerFail.
    """
    if 200 <= answer.status < 300:
        return answer
    if answer.status in (403, 404):
        raise NotFound("There is no such thing at the desk, or it is not for you.")
    problem: Json = {}
    if answer.body and "json" in answer.headers.get("content-type", ""):
        problem = decode(answer)
    if answer.status == 401:
        # What a demo's desk adds for its login screen travels in `extra`.
        raise NotSignedIn(**{key: value for key, value in problem.items() if key == "demoUsers"})
    if answer.status >= 500:
        raise ServerFail(str(problem.get("detail") or ""))
    if not problem:
        raise RequestError(f"The desk refused the request (HTTP {answer.status}).")
    raise request_error(problem)


def decode(answer: HttpAnswer) -> Json:
    """The JSON object in it."""
    try:
        return msgspec.json.decode(answer.body, type=Json)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise DeskProtocolError("What answered is no desk: look at its address.") from None


def responses(value: Json) -> list[Response]:
    """The method responses of an API answer."""
    try:
        return msgspec.convert(value.get("methodResponses"), list[Response])
    except msgspec.ValidationError as broken:
        raise DeskProtocolError(
            f"The desk gave an answer that makes no sense: is it of the same version? ({broken})"
        ) from None
