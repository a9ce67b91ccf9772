"""X/get, once for all types (RFC 8620 §5.1).

Owns ids, properties and the answer's form. An id that is unknown and one that the caller may not see give
the same answer.
"""

from __future__ import annotations

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.arguments import GetArguments, read
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.errors import RequestTooLarge


def get(call: Call, handler: TypeHandler) -> Json:
    """Answer a /get; list and state are of one moment, that of the transaction.

    :raises MethodError: an argument is wrong, or too much is asked for.
    """
    asked = read(call.arguments, GetArguments, handler.GET_ARGUMENTS)
    handler.check_get(call)
    properties = _properties(handler, asked.properties)
    rows = _rows(call, handler, asked.ids)
    known = [row for row in rows.values() if row is not None]
    seen = permit.visible_rows(call, handler, known, named=asked.ids is not None)
    handler.prepare_get(call, seen, properties)
    loaded = handler.load(call, seen, frozenset(properties) | handler.JUDGED)
    shown = {row: handler.present(call, row, loaded[row]) for row in seen}
    wanted = ["id", *(name for name in properties if name != "id")]
    return {
        "accountId": call.account_id,
        "state": handler.state(call),
        "list": [{name: shown[row][name] for name in wanted} for row in seen],
        "notFound": [id_ for id_, row in rows.items() if row not in shown],
    }


def _properties(handler: TypeHandler, asked: list[str] | None) -> list[str]:
    if asked is None:
        default = handler.DEFAULT_PROPERTIES
        return [name for name in handler.type.properties if default is None or name in default]
    for name in asked:
        handler.check_property(name)
    return list(dict.fromkeys(asked))


def _rows(call: Call, handler: TypeHandler, ids: list[str] | None) -> dict[str, int | None]:
    """Id → row, each once; None for what cannot exist."""
    most = call.desk.limits.objects_in_get
    if ids is None:
        rows = handler.rows(call, most)
        if len(rows) > most:
            raise RequestTooLarge(f"There are more than {most}: ask for them by id.")
        return {handler.to_id(call, row): row for row in rows}
    if len(ids) > most:
        raise RequestTooLarge(f"One call may ask for {most} objects.")
    found: dict[str, int | None] = {}
    known: set[int] = set()
    for id_ in ids:
        real = call.resolve(id_)
        row = None if real is None else handler.to_row(call, real)
        if row not in known:
            found[id_] = row
        if row is not None:
            known.add(row)
    return found
