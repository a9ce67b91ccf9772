"""Team: named groups of users (under urn:shinbox:desk).

Owns a team's wire form and the check of its members.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from shinbox.desk.front import held
from shinbox.desk.front.context import Call, Json
from shinbox.desk.front.methods import checks, rows
from shinbox.desk.front.methods.base import Edit, TypeHandler
from shinbox.desk.store import ids, users
from shinbox.errors import AlreadyExists, InvalidProperties


class TeamHandler(TypeHandler):
    """See the module."""

    TYPE = "Team"
    HOME = "desk"
    IDS = frozenset({"memberIds"})
    FILTERS: ClassVar = {"name": checks.equals("name"), "text": checks.holds_text("name")}
    SORTS = frozenset({"name"})

    def rows(self, call: Call, most: int) -> list[int]:
        """See TypeHandler."""
        return call.tx.column("SELECT id FROM team ORDER BY name COLLATE NOCASE")

    def load(self, call: Call, wanted: Sequence[int], properties: Collection[str]) -> dict[int, Json]:
        """See TypeHandler."""
        found = call.tx.all(
            "SELECT * FROM team WHERE id IN (SELECT value FROM json_each(?))", (rows.listed(wanted),)
        )
        return {
            row["id"]: {
                "id": self.to_id(call, row["id"]),
                "name": row["name"],
                "memberIds": {ids.to_id("User", user): True for user in users.members_of(call.tx, row["id"])},
            }
            for row in found
        }

    def complete(self, call: Call, edit: Edit) -> Json:
        """See TypeHandler."""
        new = dict(edit.new or {})
        new["name"] = checks.name(new["name"], "name")
        same = call.tx.value("SELECT id FROM team WHERE name = ? AND id <> ?", (new["name"], edit.row or 0))
        if same is not None:
            raise AlreadyExists(
                f"There is a team “{new['name']}” already.", existingId=self.to_id(call, same)
            )
        for id_, is_member in new["memberIds"].items():
            user = ids.to_row("User", id_)
            if is_member is not True or user is None or users.get(call.tx, user) is None:
                raise InvalidProperties(f"“{id_}” is no user.", properties=["memberIds"])
        return new

    def create(self, call: Call, edit: Edit) -> int:
        """See TypeHandler."""
        new = edit.new or {}
        return users.create_team(call.tx, new["name"], _members(new))

    def update(self, call: Call, edit: Edit) -> Json | None:
        """See TypeHandler."""
        assert edit.row is not None and edit.new is not None
        users.update_team(call.tx, edit.row, edit.new["name"], _members(edit.new))
        held.hold_back(call.run)
        return None

    def destroy(self, call: Call, edit: Edit) -> None:
        """See TypeHandler."""
        assert edit.row is not None
        users.destroy_team(call.tx, edit.row)
        held.hold_back(call.run)


def _members(value: Json) -> list[int]:
    found = (ids.to_row("User", id_) for id_ in value["memberIds"])
    return [row for row in found if row is not None]
