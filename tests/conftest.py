"""What every test shares: hypothesis profiles, the rule that nothing is skipped unseen, the real servers.

Owns how the suite runs; knows nothing of what it tests. A `system` test runs as root with the Debian packages
of `tools/test-servers.sh`, and is skipped with the reason where it cannot. With CI=true a skip fails the run
unless its reason names something that a fresh clone cannot have (ALLOWED_SKIPS).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.mail import MailServers, shared_servers
from tests.servers.needs import missing_for_system_tests
from tests.servers.unix import Runtime, runtime_for_others

#: A skip whose reason holds one of these is no failure in CI: the shared corpora are not part of the project.
ALLOWED_SKIPS = ("corpora",)

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("torture", parent=settings.get_profile("default"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = missing_for_system_tests() if any(item.get_closest_marker("system") for item in items) else ""
    for item in items:
        if not item.get_closest_marker("system"):
            continue
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"system test: {missing}"))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and _forbidden_skips(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason in _forbidden_skips(config):
        terminalreporter.write_line(f"CI: a skip is a failure: {reason}", red=True)


def _forbidden_skips(config: pytest.Config) -> list[str]:
    """The skips of this run that CI does not allow; empty outside CI and in xdist's workers."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI", "").lower() not in ("1", "true"):
        return []
    skipped = [f"{report.nodeid}: {report.longrepr}" for report in reporter.stats.get("skipped", [])]
    return [text for text in skipped if not any(allowed in text for allowed in ALLOWED_SKIPS)]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServers]:
    """Dovecot and Postfix, one instance for the whole run. Not to be restarted: see `private_servers`."""
    base = tmp_path_factory.getbasetemp()
    # xdist gives each worker a folder below that of the run.
    with shared_servers(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as instance:
        yield instance


@pytest.fixture(scope="module")
def private_servers() -> Iterator[MailServers]:
    """A Dovecot and Postfix of the test module's own: stop, restart, break them."""
    with MailServers.start() as instance:
        yield instance


@pytest.fixture(scope="session")
def public_runtime() -> Iterator[Runtime]:
    """An interpreter with shinbox that every Unix user can run, for a desk under a uid of its own."""
    folder = Path(tempfile.mkdtemp(prefix="shinbox-runtime-", dir="/tmp"))
    yield runtime_for_others(folder)
    shutil.rmtree(folder)
