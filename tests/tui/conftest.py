"""What the tests of the screens share: a desk for each file, and time enough for a key to take effect."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shinbox.jmap import transport
from shinbox.tui import pictures, typed_ahead
from shinbox.tui.screens import base, files, going
from tests.tui.demo_front import demo_front

LONG_ENOUGH = 20.0
"""Seconds; less than Textual's pilot gives a screen to do all that waits for it."""


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The demo's desk, one for all tests of a file: what one of them changes the next ones find."""
    with demo_front(tmp_path_factory.mktemp("desk")) as path:
        yield path


@pytest.fixture(autouse=True)
def keys_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key waits until the one before has been carried out, however busy the machine is."""
    for module in (typed_ahead, base, files, going):
        monkeypatch.setattr(module, "PATIENCE", LONG_ENOUGH)


@pytest.fixture(autouse=True)
def others_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that is there, and a program that reads a picture, get the time that such a machine needs."""
    monkeypatch.setattr(transport, "Timeouts", partial(transport.Timeouts, connect=3 * LONG_ENOUGH))
    monkeypatch.setattr(pictures, "SECONDS", 3 * LONG_ENOUGH)


@pytest.fixture(autouse=True)
def answers_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """So have the desk's answers: Esc would stop waiting for them, where it means another thing in a test."""
    monkeypatch.setattr(transport, "Timeouts", partial(transport.Timeouts, slow=3 * LONG_ENOUGH))
