"""The permission check: a declaration's demands against the caller's Decision. The only place that asks.

Owns the difference between "you do not see it" (not found), "you may not" (forbidden) and "the mail server
does not let us" (serverForbids). Knows no type and no grant.
"""

from __future__ import annotations

from collections.abc import Sequence

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.errors import ServerForbids, SetForbidden
from shinbox.jmap.objects import Change


def sees_all(call: Call, handler: TypeHandler) -> bool:
    """Whether every object of the type is visible because every folder is: a shortcut, never a widening."""
    return handler.IN_FOLDERS and call.decision.sees_everything


def is_visible(call: Call, handler: TypeHandler, row: int, value: Json) -> bool:
    """Whether the caller sees an object at all; `value` holds at least "id" and the JUDGED properties."""
    is_self = handler.is_about_caller(call, row)
    return any(call.meets(demand, is_self=is_self) for demand in handler.type.cls.visible(value))


def visible_rows(call: Call, handler: TypeHandler, rows: Sequence[int], *, named: bool = False) -> list[int]:
    """Those of `rows` that exist in this account and that the caller sees, in their order.

    `named`: the caller asked for these very objects, so hidden ones among them are noted in the audit.
    """
    judged = handler.load(call, rows, handler.JUDGED | {"id"})
    seen = {row for row, value in judged.items() if is_visible(call, handler, row, value)}
    if named:
        for row in judged.keys() - seen:
            call.note(call.name, handler.to_id(call, row), "refused", {"reason": "not visible"})
    return [row for row in rows if row in seen]


def allows(call: Call, handler: TypeHandler, edit: Edit) -> bool:
    """Whether `require` would let a change pass: for properties that tell the caller so."""
    demands = handler.type.cls.demands(Change(edit.old, edit.new, call.roles))
    return all(call.meets(demand) for demand in demands)


def require(call: Call, handler: TypeHandler, edit: Edit) -> None:
    """Let a change pass, or refuse it.

    :raises ServerForbids: the grants allow it, the mail server does not.
    :raises SetForbidden: the grants do not allow it; it says what is missing.
    """
    is_self = edit.row is not None and handler.is_about_caller(call, edit.row)
    demands = handler.type.cls.demands(Change(edit.old, edit.new, call.roles))
    unmet = [demand for demand in demands if not call.meets(demand, is_self=is_self)]
    if not unmet:
        return
    refused = [demand for demand in unmet if not call.server_takes(demand)]
    why = " ".join(dict.fromkeys(call.why_not(demand) for demand in refused or unmet))
    if not refused:
        taken = sorted(right for demand in unmet for right in call.server_takes(demand))
        raise ServerForbids(why, rights=list(dict.fromkeys(taken)))
    raise SetForbidden(why)
