"""The spell-checker of the machine: a small real program with the same protocol, and the real ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shinbox.errors import ConfigError
from shinbox.tui import spelling
from shinbox.tui.spelling import SpellChecker, find_checker, locale_language, parse_answers, with_a_dictionary
from tests.tui.fake_speller import install

WORDS = ["Hello", "brokken", "lamp", "xqz", "brokken"]


@pytest.fixture(autouse=True)
def programs_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine that runs the tests is."""
    monkeypatch.setattr(spelling, "SECONDS", 60.0)


@pytest.fixture
def checker(tmp_path: Path) -> SpellChecker:
    return SpellChecker(str(install(tmp_path, ["hello", "lamp", "broken"])), "en_US")


async def test_unknown_words_come_with_what_may_have_been_meant(checker: SpellChecker) -> None:
    assert await checker.check(WORDS) == {"brokken": ["broken"], "xqz": []}


async def test_a_word_that_was_added_is_known_from_then_on(checker: SpellChecker) -> None:
    await checker.add("brokken")
    assert await checker.check(WORDS) == {"xqz": []}


async def test_a_language_without_a_dictionary_is_said_with_those_that_there_are(tmp_path: Path) -> None:
    checker = SpellChecker(str(install(tmp_path, [])), "nb_NO")
    with pytest.raises(ConfigError, match=r"no dictionary for nb_NO\. Set spelling to one of: en_US"):
        await checker.check(["x"])


async def test_a_program_without_any_dictionary_says_what_to_install(tmp_path: Path) -> None:
    checker = SpellChecker(str(install(tmp_path, [], dictionaries=())), "en_US")
    with pytest.raises(ConfigError, match="has no dictionary: install one"):
        await checker.check(["x"])


async def test_a_program_that_does_not_answer_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spelling, "SECONDS", 0.5)
    checker = SpellChecker(str(install(tmp_path, [], sleep=True)), "en_US")
    with pytest.raises(ConfigError, match="did not answer"):
        await checker.check(["x"])


async def test_where_no_language_is_named_american_english_is_taken_or_what_there_is(tmp_path: Path) -> None:
    both = install(tmp_path / "a", [], dictionaries=("/x/de_DE", "/x/en_US"))
    only = install(tmp_path / "b", [], dictionaries=("/x/de_DE",))
    assert (await with_a_dictionary(SpellChecker(str(both)))).language == "en_US"
    assert (await with_a_dictionary(SpellChecker(str(only)))).language == "de_DE"


def test_hunspell_comes_before_aspell_and_the_setting_before_the_locale() -> None:
    both: dict[str, str] = {"hunspell": "/x/hunspell", "aspell": "/x/aspell"}
    german = {"LANG": "de_DE.UTF-8"}
    assert find_checker("", german, both.get) == SpellChecker("/x/hunspell", "de_DE")
    assert find_checker("nb_NO", german, {"aspell": "/x/aspell"}.get) == SpellChecker("/x/aspell", "nb_NO")
    assert find_checker("", german, lambda name: None) is None
    assert find_checker("--master=/etc/passwd", {}, both.get) == SpellChecker("/x/hunspell", "")


def test_a_locale_without_a_language_names_none() -> None:
    assert [locale_language({"LC_ALL": name}) for name in ("C.UTF-8", "POSIX", "de_AT@euro")] == [
        "",
        "",
        "de_AT",
    ]


def test_an_answer_about_a_piece_of_a_word_suggests_nothing() -> None:
    assert parse_answers("@(#)\n& eau 1 0: beau\n\n", ["l’eau"]) == {"l’eau": []}


@pytest.mark.parametrize("name", ["hunspell", "aspell"])
async def test_the_real_programs_speak_this_protocol(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    checker = await with_a_dictionary(SpellChecker(path))
    if not checker.language.startswith("en"):
        pytest.skip(f"{name} has no English dictionary")
    found = await checker.check(["The", "lamp", "is", "brokken", "don't", "Größenwahnn"])
    assert sorted(found) == ["Größenwahnn", "brokken"]
    assert "broken" in found["brokken"]
    await checker.add("brokken")
    assert sorted(await checker.check(["brokken", "zzqq"])) == ["zzqq"]
