"""The JMAP request and response as they travel: decoding, back-references, creation ids, patches, errors.

Owns RFC 8620 §3.3 to §3.7 and the PatchObject of §5.3. Pure, for both sides of the wire; knows no data
type, no store and no caller.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from shinbox.errors import (
    InvalidArguments,
    InvalidPatch,
    InvalidResultReference,
    LimitExceeded,
    NotJson,
    NotRequest,
    RequestError,
    ShinboxError,
    UnknownCapability,
)
from shinbox.jmap.calls import Invocation
from shinbox.jmap.faults import Json


class Request(msgspec.Struct, rename="camel", kw_only=True):
    """A request (RFC 8620 §3.3). `client_id` (ours): a retry with the same one gets the same answer."""

    using: list[str]
    method_calls: list[Invocation]
    created_ids: dict[str, str] | None = None
    client_id: str | None = None


class ResultReference(msgspec.Struct, rename="camel", kw_only=True):
    """Where in an earlier answer the value of an argument stands (RFC 8620 §3.7)."""

    result_of: str
    name: str
    path: str


def decode_request(body: bytes, *, max_bytes: int, max_calls: int, capabilities: Collection[str]) -> Request:
    """Read a request.

    :raises RequestError: NotJson, NotRequest, LimitExceeded or UnknownCapability (RFC 8620 §3.6.1).
    """
    if len(body) > max_bytes:
        raise LimitExceeded(f"A request may have {max_bytes} bytes.", limit="maxSizeRequest")
    try:
        value = msgspec.json.decode(body)
        json.loads(body, object_pairs_hook=_each_once)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise NotJson() from None
    try:
        request = msgspec.convert(value, Request)
    except msgspec.ValidationError as wrong:
        raise NotRequest(str(wrong)) from None
    if request.client_id is not None and not 0 < len(request.client_id) <= 255:
        raise NotRequest("A clientId has 1 to 255 characters.")
    for capability in request.using:
        if capability not in capabilities:
            raise UnknownCapability(f"There is no capability “{capability}” here.")
    if len(request.method_calls) > max_calls:
        raise LimitExceeded(f"A request may have {max_calls} calls.", limit="maxCallsInRequest")
    return request


def _each_once(members: list[tuple[str, Any]]) -> None:
    """Of two members with one name each reader takes another: I-JSON has none (RFC 7493 §2.3).

    msgspec takes the last without a word. Looked for beside it, in requests of any size: some 20 µs for a
    client's usual one, a second for 10 MB of nothing but small objects.

    :raises NotJson: there are two; it names them.
    """
    if len(members) > 1 and len({name for name, _ in members}) != len(members):
        (twice, _), *_ = Counter(name for name, _ in members).most_common(1)
        raise NotJson(f"“{twice[:100]}” stands twice in one object of the request.")


def encode_response(
    responses: Sequence[Invocation], created_ids: Mapping[str, str] | None, session_state: str
) -> bytes:
    """Write a response (RFC 8620 §3.4); `created_ids` only if the request had them."""
    value: Json = {"methodResponses": responses, "sessionState": session_state}
    if created_ids is not None:
        value["createdIds"] = created_ids
    return msgspec.json.encode(value)


# --- errors -------------------------------------------------------------------------------------


def problem(error: RequestError) -> Json:
    """The problem document of a refused request (RFC 8620 §3.6.1, RFC 7807)."""
    return {"type": error.jmap_type, "status": error.status, "detail": str(error), **error.extra}


def error_value(error: ShinboxError) -> Json:
    """A MethodError's arguments, or a SetError (RFC 8620 §3.6.2, §5.3)."""
    return {"type": error.jmap_type, "description": str(error), **error.extra}


# --- back-references (RFC 8620 §3.7) ------------------------------------------------------------


def resolve_references(arguments: Json, responses: Sequence[Invocation]) -> Json:
    """The arguments with every "#name" replaced by what it refers to.

    :raises InvalidArguments: an argument stands there twice, plain and as a reference.
    :raises InvalidResultReference: a reference leads nowhere.
    """
    resolved: Json = {}
    for key, value in arguments.items():
        if not key.startswith("#"):
            resolved[key] = value
            continue
        if key[1:] in arguments:
            raise InvalidArguments(f"“{key[1:]}” stands there twice, as {key[1:]} and as {key}.")
        resolved[key[1:]] = _referred(value, responses)
    return resolved


def _referred(value: Any, responses: Sequence[Invocation]) -> Any:
    try:
        reference = msgspec.convert(value, ResultReference)
    except msgspec.ValidationError as wrong:
        raise InvalidResultReference(str(wrong)) from None
    for name, arguments, call_id in responses:
        if call_id != reference.result_of:
            continue
        if name != reference.name:
            raise InvalidResultReference(f"“{call_id}” is answered by {name}, not by {reference.name}.")
        return evaluate_pointer(arguments, reference.path)
    raise InvalidResultReference(f"No earlier call has the id “{reference.result_of}”.")


