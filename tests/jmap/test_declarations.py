"""What every declared data type says of itself."""

from __future__ import annotations

import pytest

from shinbox.jmap.objects import TYPES, JmapObject, ObjectType, SetBy
from shinbox.terms import DESK


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_says_who_sets_each_of_its_properties(name: str) -> None:
    properties = TYPES[name].properties
    assert properties
    assert all(isinstance(each.set_by, SetBy) for each in properties.values())


def test_a_type_that_does_not_say_so_is_refused() -> None:
    class Nameless(JmapObject):
        subject: str = ""

    with pytest.raises(TypeError, match=r"Nameless\.subject: say who sets it"):
        assert ObjectType("Nameless", DESK, frozenset({"get"}), Nameless).properties
