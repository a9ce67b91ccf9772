"""The spell-checker of the machine: hunspell or aspell, spoken to over a pipe (`-a`, ispell's protocol).

Owns finding the program, its language, and the protocol. Knows no screen and no mail: it is given words.
Nothing is sent anywhere; a word that is added goes into the program's own list.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from shinbox.errors import ConfigError
from shinbox.tui.opening import answer_of

PROGRAMS: Final = ("hunspell", "aspell")
SECONDS: Final = 5.0
"""How long the program may take for one text."""
MOST_WORDS: Final = 5000
MOST_SUGGESTIONS: Final = 8
_LANGUAGE: Final = re.compile(r"[A-Za-z]\w*(?:[-,]\w+)*")

Suggestions = dict[str, list[str]]
"""Unknown words, each with what may have been meant."""


@dataclass(frozen=True)
class SpellChecker:
    """A program and the language it checks; empty for the program's own choice."""

    program: str
    language: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return Path(self.program).name

    async def check(self, words: Sequence[str]) -> Suggestions:
        """Which of the words are unknown.

        :raises ConfigError: the program cannot be used, with what to do about it.
        """
        asked = list(dict.fromkeys(words))[:MOST_WORDS]
        # "!" leaves out what is right; "^" before a word keeps it from being read as a command.
        said = await self._say("!\n" + "".join(f"^{word}\n" for word in asked))
        return parse_answers(said, asked)

    async def add(self, word: str) -> None:
        """Put a word into the person's own list.

        :raises ConfigError: the program cannot be used.
        """
        await self._say(f"*{word}\n#\n")

    async def dictionaries(self) -> list[str]:
        """The languages that it can check, in order of their names.

        :raises ConfigError: the program cannot be used.
        """
        if self.name == "aspell":
            _, said, _ = await _run([self.program, "dump", "dicts"], b"")
            names = said.split()
        else:
            _, out, told = await _run([self.program, "-D"], b"")
            paths = [line for line in (out + told).splitlines() if line.startswith("/")]
            names = [Path(line.strip()).name for line in paths if not line.endswith((".aff", ".dic"))]
        return sorted(dict.fromkeys(names))

    def speaking(self, language: str) -> SpellChecker:
        """The same program for another language."""
        return replace(self, language=language)

    async def _say(self, text: str) -> str:
        command = [self.program, "-a", *self._options()]
        status, said, told = await _run(command, text.encode())
        if status or not said.startswith("@(#)"):
            raise ConfigError(await self._what_is_wrong(told))
        return said

    def _options(self) -> list[str]:
        if self.name == "aspell":
            return ["--encoding=utf-8", *([f"--lang={self.language}"] if self.language else [])]
        return ["-i", "utf-8", *(["-d", self.language] if self.language else [])]

    async def _what_is_wrong(self, told: str) -> str:
        known = await self.dictionaries()
        if not known:
            return f"{self.name} has no dictionary: install one (such as {self.name}-en-us)."
        if self.language and self.language not in known:
            some = ", ".join(known[:8])
            return f"{self.name} has no dictionary for {self.language}. Set spelling to one of: {some}."
        return f"{self.name} does not work: {told.strip().partition(chr(10))[0] or 'it said nothing'}."


def find_checker(
    language: str = "",
    environ: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
) -> SpellChecker | None:
    """The spell-checker of this machine; `language` is the person's setting, else the locale's counts."""
    for name in PROGRAMS:
        path = which(name)
        if path:
            chosen = language.strip() or locale_language(environ)
            return SpellChecker(path, chosen if _LANGUAGE.fullmatch(chosen) else "")
    return None


async def with_a_dictionary(checker: SpellChecker) -> SpellChecker:
    """The same; where neither setting nor locale names a language, for American English or what there is.

    :raises ConfigError: the program cannot be used.
    """
    if checker.language:
        return checker
    known = await checker.dictionaries()
    best = [name for name in ("en_US", "en", *known) if name in known]
    return checker.speaking(best[0]) if best else checker


def locale_language(environ: Mapping[str, str]) -> str:
    """The language of the person's locale as dictionaries are named, e.g. `de_DE`; empty for none."""
    name = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    name = re.split(r"[.@]", name)[0]
    return "" if name in ("C", "POSIX") else name


def parse_answers(said: str, asked: Sequence[str]) -> Suggestions:
    """The unknown words of an answer: one group of lines a word, ended by an empty line."""
    unknown: Suggestions = {}
    groups: list[list[str]] = [[]]
    for line in said.splitlines()[1:]:
        if line:
            groups[-1].append(line)
        else:
            groups.append([])
    for word, group in zip(asked, groups, strict=False):
        wrong = [line for line in group if line[0] in "&?#"]
        if wrong:
            unknown[word] = _suggested(word, wrong[0])
    return unknown


def _suggested(word: str, line: str) -> list[str]:
    """What a line suggests: `& word count offset: one, two`; nothing for a piece of the word."""
    if line[0] == "#" or line.split(" ", 2)[1:2] != [word]:
        return []
    found = [each.strip() for each in line.partition(": ")[2].split(",")]
    return [each for each in found if each][:MOST_SUGGESTIONS]


async def _run(command: Sequence[str], data: bytes) -> tuple[int, str, str]:
    """Exit code, what it said, what it complained of."""
    pipe = asyncio.subprocess.PIPE
    name = Path(command[0]).name
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        raise ConfigError(f"{name} could not be started: {error.strerror}.") from None
    try:
        out, told = await answer_of(process, data, SECONDS)
    except TimeoutError:
        raise ConfigError(f"{name} did not answer within {SECONDS:.0f} seconds.") from None
    return process.returncode or 0, out.decode("utf-8", "replace"), told.decode("utf-8", "replace")
