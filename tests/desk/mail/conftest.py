"""What tests of mirroring share: the process that reads messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shinbox.desk.mail.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()
