"""X/set, once for all types (RFC 8620 §5.3): the one path of a change.

Owns the order (ifInState, create by dependency, update, destroy), the form check against the declaration,
creation ids, patches, the permission check, the audit line and the answer. Handlers only write rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.arguments import SetArguments, read
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.errors import (
    InvalidProperties,
    NotFound,
    RequestTooLarge,
    SetError,
    Singleton,
    StateMismatch,
    WillDestroy,
)
from shinbox.jmap.objects import SetBy
from shinbox.jmap.wire import apply_patch, creation_ids_in, error_value, map_creation_ids

_REFUSED = 3
"""The exit code of errors that mean "you may not"."""
_ROUNDS = 20
"""How often what is in each other's way is tried again."""


@dataclass
class Outcome:
    """What became of one kind of change: what was done, and what was not, with its error."""

    done: Json = field(default_factory=dict)
    failed: Json = field(default_factory=dict)
    for_now: set[str] = field(default_factory=set)
    """Those of `failed` that another change of the same kind may make possible."""


def set_(call: Call, handler: TypeHandler) -> tuple[Json, list[tuple[str, Json]]]:
    """Answer a /set; also the calls that follow from it (RFC 8621 §7.5).

    :raises MethodError: an argument is wrong, there is too much, or ifInState does not hold.
    """
    asked = read(call.arguments, SetArguments, handler.SET_ARGUMENTS)
    create, update, destroy = asked.create or {}, asked.update or {}, asked.destroy or []
    if len(create) + len(update) + len(destroy) > call.desk.limits.objects_in_set:
        raise RequestTooLarge(f"One call may change {call.desk.limits.objects_in_set} objects.")
    old_state = handler.state(call)
    if asked.if_in_state not in (None, old_state):
        raise StateMismatch()
    handler.before_set(call)
    created, updated, destroyed = Outcome(), Outcome(), Outcome()
    for key in creation_order(create, handler):
        attempt(call, handler, created, key, "create", partial(_create, call, handler, key, create[key]))
    doomed = {call.resolve(id_) for id_ in destroy}
    updates = {key: partial(_update, call, handler, key, patch, doomed) for key, patch in update.items()}
    _in_rounds(call, handler, updated, "update", updates)
    ends = {key: partial(_destroy, call, handler, key) for key in destroy}
    _in_rounds(call, handler, destroyed, "destroy", ends)
    answer: Json = {
        "accountId": call.account_id,
        "oldState": old_state,
        "newState": "",
        "created": created.done or None,
        "updated": updated.done or None,
        "destroyed": list(destroyed.done.values()) or None,
        "notCreated": created.failed or None,
        "notUpdated": updated.failed or None,
        "notDestroyed": destroyed.failed or None,
    }
    follows = handler.after_set(call, answer)
    answer["newState"] = handler.state(call)
    return answer, follows


def creation_order(create: Mapping[str, Json], handler: TypeHandler) -> list[str]:
    """The creation ids, each after those that it refers to; in a circle, in the order given."""
    ordered: dict[str, None] = {}
    visiting: set[str] = set()

    def visit(key: str) -> None:
        if key in ordered or key in visiting:
            return
        visiting.add(key)
        for other in sorted(creation_ids_in(create[key], handler.IDS) & create.keys()):
            visit(other)
        ordered[key] = None

    for key in create:
        visit(key)
    return list(ordered)


def _in_rounds(
    call: Call, handler: TypeHandler, outcome: Outcome, verb: str, changes: Mapping[str, Callable[[], Any]]
) -> None:
    """Make the changes; what others of them stood in the way of, once those are made (RFC 8620 §5.3)."""
    for _ in range(_ROUNDS):
        for key, change in changes.items():
            attempt(call, handler, outcome, key, verb, change)
        waiting = {key: change for key, change in changes.items() if key in outcome.for_now}
        if not waiting or len(waiting) == len(changes):
            return
        changes = waiting


def attempt(
    call: Call, handler: TypeHandler, outcome: Outcome, key: str, verb: str, change: Callable[[], Any]
) -> None:
    """Make one change, undone as a whole if it fails; a refusal is noted in the audit."""
    outcome.failed.pop(key, None)
    outcome.for_now.discard(key)
    try:
        with call.run.attempt():
            outcome.done[key] = change()
    except SetError as failure:
        outcome.failed[key] = error_value(failure)
        if isinstance(failure, handler.FOR_NOW):
            outcome.for_now.add(key)
        if failure.exit_code == _REFUSED:
            reason = {"error": failure.jmap_type, "reason": str(failure)}
            object_id = call.resolve(key) if verb in ("update", "destroy") else None
            call.note(f"{handler.TYPE}/{verb}", object_id, "refused", reason)


