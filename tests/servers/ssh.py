"""An OpenSSH server on loopback for tests: real log-ins with keys, real forwarding of Unix sockets.

    with SshServer.start() as ssh, unix_user("bob") as bob:
        ssh.enroll(bob)
        with ssh.forward(bob, local, remote): ...        # ssh -L local:remote
        ssh.run(bob, "shinbox", "list")

Owns its keys and its process; knows nothing of shinbox.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.keeper import START_SECONDS, free_ports, wait_for_port
from tests.servers.unix import UnixUser

_CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {root}/host_key
PidFile none
AuthorizedKeysFile {root}/keys/%u
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
AllowStreamLocalForwarding yes
MaxStartups 100
LogLevel VERBOSE
"""


class SshServer:
    """A running sshd; `port` on 127.0.0.1. Make one with `start`."""

    host = "127.0.0.1"

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.port = port

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator[SshServer]:
        """A server of the caller's own, stopped and removed on leaving."""
        root = Path(tempfile.mkdtemp(prefix="shinbox-ssh-", dir="/tmp"))
        root.chmod(0o711)
        (root / "keys").mkdir()
        _make_key(root / "host_key")
        # sshd wants its chroot for unprivileged work; Debian's service unit would have made it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with contextlib.ExitStack() as life:
            life.callback(shutil.rmtree, root)
            with free_ports(("ssh",)) as ports:
                life.enter_context(_running(root, ports["ssh"]))
            host_key = (root / "host_key.pub").read_text()
            (root / "known_hosts").write_text(f"[{cls.host}]:{ports['ssh']} {host_key}")
            yield cls(root, ports["ssh"])

    def enroll(self, user: UnixUser) -> Path:
        """Let `user` log in; returns the private key's file."""
        key = self.root / f"id_{user.name}"
        if not key.exists():
            _make_key(key)
            shutil.copy(key.with_suffix(".pub"), self.root / "keys" / user.name)
        return key

    def command(self, user: UnixUser, *remote: str | Path, options: tuple[str, ...] = ()) -> list[str]:
        """The ssh command that runs `remote` (or a shell) as `user`; for `Terminal`, options=("-t",)."""
        settings = (
            "BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={self.root / 'known_hosts'}",
            "IdentitiesOnly=yes", "LogLevel=ERROR", "ConnectTimeout=60",
        )  # fmt: skip
        return [
            "/usr/bin/ssh", "-F", "none", "-p", str(self.port), "-i", str(self.enroll(user)),
            *(word for setting in settings for word in ("-o", setting)),
            *options, f"{user.name}@{self.host}", *(shlex.quote(str(word)) for word in remote),
        ]  # fmt: skip

    def program(self, owner: UnixUser, *users: UnixUser, known: bool = True) -> Path:
        """A folder for `owner`'s PATH: its `ssh` has the keys of `users`; with `known` the host's key too."""
        folder = owner.home / "ssh"
        folder.mkdir()
        words = [
            "-F",
            "none",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            f"UserKnownHostsFile={folder / 'known_hosts'}",
        ]
        for user in users:
            key = Path(shutil.copy(self.enroll(user), folder))
            key.chmod(0o600)
            words += ["-i", str(key)]
        if known:
            shutil.copy(self.root / "known_hosts", folder)
        (folder / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh {shlex.join(words)} "$@"\n')
        (folder / "ssh").chmod(0o755)
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.uid, owner.gid)
        return folder

    def run(
        self, user: UnixUser, *remote: str | Path, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the far side to its end; does not raise for its exit status."""
        return subprocess.run(
            self.command(user, *remote), capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=timeout,
        )  # fmt: skip

    @contextlib.contextmanager
    def forward(self, user: UnixUser, local: Path, remote: Path) -> Iterator[Path]:
        """`ssh -L local:remote` as `user` on the far side; yields `local`, open to the caller's uid only."""
        options = (
            "-N", "-L", f"{local}:{remote}",
            "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindMask=0177",
        )  # fmt: skip
        client = subprocess.Popen(
            self.command(user, options=options),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START_SECONDS
            while not local.exists():
                if client.poll() is not None or time.monotonic() > deadline:
                    client.kill()
                    raise RuntimeError(f"no forwarding: {client.communicate()[1]}{self.log()}")
                time.sleep(0.02)
            yield local
        finally:
            client.terminate()
            client.communicate(timeout=START_SECONDS)
            local.unlink(missing_ok=True)

    def log(self) -> str:
        return (self.root / "sshd.log").read_text(errors="replace")


@contextlib.contextmanager
def _running(root: Path, port: int) -> Iterator[None]:
    (root / "sshd_config").write_text(_CONFIGURATION.format(root=root, port=port))
    command = ["/usr/bin/setpriv", "--pdeathsig", "TERM", "/usr/sbin/sshd", "-D", "-e", "-f"]
    with (root / "sshd.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, root / "sshd_config"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        wait_for_port(port)
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _make_key(path: Path) -> None:
    subprocess.run(
        ["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", path], check=True
    )
