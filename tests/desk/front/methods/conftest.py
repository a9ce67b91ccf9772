"""The world that these tests happen in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desk.front.methods.world import World, in_memory


@pytest.fixture
def world() -> Iterator[World]:
    with in_memory() as folder:
        world = World(folder)
        yield world
        world.database.close()
