"""What several commands ask the desk alike: objects in the order found, objects of each mailbox.

Owns those requests. Names that people type are in `names`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from shinbox.errors import MethodError
from shinbox.jmap.client import Batch, Client
from shinbox.jmap.objects import JmapObject

T = TypeVar("T", bound=JmapObject)


async def get_found(
    client: Client, type_: type[T], account: str, properties: Sequence[str] | None = None, **query: Any
) -> list[T]:
    """The objects that a query finds (see Batch.query), in its order and in one request."""
    batch = Batch()
    found = batch.query(type_, account, **query)
    asked = batch.get(type_, account, found.ref("/ids"), properties)
    answers = await client.run(batch)
    by_id = {one.id: one for one in answers[asked].objects}
    return [by_id[id_] for id_ in answers[found].ids if id_ in by_id]


async def get_in_each(
    client: Client, type_: type[T], accounts: Sequence[str], properties: Sequence[str] | None = None
) -> dict[str, list[T] | MethodError]:
    """All objects of a type in several accounts; an account that refuses has its refusal as the value."""
    at_once = max(1, (await client.session()).limits().max_calls_in_request)
    found: dict[str, list[T] | MethodError] = {}
    for start in range(0, len(accounts), at_once):
        batch = Batch()
        asked = {id_: batch.get(type_, id_, None, properties) for id_ in accounts[start : start + at_once]}
        answers = await client.run(batch)
        for id_, pending in asked.items():
            try:
                found[id_] = answers[pending].objects
            except MethodError as refused:
                found[id_] = refused
    return found
