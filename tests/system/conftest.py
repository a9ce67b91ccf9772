"""The house of each system-test module: a desk under a uid of its own on the run's mail servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.mail import MailServers
from tests.servers.unix import Runtime
from tests.system.world import World, house


@pytest.fixture(scope="module")
def world(servers: MailServers, public_runtime: Runtime) -> Iterator[World]:
    with house(servers, public_runtime) as running:
        yield running
