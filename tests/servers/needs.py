"""What a system test needs of the machine, and whether it is there. Installs nothing: `make test` does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROGRAMS = {
    "/usr/sbin/dovecot": "dovecot-imapd",
    "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    "/usr/sbin/postfix": "postfix",
    "/usr/bin/openssl": "openssl",
    "/usr/sbin/sshd": "openssh-server",
    "/usr/bin/ssh": "openssh-client",
    "/usr/bin/tmux": "tmux",
    "/usr/bin/setpriv": "util-linux",
    "/usr/sbin/useradd": "passwd",
}


def missing_for_system_tests() -> str:
    """Why system tests cannot run here, as a sentence that says what to do; empty if they can."""
    if sys.platform != "linux":
        return "needs Linux (peer credentials, Debian's mail servers)"
    if os.geteuid() != 0:
        return "needs root, to run mail servers and Unix users of its own: run `make test` as root"
    absent = [package for program, package in PROGRAMS.items() if not Path(program).exists()]
    return f"install {' '.join(absent)}, or run `make test`, which does" if absent else ""
