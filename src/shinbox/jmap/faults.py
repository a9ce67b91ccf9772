"""From an error on the wire to the exception of the same meaning.

Owns no error: their types stand in shinbox.errors, and an unknown type becomes the family's own class.
"""

from __future__ import annotations

from typing import Any, TypeVar

from shinbox.errors import MethodError, RequestError, SetError

Json = dict[str, Any]


def method_error(arguments: Json) -> MethodError:
    """The exception for an `error` answer (RFC 8620 §3.6.2)."""
    return _error(arguments, MethodError)


def set_error(value: Json) -> SetError:
    """The exception for a SetError (RFC 8620 §5.3)."""
    return _error(value, SetError)


def request_error(problem: Json) -> RequestError:
    """The exception for a problem document (RFC 8620 §3.6.1)."""
    return _error({**problem, "description": problem.get("detail")}, RequestError)


E = TypeVar("E", MethodError, SetError, RequestError)


def _error(value: Json, family: type[E]) -> E:
    kind = str(value.get("type", ""))
    detail = value.get("description")
    known = {"type", "description", "detail", "status", "title"}
    extra = {key: item for key, item in value.items() if key.isidentifier() and key not in known}
    # "about:blank" says no more than the status does (RFC 7807 §4.2).
    cls = None if kind == "about:blank" else _by_type(family).get(kind)
    if cls is None:
        return family(str(detail or kind), **extra)
    return cls(str(detail) if detail else "", **extra)


def _by_type(family: type[E]) -> dict[str, type[E]]:
    found: dict[str, type[E]] = {}
    waiting = list(family.__subclasses__())
    while waiting:
        cls = waiting.pop(0)
        found.setdefault(cls.jmap_type, cls)
        waiting += cls.__subclasses__()
    return found
