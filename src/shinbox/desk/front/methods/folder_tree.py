"""Lists of folders as trees (RFC 8621 §2.3: filterAsTree, sortAsTree).

Owns the two arrangements. Pure: knows folders only as numbers with parents.
"""

from __future__ import annotations

from collections.abc import Mapping


def with_all_parents(rows: list[int], parents: Mapping[int, int | None]) -> list[int]:
    """The folders whose parents, as far as this caller sees them, are all among them (filterAsTree)."""
    kept = set(rows)

    def stays(row: int) -> bool:
        parent = parents.get(row)
        return row in kept and (parent is None or stays(parent))

    return [row for row in rows if stays(row)]


def as_tree(rows: list[int], parents: Mapping[int, int | None]) -> list[int]:
    """Parents before their children, siblings in the order given; what has no parent here is at the top."""
    children: dict[int | None, list[int]] = {}
    for row in rows:
        parent = parents[row]
        children.setdefault(parent if parent in parents else None, []).append(row)
    ordered: list[int] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting += reversed(children.get(row, []))
    return ordered
