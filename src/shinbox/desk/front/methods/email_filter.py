"""The conditions of Email/query (RFC 8621 §4.4.1) as SQL.

Owns what each condition means. What the caller may not see counts in none of them: neither as a match nor
as one more email of a thread.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from shinbox.desk.front.context import Call
from shinbox.desk.front.methods import rows
from shinbox.desk.front.methods.base import Condition
from shinbox.desk.front.methods.email_words import match, words_of
from shinbox.desk.store import ids
from shinbox.desk.store.times import utc_now, utc_seconds
from shinbox.errors import InvalidArguments, UnsupportedFilter
from shinbox.mime import headers

_FTS_COLUMNS: Final = {"from": "sender", "subject": "subject", "body": "body"}


@dataclass(frozen=True)
class Clause:
    """A condition in SQL with its parameters.

    `needs_email`: it speaks of columns of `email e`; `by_words`: it looks into texts, which takes a while.
    """

    sql: str
    params: tuple[Any, ...] = ()
    needs_email: bool = False
    by_words: bool = False

    def also(self, other: Clause) -> Clause:
        """Both."""
        return _joined("AND", [self, other])


EVERYTHING: Final = Clause("1")
NOTHING: Final = Clause("0")


def _joined(operator: str, clauses: Sequence[Clause]) -> Clause:
    sql = f" {operator} ".join(f"({clause.sql})" for clause in clauses)
    params = tuple(param for clause in clauses for param in clause.params)
    return Clause(
        sql, params, any(clause.needs_email for clause in clauses), any(clause.by_words for clause in clauses)
    )


class Compiler:
    """Makes clauses for one caller. `by_folder`: rows come from `placement p`, else from `email e`."""

    def __init__(self, call: Call, *, by_folder: bool) -> None:
        self._call = call
        self._id = "p.email_id" if by_folder else "e.id"
        self._received = "p.received_at" if by_folder else "e.received_at"

    def visible(self) -> Clause:
        """What the caller sees."""
        if self._call.decision.sees_everything:
            return EVERYTHING
        return Clause(_in_folders(self._id), (self._seen(),))

    def clause(self, condition: Condition) -> Clause:
        """A whole filter.

        :raises UnsupportedFilter: a condition is unknown, or a text is too much to search for.
        :raises InvalidArguments: a value has the wrong form.
        """
        if condition.operator is None:
            leaves = [
                self._leaf(name, value) for name, value in condition.values.items() if value is not None
            ]
            return _joined("AND", leaves) if leaves else EVERYTHING
        parts = [self.clause(part) for part in condition.parts]
        if not parts:
            return NOTHING if condition.operator == "OR" else EVERYTHING
        if condition.operator == "NOT":
            some = _joined("OR", parts)
            return replace(some, sql=f"NOT ({some.sql})")
        return _joined(condition.operator, parts)

    def _leaf(self, name: str, value: Any) -> Clause:
        form, make = _LEAVES.get(name, (None, None))
        if form is None or make is None:
            raise UnsupportedFilter(f"Emails cannot be filtered by “{name}”.")
        # In Python true and false are numbers too.
        if type(value) is not form or (isinstance(value, int) and value < 0):
            raise InvalidArguments(f"filter: {name} has the wrong form.")
        return make(self, name, value)

    def _seen(self) -> str:
        return rows.listed(sorted(self._call.decision.visible_mailboxes))

    # --- folders, dates, sizes --------------------------------------------------------------------

    def in_mailbox(self, name: str, value: str) -> Clause:
        """An unknown folder and a hidden one hold nothing."""
        mailbox = self._folder(value)
        return NOTHING if mailbox is None else Clause(_in_folders(self._id), (rows.listed([mailbox]),))

    def in_other(self, name: str, value: list[Any]) -> Clause:
        """In at least one visible folder that is not listed."""
        but = [
            mailbox for id_ in value if isinstance(id_, str) and (mailbox := self._folder(id_)) is not None
        ]
        rest = self._call.decision.visible_mailboxes - set(but)
        return Clause(_in_folders(self._id), (rows.listed(sorted(rest)),))

    def _folder(self, id_: str) -> int | None:
        real = self._call.resolve(id_)
        row = ids.to_row("Mailbox", real) if real else None
        return row if row in self._call.decision.visible_mailboxes else None

    def date(self, name: str, value: str) -> Clause:
        """before is exclusive, after inclusive."""
        try:
            limit = utc_now(math.ceil(utc_seconds(value)))
        except ValueError:
            raise InvalidArguments(f"filter: {name} is a UTC date.") from None
        return Clause(f"{self._received} {'<' if name == 'before' else '>='} ?", (limit,))

    def size(self, name: str, value: int) -> Clause:
        """minSize is inclusive, maxSize exclusive."""
        return Clause(f"e.size {'>=' if name == 'minSize' else '<'} ?", (value,), True)

    def has_attachment(self, name: str, value: bool) -> Clause:
        """The server's judgement."""
        return Clause("e.has_attachment = ?", (int(value),), True)

    # --- keywords ---------------------------------------------------------------------------------

    def keyword(self, name: str, value: str) -> Clause:
        """hasKeyword and notKeyword."""
        has = _has_keyword(self._id)
        return Clause(has if name == "hasKeyword" else f"NOT {has}", (value.lower(),))

    def thread_keyword(self, name: str, value: str) -> Clause:
        """allInThread…, someInThread…, noneInThreadHaveKeyword, over the emails that the caller sees."""
        seen, params = "1", ()
        if not self._call.decision.sees_everything:
            seen, params = _in_folders("t.id"), (self._seen(),)  # type: ignore[assignment]  # grows
        negated = "NOT " if name == "allInThreadHaveKeyword" else ""
        found = (
            f"EXISTS (SELECT 1 FROM email t WHERE t.thread_id = e.thread_id AND {seen}"
            f" AND {negated}{_has_keyword('t.id')})"
        )
        sql = found if name == "someInThreadHaveKeyword" else f"NOT {found}"
        return Clause(sql, (*params, value.lower()), True)

    # --- words ------------------------------------------------------------------------------------

    def words(self, name: str, value: str) -> Clause:
        """text, from, subject, body: by the index."""
        return self._found(match(value, _FTS_COLUMNS.get(name)), value)

    def recipients(self, name: str, value: str) -> Clause:
        """to, cc, bcc: the index holds them together, the email says which it was."""
        expression = match(value, "recipients")
        if expression is None:
            return self._found(None, value)
        return self._listed(
            self._call.kept((name, value), lambda: self._addressed(name, expression, words_of(value)))
        )

    def _addressed(self, name: str, expression: str, words: Sequence[str]) -> array[int]:
        candidates = self._call.tx.all(
            f'SELECT id, "{name}" FROM email WHERE +account_id = ? AND "{name}" IS NOT NULL AND id IN'
            " (SELECT rowid FROM email_text WHERE email_text MATCH ?)",
            (self._call.account_row, expression),
        )
        wanted = [_plain(word) for word in words]
        fitting = array("q")
        for row in candidates:
            people = _plain(" ".join(f"{who or ''} {email}" for who, email in json.loads(row[1])))
            if all(word in people for word in wanted):
                fitting.append(row[0])
        return fitting

    def header(self, name: str, value: list[Any]) -> Clause:
        """[name] or [name, text it holds]."""
        if not 1 <= len(value) <= 2 or not all(isinstance(part, str) for part in value):
            raise InvalidArguments("filter: header is a list of a name and, if wanted, a text.")
        return self._listed(self._call.kept((name, *value), lambda: self._with_header(*value)))

    def _with_header(self, name: str, held: str = "") -> array[int]:
        line, text = _field(name), _plain(held)
        candidates = self._call.tx.each(
            "SELECT id, header FROM email WHERE account_id = ?", (self._call.account_row,)
        )
        return array("q", (row[0] for row in candidates if _holds(line, row[1], text)))

    def _found(self, expression: str | None, value: str) -> Clause:
        if expression is None:
            return NOTHING if value.strip() else EVERYTHING
        matching = "SELECT rowid FROM email_text WHERE email_text MATCH ?"
        return Clause(f"{self._id} IN ({matching})", (expression,), by_words=True)

    def _listed(self, found: Sequence[int]) -> Clause:
        return Clause(f"{self._id} IN (SELECT value FROM json_each(?))", (rows.listed(found),), by_words=True)


