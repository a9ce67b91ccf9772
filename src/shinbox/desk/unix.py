"""What the desk asks of Linux: a lock, a socket of its own, a private folder, an end with its parent.

Owns the order of the steps that keep others out. Knows nothing of mail and of HTTP.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import grp
import os
import resource
import signal
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shinbox.errors import AlreadyRunning, ConfigError

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
BACKLOG: Final = 512
LEFT_SECONDS: Final = 10.0
"""How long the processes of a killed desk may take to end, on a machine so busy that they have just begun."""
LOOK_SECONDS: Final = 0.05


def withdraw() -> None:
    """Keep this process's memory and environment from everybody but root, and out of core dumps.

    :raises OSError: the kernel refuses.
    """
    _prctl(_PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with(parent: int) -> None:
    """End this process when the thread that started it ends; `parent` is that process's id.

    :raises OSError: the kernel refuses.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def nobody_needs(descriptor: int) -> bool:
    """Whether nobody holds a lock on an open file; nobody gets one from then on while it stays open."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def await_signal(number: signal.Signals) -> Callable[[], None]:
    """Catch a signal from now on; what is returned blocks until it has come. Both belong to the main thread.

    A plain wait on a lock is not enough: CPython runs a handler only when the main thread runs again, and a
    signal that comes just before the lock is waited for, or in another thread, does not wake it. The byte in
    the pipe is there whoever caught it (signal.set_wakeup_fd).
    """
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    signal.signal(number, lambda _, __: None)
    signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        while number not in reading.recv(64):
            continue
        signal.set_wakeup_fd(-1)
        reading.close()
        writing.close()

    return wait


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}): {os.strerror(code)}")


def check_private(folder: Path) -> None:
    """Refuse a data folder that others can look into.

    :raises ConfigError: it says what to do.
    """
    try:
        found = folder.stat()
    except FileNotFoundError:
        raise ConfigError(f"{folder}: there is no data folder yet: run `shinbox admin init`.") from None
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{folder} is no folder.")
    if found.st_uid != os.geteuid():
        raise ConfigError(f"{folder} belongs to another user: run the desk as its owner.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigError(f"Others can look into {folder}: chmod 0700 {folder}")


def lock(folder: Path) -> int:
    """Hold the data folder for this process and its children; the descriptor of the lock.

    Children inherit it: as long as one of them lives, no second desk starts on the same mail. Those of a desk
    that was killed are waited for.

    :raises AlreadyRunning: another desk has it.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    ends = time.monotonic() + LEFT_SECONDS
    while not nobody_needs(descriptor):
        if time.monotonic() >= ends:
            os.close(descriptor)
            raise AlreadyRunning(f"Another desk is running on {folder}.")
        time.sleep(LOOK_SECONDS)
    return descriptor


def bind(path: Path, group: str = "") -> socket.socket:
    """Listen on a Unix socket that its owner and `group` may connect to (mode 0660); the lock must be held.

    A socket that nobody listens on is left over and replaced.

    :raises AlreadyRunning: somebody listens there.
    :raises ConfigError: the path or the group cannot be used.
    """
    gid = _gid(group) if group else -1
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    _remove_left_over(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _umask(0o177):
            listener.bind(str(path))
        os.chown(path, -1, gid)
        path.chmod(0o660)
        listener.listen(BACKLOG)
    except OSError as refused:
        listener.close()
        raise ConfigError(f"{path} cannot be listened on: {refused.strerror or refused}.") from None
    return listener


def bind_tcp(host: str, port: int) -> socket.socket:
    """Listen on a loopback address.

    :raises ConfigError: it cannot be used.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as refused:
        listener.close()
        raise ConfigError(f"{host}:{port} cannot be listened on: {refused.strerror}.") from None
    return listener


def _gid(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ConfigError(f"socket.group: there is no group “{group}” on this machine.") from None


def _remove_left_over(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ConfigError(f"{path} is there and is no socket: it is left alone.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        reached = probe.connect_ex(str(path))
    if reached != errno.ECONNREFUSED:
        raise AlreadyRunning(f"Somebody listens on {path} already.")
    path.unlink()


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def tell_systemd(message: str) -> None:
    """Tell the service manager, if there is one (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with (
        contextlib.suppress(OSError),  # a service manager that does not listen is no reason to stop
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
    ):
        line.connect("\0" + address[1:] if address.startswith("@") else address)
        line.sendall(message.encode())
