"""A request's way through the desk: decode, call after call, commit, then tell.

Owns the transaction of a request, retries by client id, work outside the transaction, and the answer's
form. A request that changes nothing reads one snapshot; one that changes something is one write
transaction: all its calls, its audit and its stored answer. Knows no type and no permission.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Collection
from typing import Final, TypeVar

import msgspec

from shinbox.desk.front import access, audit
from shinbox.desk.front.allowance import Allowance
from shinbox.desk.front.context import Call, Desk, Json, Outside, Run
from shinbox.desk.front.login import Actor
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.changes import changes
from shinbox.desk.front.methods.get import get
from shinbox.desk.front.methods.query import query
from shinbox.desk.front.methods.registry import HANDLERS
from shinbox.desk.front.methods.set import set_
from shinbox.desk.store import accounts, answers, ids
from shinbox.desk.store.database import Tx, was_broken_off
from shinbox.errors import (
    AccountNotFound,
    AccountNotSupportedByMethod,
    InvalidArguments,
    MethodError,
    RequestTooLarge,
    ServerFail,
    ServerPartialFail,
    ShinboxError,
    TakesTooLong,
    UnknownMethod,
)
from shinbox.jmap.calls import Invocation
from shinbox.jmap.wire import Request, decode_request, encode_response, error_value, resolve_references
from shinbox.terms import CORE, DESK_CAPABILITY, MAIL, SUBMISSION

CAPABILITIES: Final = frozenset({CORE, MAIL, SUBMISSION, DESK_CAPABILITY})
"""What a request may use."""
CHANGING: Final = frozenset({"set", "import"})
"""The verbs that change something."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


def dispatch(body: bytes, actor: Actor, desk: Desk) -> bytes:
    """Answer one API request (RFC 8620 §3.3). Blocks; call it in a worker thread.

    :raises RequestError: the whole request is refused; wire.problem has the document for it.
    """
    allowance = desk.allowance(actor.user_id)  # Reading a large request is work, too.
    request = decode_request(
        body,
        max_bytes=desk.limits.request_bytes,
        max_calls=desk.limits.calls_in_request,
        capabilities=CAPABILITIES,
    )
    if any(call.name.rpartition("/")[2] in CHANGING for call in request.method_calls):
        return run_outside(lambda done: _change(request, actor, desk, done, allowance), allowance)
    return run_outside(lambda done: _read(request, actor, desk, done, allowance), allowance)


def run_outside(attempt: Callable[[dict[object, object]], T], allowance: Allowance) -> T:
    """Try until nothing has to be done outside the transaction any more (context.Outside)."""
    done: dict[object, object] = {}
    while True:
        try:
            return attempt(done)
        except Outside as work:
            for key, task in work.tasks.items():
                try:
                    with allowance.outside():
                        done[key] = task()
                except ShinboxError as failure:
                    done[key] = failure


def _read(
    request: Request, actor: Actor, desk: Desk, done: dict[object, object], allowance: Allowance
) -> bytes:
    with allowance.in_turn(), desk.database.read(allowance.is_over) as tx:
        run = _run(request, actor, desk, tx, done, allowance)
        answer = _answer(request, run)
    finish_reading(run)
    return answer


def finish_reading(run: Run) -> None:
    """Write down who opened what, before they get it. Call it when the read transaction is over.

    What is kept in memory may have changed all the same (Presence): that is told.
    """
    if run.audit:
        with run.desk.database.write() as tx:
            _write_audit(tx, run)
    _tell(run.tx, run)


def _change(
    request: Request, actor: Actor, desk: Desk, done: dict[object, object], allowance: Allowance
) -> bytes:
    with desk.database.write(allowance.is_over) as tx:
        run = _run(request, actor, desk, tx, done, allowance)
        key = _retry_key(request)
        kept = None if key is None else answers.stored(tx, actor.user_id, key, run.now)
        if kept is not None:
            return _answer_again(request, run, kept)
        answer = _answer(request, run)
        _write_audit(tx, run)
        if key is not None:
            answers.store(tx, actor.user_id, key, answer, run.now)
    _tell(tx, run)
    return answer


def _retry_key(request: Request) -> str | None:
    """What a retry has in common with the first attempt: the client id and the calls.

    Other calls under a client id that was used before are another request: answering them with what the
    first did would lose them.
    """
    if request.client_id is None:
        return None
    calls = msgspec.json.encode((request.using, request.method_calls), order="deterministic")
    return f"{request.client_id} {hashlib.sha256(calls).hexdigest()}"


class _Stated(msgspec.Struct, rename="camel"):
    session_state: str