_LEAVES: Final[dict[str, tuple[type, Callable[[Compiler, str, Any], Clause]]]] = {
    "inMailbox": (str, Compiler.in_mailbox),
    "inMailboxOtherThan": (list, Compiler.in_other),
    "before": (str, Compiler.date),
    "after": (str, Compiler.date),
    "minSize": (int, Compiler.size),
    "maxSize": (int, Compiler.size),
    "allInThreadHaveKeyword": (str, Compiler.thread_keyword),
    "someInThreadHaveKeyword": (str, Compiler.thread_keyword),
    "noneInThreadHaveKeyword": (str, Compiler.thread_keyword),
    "hasKeyword": (str, Compiler.keyword),
    "notKeyword": (str, Compiler.keyword),
    "hasAttachment": (bool, Compiler.has_attachment),
    "text": (str, Compiler.words),
    "from": (str, Compiler.words),
    "to": (str, Compiler.recipients),
    "cc": (str, Compiler.recipients),
    "bcc": (str, Compiler.recipients),
    "subject": (str, Compiler.words),
    "body": (str, Compiler.words),
    "header": (list, Compiler.header),
}


def _field(name: str) -> re.Pattern[bytes]:
    """Finds the values of a header in a header block, without parsing the other headers."""
    escaped = re.escape(name.encode("utf-8", "replace"))
    return re.compile(rb"^" + escaped + rb"[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)


def _holds(line: re.Pattern[bytes], header: bytes, text: str) -> bool:
    """Whether a header block has that header, holding `text` as it stands or as it reads."""
    for value in line.findall(header):
        raw = value.decode("utf-8", "replace")
        if text in _plain(raw) or ("=?" in raw and text in _plain(headers.as_text(raw))):
            return True
    return False


def _in_folders(email: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM placement x WHERE x.email_id = {email}"
        " AND x.mailbox_id IN (SELECT value FROM json_each(?)))"
    )


def _has_keyword(email: str) -> str:
    return f"EXISTS (SELECT 1 FROM email_keyword k WHERE k.email_id = {email} AND k.keyword = ?)"


def _plain(text: str) -> str:
    """Text as it is compared: no case, no accents, no line breaks of folding."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())
