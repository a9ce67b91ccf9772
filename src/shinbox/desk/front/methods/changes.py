"""X/changes, once for all types (RFC 8620 §5.2).

Owns the state string's meaning and what a caller who sees only a part may learn: an object that they never
saw is not mentioned, one that left their sight is told destroyed, one that came into it created. What
cannot be told exactly is cannotCalculateChanges.
"""

from __future__ import annotations

from dataclasses import replace

from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import permit
from shinbox.desk.front.methods.arguments import ChangesArguments, read
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.store import changes as store
from shinbox.desk.store.changes import Changes
from shinbox.errors import CannotCalculateChanges


def changes(call: Call, handler: TypeHandler) -> Json:
    """Answer a /changes.

    :raises CannotCalculateChanges: the state is too old, not ours, or of other rights.
    """
    asked = read(call.arguments, ChangesArguments)
    seq = sequence(call, asked.since_state)
    whole = permit.sees_all(call, handler)
    found = store.since(call.tx, call.account_row, handler.TYPE, seq, asked.max_changes if whole else None)
    if found is None:
        raise CannotCalculateChanges()
    if not whole:
        found = _seen(call, handler, found)
        if asked.max_changes and _count(found) > asked.max_changes:
            raise CannotCalculateChanges()
    answer: Json = {
        "accountId": call.account_id,
        "oldState": asked.since_state,
        "newState": f"{found.new_seq}.{call.decision.epoch}",
        "hasMoreChanges": found.has_more,
        "created": [handler.to_id(call, row) for row in found.created],
        "updated": [handler.to_id(call, row) for row in found.updated],
        "destroyed": [handler.to_id(call, row) for row in found.destroyed],
    }
    return answer | handler.more_changes(call, found.counts_only)


def sequence(call: Call, state: str) -> int:
    """The number in a state string.

    :raises CannotCalculateChanges: it is no state of ours, or of other rights than the caller has now.
    """
    number, dot, epoch = state.partition(".")
    if not dot or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise CannotCalculateChanges()
    if epoch != call.decision.epoch:
        raise CannotCalculateChanges()
    return int(number)


def _count(found: Changes) -> int:
    return len(found.created) + len(found.updated) + len(found.destroyed)


def _seen(call: Call, handler: TypeHandler, found: Changes) -> Changes:
    now = set(permit.visible_rows(call, handler, [*found.created, *found.updated]))
    created = [row for row in found.created if row in now]
    updated: list[int] = []
    destroyed: list[int] = []
    for row in [*found.updated, *found.destroyed]:
        before = handler.seen_before(call, row, found.old_seq)
        if before is None:
            raise CannotCalculateChanges()
        if row in now and not before:
            created.append(row)
        elif row in now and handler.differs(call, row, found.old_seq):
            updated.append(row)
        elif row not in now and before:
            destroyed.append(row)
    return replace(found, created=created, updated=updated, destroyed=destroyed)