def evaluate_pointer(value: Any, path: str) -> Any:
    """What a JSON pointer with `*` finds (RFC 6901, RFC 8620 §3.7).

    :raises InvalidResultReference: nothing is there.
    """
    if not path:
        return value
    if not path.startswith("/"):
        raise InvalidResultReference(f"“{path}” does not begin with /.")
    try:
        return _evaluate(value, [unescape(token) for token in path[1:].split("/")])
    except (KeyError, IndexError, ValueError):
        raise InvalidResultReference(f"Nothing is found at “{path}”.") from None


def _evaluate(value: Any, tokens: list[str]) -> Any:
    for depth, token in enumerate(tokens):
        if isinstance(value, dict):
            value = value[token]
        elif not isinstance(value, list):
            raise KeyError(token)
        elif token == "*":
            found: list[Any] = []
            for item in value:
                part = _evaluate(item, tokens[depth + 1 :])
                found += part if isinstance(part, list) else [part]
            return found
        else:
            value = value[_index(token)]
    return value


def _index(token: str) -> int:
    if not (token.isascii() and token.isdigit()) or (token != "0" and token.startswith("0")):
        raise ValueError(token)
    return int(token)


def unescape(token: str) -> str:
    """One token of a JSON pointer as plain text (RFC 6901 §4).

    :raises ValueError: a ~ is followed by something else than 0 or 1.
    """
    if "~" in token.replace("~0", "").replace("~1", ""):
        raise ValueError(token)
    return token.replace("~1", "/").replace("~0", "~")


def escape(token: str) -> str:
    """Plain text as one token of a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


# --- creation ids (RFC 8620 §5.3) ---------------------------------------------------------------

_NOT_IDS: Final = frozenset({"partId", "messageId", "clientId"})
"""Named like ids, but not ids of objects."""

OnId = Callable[[str], str]


def map_creation_ids(value: Any, on_id: OnId, also: Collection[str] = (), name: str = "") -> Any:
    """`value` with `on_id` applied to every creation id ("#k") that stands where an id belongs.

    Those places are properties named …Id, the members or keys of properties named …Ids, the same inside a
    patch's path ("mailboxIds/#k"), and the properties named in `also`.
    """
    one = (name.endswith("Id") or name in also) and name not in _NOT_IDS and not name.startswith("header:")
    many = name.endswith("Ids") or name in also
    if isinstance(value, str):
        return on_id(value) if (one or many) and value.startswith("#") else value
    if isinstance(value, list):
        return [map_creation_ids(item, on_id, also, name) for item in value]
    if isinstance(value, dict):
        return {
            (on_id(key) if many and key.startswith("#") else _map_path(key, on_id)): map_creation_ids(
                item, on_id, also, key.rpartition("/")[2] if "/" in key else key
            )
            for key, item in value.items()
        }
    return value


def _map_path(path: str, on_id: OnId) -> str:
    head, slash, tail = path.partition("/")
    if slash and head.endswith("Ids") and tail.startswith("#"):
        return f"{head}/{escape(on_id(unescape(tail)))}"
    return path


def creation_ids_in(value: Any, also: Collection[str] = ()) -> set[str]:
    """The creation ids, without "#", that `value` refers to."""
    found: set[str] = set()

    def note(id_: str) -> str:
        found.add(id_[1:])
        return id_

    map_creation_ids(value, note, also)
    return found


# --- patches (RFC 8620 §5.3) --------------------------------------------------------------------


def apply_patch(old: Mapping[str, Any], patch: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """A new object: `old` with a PatchObject applied; `old` and `patch` stay as they are.

    A null resets a property to its default where it has one, and else removes it.

    :raises InvalidPatch: a path leads nowhere or into an array, or one path is part of another.
    """
    paths = {key: _patch_path(key) for key in patch}
    _refuse_overlap(list(paths.values()))
    new: Json = dict(old)
    for key, value in patch.items():
        tokens = paths[key]
        if len(tokens) > 1:
            _patch_inside(new, tokens, key, value)
        elif value is None and tokens[0] in defaults:
            new[tokens[0]] = defaults[tokens[0]]
        elif value is None:
            new.pop(tokens[0], None)
        else:
            new[tokens[0]] = value
    return new


def _patch_path(key: str) -> list[str]:
    try:
        return [unescape(token) for token in key.split("/")]
    except ValueError:
        raise InvalidPatch(f"“{key}” is not a path: write ~0 for ~ and ~1 for /.") from None


def _refuse_overlap(paths: list[list[str]]) -> None:
    """Sorted, a path is followed at once by those that begin with it."""
    ordered = sorted(paths)
    for shorter, longer in pairwise(ordered):
        if longer[: len(shorter)] == shorter:
            raise InvalidPatch(f"“{'/'.join(shorter)}” and “{'/'.join(longer)}” patch the same thing.")


def _patch_inside(new: Json, tokens: list[str], key: str, value: Any) -> None:
    parent = new
    for token in tokens[:-1]:
        inner = parent.get(token)
        if not isinstance(inner, dict):
            raise InvalidPatch(f"“{key}” leads to nothing that can be patched.")
        parent[token] = inner = dict(inner)
        parent = inner
    if value is None:
        parent.pop(tokens[-1], None)
    else:
        parent[tokens[-1]] = value