def _answer_again(request: Request, run: Run, kept: bytes) -> bytes:
    """The answer that the first attempt got, if the caller has the rights that they had then.

    If not, nothing of it is given away and nothing is done twice: each call answers that it was carried out,
    or that its account is none of the caller's.
    """
    state = run.desk.session_state(run.tx, run.actor)
    if msgspec.json.decode(kept, type=_Stated).session_state == state:
        return kept
    failures = [(call, _withheld(run, call.arguments.get("accountId"))) for call in request.method_calls]
    responses = [Invocation("error", error_value(failure), call.call_id) for call, failure in failures]
    return encode_response(responses, None, state)


def _withheld(run: Run, account_id: object) -> MethodError:
    row = ids.to_row("Account", account_id) if isinstance(account_id, str) else None
    theirs = row is not None and access.rights_of(run.tx, run.actor, row, run.now) is not None
    return ServerPartialFail() if theirs else AccountNotFound()


def _run(
    request: Request, actor: Actor, desk: Desk, tx: Tx, done: dict[object, object], allowance: Allowance
) -> Run:
    return Run(desk, actor, tx, desk.clock(), dict(request.created_ids or {}), done, allowance=allowance)


def _write_audit(tx: Tx, run: Run) -> None:
    for line in run.audit:
        audit.write(
            tx, run.actor, line.action, line.account, line.object_id, line.outcome, line.detail, run.now
        )


def _tell(tx: Tx, run: Run) -> None:
    """After the commit: push, then wake."""
    if tx.touched:
        run.desk.publish(frozenset(tx.touched))
    for account, topic in sorted(run.wakes):
        run.desk.wake(account, topic)


def _answer(request: Request, run: Run) -> bytes:
    responses: list[Invocation] = []
    for invocation in request.method_calls:
        responses += _perform(run, invocation, request.using, responses)
    run.tx.without_end()
    created = None if request.created_ids is None else run.created_ids
    return encode_response(responses, created, run.desk.session_state(run.tx, run.actor))


def _perform(
    run: Run, invocation: Invocation, using: Collection[str], before: list[Invocation]
) -> list[Invocation]:
    """The answers to one call: its own, and those of the calls that follow from it."""
    name, call_id = invocation.name, invocation.call_id
    try:
        with run.attempt():
            run.allowance.check()
            arguments = resolve_references(invocation.arguments, before)
            answer, follows = _call(run, name, arguments, using)
    except (Outside, sqlite3.Error) as failure:
        if isinstance(failure, sqlite3.Error) and was_broken_off(failure):
            return [Invocation("error", error_value(TakesTooLong()), call_id)]
        # A full disk may have ended the transaction: what follows would stand outside it.
        raise
    except MethodError as failure:
        return [Invocation("error", error_value(failure), call_id)]
    except Exception:  # noqa: BLE001  # logged; one call's fault must not cost the others their answer
        _log.exception("%s failed for %s", name, run.actor.name)
        return [Invocation("error", error_value(ServerFail()), call_id)]
    answers_ = [Invocation(name, answer, call_id)]
    for implied, implied_arguments in follows:
        answers_ += _perform(run, Invocation(implied, implied_arguments, call_id), CAPABILITIES, [])
    return answers_


def _call(
    run: Run, name: str, arguments: Json, using: Collection[str]
) -> tuple[Json, list[tuple[str, Json]]]:
    if name == "Core/echo" and CORE in using:
        # References may double what is said with every call (RFC 8620 §3.7).
        run.echoed_bytes += len(msgspec.json.encode(arguments))
        if run.echoed_bytes > run.desk.limits.request_bytes:
            raise RequestTooLarge("The echoes of a request are no longer than a request may be.")
        return arguments, []
    type_name, _, verb = name.partition("/")
    handler = HANDLERS.get(type_name)
    if handler is None or verb not in handler.type.methods or handler.type.capability not in using:
        raise UnknownMethod(f"There is no {name}, or its capability is not in “using”.")
    call = _on_account(run, name, arguments, handler)
    match verb:
        case "get":
            return get(call, handler), []
        case "set":
            return set_(call, handler)
        case "query":
            return query(call, handler), []
        case "changes":
            return changes(call, handler), []
        case _:
            return handler.own_method(call, verb), []


def _on_account(run: Run, name: str, arguments: Json, handler: TypeHandler) -> Call:
    """The call on its account, with the rights that the caller has there now."""
    account_id = arguments.get("accountId")
    if not isinstance(account_id, str):
        raise InvalidArguments("accountId is missing." if account_id is None else "accountId is no text.")
    row = ids.to_row("Account", account_id)
    account = None if row is None else accounts.get(run.tx, row)
    if account is None or row is None:
        raise AccountNotFound()
    decision = access.rights_of(run.tx, run.actor, row, run.now)
    call = None if decision is None else Call(run, name, arguments, account, decision)
    if call is None:
        run.refused_account(name, row)
        raise AccountNotFound()
    if handler.HOME != "both" and (handler.HOME == "desk") != (row == accounts.DESK):
        raise AccountNotSupportedByMethod()
    return call