def _create(call: Call, handler: TypeHandler, key: str, given: Json) -> Json:
    if handler.SINGLETON:
        raise Singleton()
    given = with_real_ids(call, handler, given)
    defaults = {name: p.encode_default() for name, p in handler.type.properties.items()}
    for name, value in given.items():
        check_value(handler, name, value, defaults.get(name), (SetBy.CREATE, SetBy.CLIENT))
    answer = make(call, handler, Edit(None, None, {**defaults, **given}, frozenset(given)))
    call.run.created_ids[key] = answer["id"]
    return answer


def make(call: Call, handler: TypeHandler, edit: Edit) -> Json:
    """Create one object of the right form, permission checked, audit written; what `created` answers.

    :raises SetError: it may not or cannot be made.
    """
    asked = edit
    edit = replace(edit, new=handler.complete(call, edit))
    permit.require(call, handler, edit)
    row = handler.create(call, edit)
    call.note(f"{handler.TYPE}/create", handler.to_id(call, row), "ok", handler.explain(call, edit))
    return handler.created(call, row, asked)


def _update(call: Call, handler: TypeHandler, key: str, patch: Json, doomed: set[str | None]) -> Json | None:
    patch = with_real_ids(call, handler, patch)
    given = frozenset(path.partition("/")[0] for path in patch)
    if call.resolve(key) in doomed:
        raise WillDestroy()
    row, old = _existing(call, handler, key, given)
    shown = handler.present(call, row, old)
    defaults = {
        name: p.encode_default() for name, p in handler.type.properties.items() if p.set_by is SetBy.CLIENT
    }
    patched = apply_patch(shown, patch, defaults)
    for name in given:
        check_value(handler, name, patched.get(name), shown.get(name), (SetBy.CLIENT,))
    # What equals what was shown stays what it is: a hidden parent is shown as none.
    new = old | {
        n: patched[n] for n in given if n in patched and (n not in old or patched[n] != shown.get(n))
    }
    edit = Edit(row, old, new, given)
    completed = handler.complete(call, edit)
    edit = replace(edit, new=completed)
    permit.require(call, handler, edit)
    answer = handler.update(call, edit)
    if handler.is_noted(call, edit, answer):
        call.note(f"{handler.TYPE}/update", handler.to_id(call, row), "ok", handler.explain(call, edit))
    told = handler.present(call, row, completed)
    other = {name: told[name] for name in given if name in told and told[name] != patched.get(name)}
    return {**other, **(answer or {})} or None


def _destroy(call: Call, handler: TypeHandler, key: str) -> str:
    if handler.SINGLETON:
        raise Singleton()
    row, old = _existing(call, handler, key, frozenset())
    edit = Edit(row, old, None, frozenset())
    permit.require(call, handler, edit)
    id_ = handler.to_id(call, row)
    handler.destroy(call, edit)
    call.note(f"{handler.TYPE}/destroy", id_, "ok", handler.explain(call, edit))
    return id_


def _existing(call: Call, handler: TypeHandler, key: str, given: frozenset[str]) -> tuple[int, Json]:
    """The object as it is, as far as it is needed. Unknown and hidden: the same NotFound."""
    id_ = call.resolve(key)
    row = None if id_ is None else handler.to_row(call, id_)
    if row is None:
        raise NotFound()
    loads = handler.SET_LOADS
    wanted = handler.type.properties.keys() if loads is None else loads | given | handler.JUDGED
    old = handler.load(call, [row], [name for name in wanted if name in handler.type.properties]).get(row)
    if old is None or not permit.is_visible(call, handler, row, old):
        raise NotFound()
    return row, old


def with_real_ids(call: Call, handler: TypeHandler, value: Json) -> Json:
    """`value` with every creation id replaced by the id that it stands for."""

    def real(id_: str) -> str:
        found = call.resolve(id_)
        if found is None:
            raise InvalidProperties(f"Nothing was created as “{id_}”.")
        return found

    mapped: Json = map_creation_ids(value, real, handler.IDS)
    return mapped


def check_value(handler: TypeHandler, name: str, value: Any, same: Any, settable: tuple[SetBy, ...]) -> None:
    """Refuse a property that is unknown, not the caller's to set (unless it is the `same`), or malformed.

    :raises InvalidProperties: it names the property.
    """
    declared = handler.property_type(name)
    if declared is None:
        raise InvalidProperties(f"{handler.TYPE} has no property “{name}”.", properties=[name])
    if declared.set_by not in settable:
        if value != same:
            raise InvalidProperties(f"“{name}” cannot be set.", properties=[name])
        return
    try:
        msgspec.convert(value, declared.type)
    except msgspec.ValidationError as wrong:
        raise InvalidProperties(f"{name}: {wrong}.", properties=[name]) from None
