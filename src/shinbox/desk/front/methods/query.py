"""X/query, once for all types (RFC 8620 §5.5).

Owns filter, sort, position, anchor, limit and total; types with few objects are filtered and sorted here
from their wire form, others answer by themselves (TypeHandler.window). Hidden objects are never counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.arguments import QueryArguments, read
from shinbox.desk.front.methods.base import Condition, Query, Sorting, TypeHandler, Window
from shinbox.errors import AnchorNotFound, InvalidArguments, UnsupportedFilter, UnsupportedSort

MOST: Final = 10_000
"""How many ids one answer holds."""
DEEPEST: Final = 10
"""How far operators may stand inside each other; SQLite's parser has a stack of 100 tokens."""
WIDEST: Final = 300
"""How many conditions a filter may have; SQLite takes expressions up to 1,000 deep, and OR is one of them."""


def query(call: Call, handler: TypeHandler) -> Json:
    """Answer a /query.

    :raises MethodError: an argument is wrong, or the filter or sort is none of the type's.
    """
    asked = read(call.arguments, QueryArguments, handler.QUERY_ARGUMENTS)
    limit = MOST if asked.limit is None else min(asked.limit, MOST)
    wanted = _wanted(call, handler, asked, limit)
    window = handler.window(call, wanted) or _generic(call, handler, wanted)
    answer: Json = {
        "accountId": call.account_id,
        "queryState": handler.state(call),
        "canCalculateChanges": False,
        "position": window.position,
        "ids": [handler.to_id(call, row) for row in window.rows],
    }
    if asked.calculate_total:
        answer["total"] = window.total
    if limit != asked.limit and (asked.limit is not None or len(window.rows) == limit):
        answer["limit"] = limit
    return answer


def _wanted(call: Call, handler: TypeHandler, asked: QueryArguments, limit: int) -> Query:
    anchor = None
    if asked.anchor is not None:
        real = call.resolve(asked.anchor)
        anchor = None if real is None else handler.to_row(call, real)
        if anchor is None:
            raise AnchorNotFound()
    condition = parse_filter(asked.filter or {})
    if _size(condition) > WIDEST:
        raise InvalidArguments(f"filter: at most {WIDEST} conditions.")
    return Query(
        condition=condition,
        sort=tuple(_sorting(one) for one in asked.sort or []),
        position=asked.position,
        anchor=anchor,
        anchor_offset=asked.anchor_offset,
        limit=limit,
        calculate_total=asked.calculate_total,
    )


def parse_filter(value: Any, depth: int = 0) -> Condition:
    """A FilterOperator or FilterCondition; {} and null fit everything.

    :raises InvalidArguments: it is neither.
    """
    if not isinstance(value, dict) or depth > DEEPEST:
        raise InvalidArguments("filter: a condition or an operator is an object, not nested too deep.")
    if "operator" not in value:
        return Condition(values=value)
    operator, parts = value["operator"], value.get("conditions")
    if operator not in ("AND", "OR", "NOT") or not isinstance(parts, list) or len(value) != 2:
        raise InvalidArguments("filter: an operator is AND, OR or NOT with its conditions.")
    return Condition(operator, tuple(parse_filter(part, depth + 1) for part in parts))


def _size(condition: Condition) -> int:
    return max(1, len(condition.values)) + sum(_size(part) for part in condition.parts)


def _sorting(value: Json) -> Sorting:
    name, ascending = value.get("property"), value.get("isAscending", True)
    if not isinstance(name, str) or not isinstance(ascending, bool):
        raise InvalidArguments("sort: a comparator has a property and, if not ascending, isAscending.")
    collation = value.get("collation")
    if collation not in (None, "i;ascii-casemap", "i;unicode-casemap"):
        raise UnsupportedSort(f"There is no collation “{collation}” here.")
    extra = {k: v for k, v in value.items() if k not in ("property", "isAscending", "collation")}
    return Sorting(name, ascending, extra)


def windowed(rows: Sequence[int], wanted: Query) -> Window:
    """The part of a whole result that was asked for (RFC 8620 §5.5).

    :raises AnchorNotFound: the anchor is not in it.
    """
    if wanted.anchor is not None:
        try:
            start = rows.index(wanted.anchor) + wanted.anchor_offset
        except ValueError:
            raise AnchorNotFound() from None
    else:
        start = wanted.position if wanted.position >= 0 else len(rows) + wanted.position
    start = max(start, 0)
    return Window(rows[start : start + wanted.limit], start, len(rows))


def _generic(call: Call, handler: TypeHandler, wanted: Query) -> Window:
    _check(handler, wanted)
    everything = handler.rows(call, 2**31)
    seen = permit.visible_rows(call, handler, everything)
    values = handler.load(call, seen, handler.type.properties.keys())
    fitting = [row for row in seen if fits(call, handler, wanted.condition, values[row])]
    fitting.sort()
    for sorting in reversed(wanted.sort):
        fitting.sort(
            key=lambda row, name=sorting.property: _sort_key(handler.sort_value(values[row], name)),  # type: ignore[misc]  # bound now
            reverse=not sorting.is_ascending,
        )
    return windowed(handler.arranged(call, fitting, values), wanted)


def _check(handler: TypeHandler, wanted: Query) -> None:
    for sorting in wanted.sort:
        if sorting.property not in handler.SORTS or sorting.extra:
            raise UnsupportedSort(f"{handler.TYPE} cannot be sorted by “{sorting.property}”.")
    waiting = [wanted.condition]
    while waiting:
        condition = waiting.pop()
        waiting += condition.parts
        for name in condition.values:
            if name not in handler.FILTERS:
                raise UnsupportedFilter(f"{handler.TYPE} cannot be filtered by “{name}”.")


def fits(call: Call, handler: TypeHandler, condition: Condition, value: Json) -> bool:
    """Whether an object fits a filter by the type's FILTERS."""
    if condition.operator is None:
        return all(handler.FILTERS[name](call, value, given) for name, given in condition.values.items())
    each = (fits(call, handler, part, value) for part in condition.parts)
    if condition.operator == "AND":
        return all(each)
    return any(each) if condition.operator == "OR" else not any(each)


def _sort_key(value: Any) -> tuple[int, Any]:
    if isinstance(value, str):
        return (2, value.casefold())
    return (0, 0) if value is None else (1, value)
