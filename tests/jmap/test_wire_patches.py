"""PatchObject (RFC 8620 §5.3): what a patch does and which patches are none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.errors import InvalidPatch
from shinbox.jmap.wire import apply_patch, escape

OLD = {"name": "Inbox", "keywords": {"$seen": True, "a/b": True}, "imap": None, "list": [{"x": 1}]}


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({}, {}),
        ({"name": "Post"}, {"name": "Post"}),
        ({"keywords/$flagged": True}, {"keywords": {"$seen": True, "a/b": True, "$flagged": True}}),
        ({"keywords/$seen": None}, {"keywords": {"a/b": True}}),
        ({"keywords/a~1b": None}, {"keywords": {"$seen": True}}),
        ({"keywords/~0": True}, {"keywords": {"$seen": True, "a/b": True, "~": True}}),
        ({"keywords/absent": None}, {}),
        ({"keywords": {}}, {"keywords": {}}),
        ({"name": None}, {"name": "default"}),
        ({"imap": {"host": "x"}}, {"imap": {"host": "x"}}),
    ],
)
def test_a_patch_changes_what_it_names(patch: dict[str, Any], changed: dict[str, Any]) -> None:
    assert apply_patch(OLD, patch, {"name": "default"}) == {**OLD, **changed}


def test_null_removes_what_has_no_default() -> None:
    assert "list" not in apply_patch(OLD, {"list": None}, {})


@pytest.mark.parametrize(
    "patch",
    [
        {"keywords": {}, "keywords/$seen": None},
        {"a/b/c": 1, "a/b": 2},
        {"nothing/inside": 1},
        {"keywords/$seen/deeper": 1},
        {"imap/host": "x"},
        {"name/x": 1},
        {"list/0": 1},
        {"list/0/x": 2},
        {"keywords/~2": True},
        {"keywords/~": True},
    ],
)
def test_a_patch_that_leads_nowhere_or_twice_is_invalid(patch: dict[str, Any]) -> None:
    with pytest.raises(InvalidPatch):
        apply_patch(OLD, patch, {})


names = st.text(min_size=1, max_size=4)
trees = st.recursive(
    st.integers() | st.booleans(), lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12
)
objects = st.dictionaries(names, trees, max_size=5)


def diff(old: dict[str, Any], new: dict[str, Any], path: str = "") -> dict[str, Any]:
    """A patch from one object to another, as deep as it can go."""
    patch: dict[str, Any] = {}
    for key in old.keys() | new.keys():
        here = f"{path}{escape(key)}"
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            patch |= diff(before, after, f"{here}/")
        elif before != after or type(before) is not type(after):
            patch[here] = after
    return patch


@given(objects, objects)
def test_a_patch_made_of_two_objects_turns_one_into_the_other(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert apply_patch(old, diff(old, new), {}) == new


@given(objects, st.dictionaries(st.text(max_size=8), trees | st.none(), max_size=4))
def test_any_patch_is_applied_or_refused_and_never_touches_its_arguments(
    old: dict[str, Any], patch: dict[str, Any]
) -> None:
    kept_old, kept_patch = copy.deepcopy(old), copy.deepcopy(patch)
    try:
        new = apply_patch(old, patch, {})
    except InvalidPatch as refused:
        assert str(refused)
    else:
        heads = {path.partition("/")[0].replace("~1", "/").replace("~0", "~") for path in patch}
        assert {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} <= heads
    assert (old, patch) == (kept_old, kept_patch)


@given(objects, st.lists(names, min_size=1, max_size=3), trees)
def test_a_path_and_its_own_beginning_cannot_be_patched_together(
    old: dict[str, Any], path: list[str], value: Any
) -> None:
    whole = "/".join(escape(token) for token in path)
    with pytest.raises(InvalidPatch):
        apply_patch(old, {whole: value, f"{whole}/more": value}, {})
