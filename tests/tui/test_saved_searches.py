"""Searches kept in a file: for each person apart, comments stay, what is wrong is said and the rest holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shinbox.errors import ConfigError
from shinbox.tui.saved_searches import (
    SavedSearch,
    add_search,
    read_searches,
    remove_search,
    rename_search,
)

URGENT = SavedSearch("Urgent", "label:urgent is:unread", "mailbox", "support@x", "", "unix:/d", "bob")


def names(path: Path) -> list[str]:
    return [search.name for search in read_searches(path)[0]]


def test_a_search_is_kept_renamed_and_deleted_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    assert read_searches(path) == ([], [])
    add_search(path, URGENT)
    path.write_text(path.read_text().replace("[[search]]", "# for the morning\n[[search]]"))
    add_search(path, replace(URGENT, name="Old", words="before:1y", scope="everywhere", mailbox=""))
    assert read_searches(path)[0][0] == URGENT
    rename_search(path, URGENT, "Very urgent")
    assert names(path) == ["Very urgent", "Old"]
    remove_search(path, replace(URGENT, name="old"))
    assert names(path) == ["Very urgent"]
    assert "# for the morning" in path.read_text()
    remove_search(path, replace(URGENT, name="Very urgent"))
    assert names(path) == []
    add_search(path, URGENT)
    assert names(path) == ["Urgent"]


def test_a_name_is_taken_for_one_person_at_one_desk_only(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    add_search(path, URGENT)
    with pytest.raises(ConfigError, match="There is a search “urgent” already"):
        add_search(path, replace(URGENT, name="urgent"))
    add_search(path, replace(URGENT, user="mia"))
    add_search(path, replace(URGENT, name="Other"))
    with pytest.raises(ConfigError, match="There is a search “Other” already"):
        rename_search(path, URGENT, "Other")
    rename_search(path, URGENT, "URGENT")
    assert names(path) == ["URGENT", "Urgent", "Other"]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('words = "x"', "it has no name"),
        ('name = "x"', "it has no words"),
        ('name = "x"\nwords = 3', "a name and a text in quotes"),
        ('name = "x"\nwords = "y"\ncolour = "red"', "there is no “colour”"),
        ('name = "x"\nwords = "y"\nscope = "world"', "scope is one of folder, mailbox, everywhere"),
        ('name = "GOOD"\nwords = "y"', "there is another “GOOD”"),
    ],
)
def test_a_broken_entry_is_left_out_and_said_and_the_others_hold(
    tmp_path: Path, entry: str, problem: str
) -> None:
    path = tmp_path / "searches.toml"
    path.write_text(f'[[search]]\nname = "Good"\nwords = "a"\n[[search]]\n{entry}\n')
    found, problems = read_searches(path)
    assert [search.name for search in found] == ["Good"]
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_file_that_is_no_toml_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    path.write_text("[[search")
    assert "cannot be read" in read_searches(path)[1][0]
    with pytest.raises(ConfigError, match="not TOML"):
        add_search(path, URGENT)
    assert path.read_text() == "[[search"
