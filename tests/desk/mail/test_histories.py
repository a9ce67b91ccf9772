"""Random histories on the server in memory, with and without CONDSTORE, OBJECTID and UIDPLUS."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import initialize

from shinbox.desk.mail.remote.memory_server import MemoryServer
from tests.desk.mail.histories import Histories
from tests.desk.mail.sides import MemorySide


class InMemory(Histories):
    """See Histories."""

    @initialize(condstore=st.booleans(), object_ids=st.booleans(), uidplus=st.booleans())
    def begin(self, condstore: bool, object_ids: bool, uidplus: bool) -> None:
        server = MemoryServer(condstore=condstore, object_ids=object_ids, uidplus=uidplus)
        self.begin_on(MemorySide(server))


TestInMemory = pytest.mark.timeout(3600)(InMemory.TestCase)
TestInMemory.settings = settings(stateful_step_count=25, max_examples=settings().max_examples * 6 // 10)
