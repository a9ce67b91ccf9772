"""A certificate authority for one test run, and the server certificate that it signs."""

from __future__ import annotations

import subprocess
from pathlib import Path

_SERVER = """\
subjectAltName=DNS:localhost,DNS:mail.example.test,IP:127.0.0.1
basicConstraints=CA:FALSE
keyUsage=digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth
"""


def make_certificates(folder: Path) -> None:
    """Write ca.pem, server.pem and server.key into `folder`; valid for 127.0.0.1 and localhost."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "server.ext").write_text(_SERVER)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(
        folder, "req", "-x509", *key, "-days", "30", "-subj", "/CN=shinbox test CA",
        "-keyout", "ca.key", "-out", "ca.pem", "-addext", "basicConstraints=critical,CA:TRUE",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    _openssl(
        folder, "req", *key, "-subj", "/CN=mail.example.test", "-keyout", "server.key", "-out", "server.csr"
    )
    _openssl(
        folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "30", "-extfile", "server.ext", "-out", "server.pem",
    )  # fmt: skip
    for secret in ("ca.key", "server.key"):
        (folder / secret).chmod(0o600)


def _openssl(folder: Path, *arguments: str) -> None:
    ran = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {ran.stderr.strip()}")
