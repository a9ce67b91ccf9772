"""Unix users for one test, programs run as them, and an interpreter that they can read.

Needs root. Knows nothing of shinbox but where its work tree lies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.link_project import link

PROJECT = Path(__file__).resolve().parents[2]
#: useradd and its kin fail, rather than wait, while another one writes /etc/passwd.
_ONE_AT_A_TIME = Path("/tmp/shinbox-unix-users.lock")


@dataclass(frozen=True)
class UnixUser:
    """An account of this machine, made for a test."""

    name: str
    uid: int
    gid: int
    home: Path


@contextlib.contextmanager
def unix_user(prefix: str = "agent", groups: Sequence[str] = ()) -> Iterator[UnixUser]:
    """A new user `<prefix>-<random>` with a 0700 home, in `groups` too; removed with all its processes."""
    name = f"{prefix}-{secrets.token_hex(3)}"
    # `*` is a password that nothing matches; useradd's own `!` would lock the account for sshd.
    membership = ["--groups", ",".join(groups)] if groups else []
    _administer("useradd", "--create-home", "--password", "*", "--shell", "/bin/sh", *membership, name)
    entry = pwd.getpwnam(name)
    home = Path(entry.pw_dir)
    home.chmod(0o700)
    try:
        yield UnixUser(name, entry.pw_uid, entry.pw_gid, home)
    finally:
        _end_processes(entry.pw_uid)
        _administer("userdel", "--remove", "--force", name)


@contextlib.contextmanager
def unix_group(prefix: str = "desk") -> Iterator[str]:
    """A new group, removed afterwards."""
    name = f"{prefix}-{secrets.token_hex(3)}"
    _administer("groupadd", name)
    try:
        yield name
    finally:
        _administer("groupdel", name)


def as_user(
    user: UnixUser, argv: Sequence[str | Path], env: Mapping[str, str] | None = None
) -> list[str | Path]:
    """The command that runs `argv` as `user`: its groups, no capabilities, only `env` beside HOME, PATH…"""
    own = {
        "HOME": str(user.home),
        "USER": user.name,
        "LOGNAME": user.name,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": os.environ.get("TERM", "xterm-256color"),
        **_unrest(),
        **(env or {}),
    }
    switch = ["/usr/bin/setpriv", "--reuid", str(user.uid), "--regid", str(user.gid), "--init-groups"]
    # env comes last: setpriv itself would still open argv[0] with root's capabilities.
    return [*switch, "--", "/usr/bin/env", "-i", *(f"{name}={value}" for name, value in own.items()), *argv]


def _unrest() -> dict[str, str]:
    """What `make unrest` tells every program, where it is on."""
    names = ("PYTHONPATH", "SHINBOX_UNREST") if "SHINBOX_UNREST" in os.environ else ()
    return {name: os.environ[name] for name in names if name in os.environ}


def run_as(
    user: UnixUser,
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a program as `user` to its end; does not raise for its exit status."""
    return subprocess.run(
        as_user(user, argv, env), cwd=cwd or user.home, timeout=timeout,
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@dataclass(frozen=True)
class Runtime:
    """An interpreter with shinbox and its dependencies that every user of the machine can run."""

    python: Path
    shinbox: Path


def world_readable(path: Path) -> bool:
    """Whether any user may reach and read `path`, its links followed."""
    path = path.resolve()
    reachable = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return reachable and bool(path.stat().st_mode & stat.S_IROTH)


def runtime_for_others(folder: Path) -> Runtime:
    """Make in `folder` an environment like the one in use, for users who may not read /root or the work tree.

    What they can read is linked, the rest copied. Raises RuntimeError if none can read an interpreter.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [Path(sys.base_prefix) / "bin" / version, Path("/usr/bin") / version]
    interpreter = next((path for path in candidates if path.exists() and world_readable(path)), None)
    if interpreter is None:
        raise RuntimeError(f"no {version} that other users can run: looked at {candidates}")
    folder.chmod(0o755)
    scripts, site_packages = folder / "bin", folder / "lib" / version / "site-packages"
    scripts.mkdir()
    site_packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {interpreter.parent}\ninclude-system-site-packages = false\n")
    python = scripts / "python"
    python.symlink_to(interpreter)
    installed = _readable(Path(sysconfig.get_path("purelib")), folder / "installed")
    (site_packages / "installed.pth").write_text(f"import site; site.addsitedir({str(installed)!r})\n")
    project = _readable(PROJECT / "src", folder / "project" / "src").parent
    link(project, python, site_packages, scripts)
    return Runtime(python, scripts / "shinbox")


def _readable(path: Path, copy: Path) -> Path:
    return path if world_readable(path) else shutil.copytree(path, copy)


def _administer(*command: str) -> None:
    with _ONE_AT_A_TIME.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)}: {ran.stderr.strip()}")


def _end_processes(uid: int) -> None:
    """Kill whatever runs as `uid`, a desk that withdrew from /proc too; the uid is ours alone."""
    deadline = time.monotonic() + 60
    while processes := _processes_of(uid):
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes of uid {uid} do not end: {processes}")
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def _processes_of(uid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # Not the owner of the entry: that is root for a process that may not be dumped.
            if _runs_as(entry) == uid and not _is_zombie(entry):
                found.append(int(entry.name))
    return found


def _runs_as(entry: Path) -> int:
    line = next(line for line in (entry / "status").read_text().splitlines() if line.startswith("Uid:"))
    return int(line.split()[2])


def _is_zombie(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
