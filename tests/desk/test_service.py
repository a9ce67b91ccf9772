"""The service keeps others out, watches its processes, and ends cleanly."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shinbox.desk import service, unix
from shinbox.desk.config import Config, SocketConfig
from shinbox.desk.embedded import run_embedded
from shinbox.desk.initialise import initialise
from shinbox.desk.service import KEY_NAME, acquire, read_key
from shinbox.desk.store import audit, sealing, users
from shinbox.desk.store.database import Database
from shinbox.errors import AlreadyRunning, ConfigError
from tests.desk.conftest import PASSWORD, RunningDesk, started


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = Config(data=str(tmp_path / "data"), socket=SocketConfig(path=str(tmp_path / "run/desk.sock")))
    initialise(config, "chief", password=PASSWORD, now=time.time())
    return config


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def opened(file: Path) -> int:
    """How often this process has a file open."""
    return sum(os.path.realpath(each) == str(file) for each in Path("/proc/self/fd").iterdir())


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so, or fail."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


class TestInit:
    """`shinbox admin init` makes a desk that nobody else can look into, once."""

    def test_everything_is_the_owners_alone(self, config: Config) -> None:
        assert mode(config.data_folder) == 0o700
        assert mode(config.data_folder / KEY_NAME) == 0o600
        assert mode(config.database) == 0o600

    def test_the_first_administrator_is_there_and_in_the_audit(self, config: Config) -> None:
        with Database(config.database).read() as tx:
            chief = users.by_name(tx, "chief")
            assert chief and chief["is_administrator"]
            assert audit.verify(tx).ok and audit.verify(tx).count == 1

    def test_the_key_fits_what_front_seals_with(self, config: Config) -> None:
        with Database(config.database).read() as tx:
            assert sealing.public_key(tx) == sealing.public_of(read_key(config))

    def test_a_desk_is_never_written_over(self, config: Config) -> None:
        before = read_key(config)
        with pytest.raises(ConfigError, match="already"):
            initialise(config, "mallory", password=PASSWORD, now=0)
        assert read_key(config) == before

    def test_an_administrator_who_could_not_sign_in_is_refused(self, tmp_path: Path) -> None:
        for how in ({}, {"unix_name": "no-such-login"}, {"password": "short"}):
            with pytest.raises(ConfigError):
                initialise(Config(data=str(tmp_path / "other")), "chief", now=0, **how)
        assert not (tmp_path / "other").exists()


class TestStart:
    """What the desk refuses to start on, and what it makes."""

    @pytest.fixture
    def acquired(self, config: Config) -> Iterator[Config]:
        resources = acquire(config)
        yield config
        resources.close(Path(config.socket.path))

    def test_the_socket_is_for_owner_and_group_whatever_the_umask(self, config: Config) -> None:
        before = os.umask(0)
        try:
            resources = acquire(config)
        finally:
            os.umask(before)
        path = Path(config.socket.path)
        assert mode(path) == 0o660
        resources.close(path)
        assert not path.exists()

    def test_one_desk_on_one_data_folder(self, acquired: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unix, "LEFT_SECONDS", 0.0)
        other = Config(data=acquired.data, socket=SocketConfig(path=acquired.socket.path + "2"))
        with pytest.raises(AlreadyRunning):
            acquire(other)
        assert not Path(other.socket.path).exists()

    def test_a_desk_waits_for_what_is_left_of_one_that_was_killed(self, config: Config) -> None:
        left = unix.lock(config.data_folder)
        with ThreadPoolExecutor(1) as threads:
            next_one = threads.submit(acquire, config)
            eventually(lambda: opened(config.data_folder / "lock") == 2)
            os.close(left)
            next_one.result(60).close(Path(config.socket.path))

    def test_the_socket_of_another_desk_is_not_stolen(self, acquired: Config, tmp_path: Path) -> None:
        other = Config(data=str(tmp_path / "other"), socket=acquired.socket)
        initialise(other, "chief", password=PASSWORD, now=0)
        with pytest.raises(AlreadyRunning):
            acquire(other)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(acquired.socket.path)

    def test_a_left_over_socket_is_replaced_and_a_file_is_not(self, config: Config) -> None:
        path = Path(config.socket.path)
        path.parent.mkdir()
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
        acquire(config).close(path)
        path.write_text("mine")
        with pytest.raises(ConfigError, match="no socket"):
            acquire(config)
        assert path.read_text() == "mine"

    @pytest.mark.parametrize(
        ("spoil", "told"),
        [
            (lambda data: data.chmod(0o750), "chmod 0700"),
            (lambda data: (data / KEY_NAME).chmod(0o640), "chmod 0600"),
            (lambda data: (data / KEY_NAME).unlink(), "key"),
            (lambda data: (data / KEY_NAME).write_bytes(b"x" * 32), "key"),
            (lambda data: (data / KEY_NAME).write_bytes(b"x"), "no key"),
            (lambda data: (data / "desk.db").unlink(), "init"),
        ],
    )
    def test_what_is_wrong_is_refused_with_what_to_do(
        self, config: Config, spoil: Callable[[Path], object], told: str
    ) -> None:
        spoil(config.data_folder)
        with pytest.raises(ConfigError, match=told):
            acquire(config)
        resources = unix.lock(config.data_folder)
        os.close(resources)

    def test_the_key_may_come_from_the_service_manager(
        self, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / KEY_NAME).write_bytes((config.data_folder / KEY_NAME).read_bytes())
        (config.data_folder / KEY_NAME).unlink()
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        assert len(read_key(config)) == sealing.KEY_BYTES

    def test_an_unknown_group_is_named(self, config: Config) -> None:
        config.socket.group = "no-such-group"
        with pytest.raises(ConfigError, match="no-such-group"):
            acquire(config)

    def test_a_desk_that_cannot_start_says_why(self, config: Config) -> None:
        (config.data_folder / KEY_NAME).unlink()
        with pytest.raises(ConfigError, match="key cannot be read"):
            run_embedded(config)


def processes_below(parent: int) -> dict[str, int]:
    """The desk's processes by name ("front", "mail")."""
    found = {}
    for number in Path("/proc").glob("[0-9]*"):
        try:
            fields = (number / "stat").read_text().rpartition(")")[2].split()
            words = (number / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(fields[1]) == parent and b"shinbox.desk" in words:
            found[words[words.index(b"shinbox.desk") + 1].decode()] = int(number.name)
    return found


class TestRunning:
    """The two processes of a running desk."""

    async def test_a_process_that_dies_is_restarted_and_nobody_is_turned_away(
        self, desk: RunningDesk
    ) -> None:
        service = desk.running.process.pid
        eventually(lambda: {"front", "mail"} <= processes_below(service).keys())
        front = processes_below(service)["front"]
        async with desk.as_(desk.chief) as client:
            await client.session()
        os.kill(front, signal.SIGKILL)
        async with desk.as_(desk.chief) as client:
            assert (await client.session()).username == "chief"
        assert processes_below(service)["front"] != front

    def test_the_key_stands_in_no_argument_and_no_environment(self, desk: RunningDesk) -> None:
        key = read_key(desk.running.config)
        service = desk.running.process.pid
        eventually(lambda: {"front", "mail"} <= processes_below(service).keys())
        for process in (service, *processes_below(service).values()):
            for name in ("cmdline", "environ"):
                told = Path(f"/proc/{process}/{name}").read_bytes()
                assert key not in told and key.hex().encode() not in told

    def test_a_process_withdraws_from_the_eyes_of_proc_and_dumps_no_core(self) -> None:
        """Not dumpable: /proc/PID/environ and mem are root's, whoever runs the desk."""
        code = (
            "import ctypes, resource; from shinbox.desk import unix; unix.withdraw();"
            "print(ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE))"
        )
        ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        assert ran.stdout.strip() == "0 (0, 0)"

    def test_every_process_of_the_desk_dumps_no_core(self, desk: RunningDesk) -> None:
        service = desk.running.process.pid
        eventually(lambda: {"front", "mail"} <= processes_below(service).keys())
        eventually(
            lambda: all(
                re.search(r"Max core file size +0 ", Path(f"/proc/{process}/limits").read_text())
                for process in (service, *processes_below(service).values())
            )
        )

    async def test_sigterm_ends_the_desk_with_open_streams(self, tmp_path: Path) -> None:
        with started(tmp_path) as desk:
            async with desk.as_(desk.chief) as client, asyncio.timeout(60):
                session = await client.session()
                url = session.event_source_url.replace("{types}", "*").replace("{closeafter}", "no")
                streams = [
                    client.transport.stream("GET", url.replace("{ping}", "0"), client.headers())
                    for _ in range(3)
                ]
                opened = [await stream.__aenter__() for stream in streams]
                assert [answer.status for answer in opened] == [200, 200, 200]
                assert await asyncio.to_thread(desk.running.stop) == 0, "a desk that is killed ends otherwise"
            assert not desk.socket.exists()

    async def test_the_end_may_come_while_a_process_starts(self, config: Config) -> None:
        resources = acquire(config)
        stop = asyncio.Event()
        [front, _] = service.children_of(resources)
        up = asyncio.Event()
        watching = asyncio.create_task(service._watch(front, config, resources.lock, stop, up))
        await asyncio.sleep(0)
        assert not up.is_set(), "it is being started"
        stop.set()
        await asyncio.wait_for(watching, 120)
        assert front.process is not None and front.process.returncode is not None
        resources.close(Path(config.socket.path))

    async def test_a_process_that_cannot_be_started_is_tried_again(
        self, config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        resources = acquire(config)
        stop, up = asyncio.Event(), asyncio.Event()
        [front, _] = service.children_of(resources)
        monkeypatch.setattr(sys, "executable", str(config.data_folder / "no-python"))
        watching = asyncio.create_task(service._watch(front, config, resources.lock, stop, up))
        await asyncio.to_thread(eventually, lambda: "again in" in caplog.text)
        monkeypatch.undo()
        await asyncio.wait_for(up.wait(), 120)
        stop.set()
        assert front.process is not None
        front.process.kill()
        await asyncio.wait_for(watching, 120)
        resources.close(Path(config.socket.path))

    async def test_starts_that_fail_leave_nothing_open(
        self, config: Config, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        resources = acquire(config)
        [_, mail] = service.children_of(resources)

        def full(descriptor: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "no room")

        async def fails() -> int:
            life = await service._live(mail, config, resources.lock, asyncio.Event(), asyncio.Event())
            assert isinstance(life, (OSError, ConfigError))
            return len(os.listdir("/proc/self/fd"))

        monkeypatch.setattr(sys, "executable", str(config.data_folder / "no-python"))
        before = await fails()  # The first start of a process may open what the loop keeps for the next.
        with monkeypatch.context() as writing:
            writing.setattr(os, "write", full)
            opened = [await fails() for _ in range(3)]
        (config.data_folder / KEY_NAME).unlink()
        opened += [await fails() for _ in range(3)]
        assert opened == [before] * 6
        resources.close(Path(config.socket.path))

    async def test_the_desk_dies_with_its_service(self, tmp_path: Path) -> None:
        with started(tmp_path) as desk:
            service = desk.running.process.pid
            eventually(lambda: "front" in processes_below(service))
            front = processes_below(service)["front"]
            os.kill(service, signal.SIGKILL)
            desk.running.process.wait()
            eventually(lambda: not Path(f"/proc/{front}").exists() or _is_zombie(front))


def _is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_service_manager_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        unix.tell_systemd("READY=1")
        assert manager.recv(100) == b"READY=1"
