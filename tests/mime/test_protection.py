"""Signed and encrypted mail is recognised and named, and never called verified."""

from __future__ import annotations

import pytest

from shinbox.mime.parse import parse
from shinbox.mime.protection import protection_of


def two(kind: str, first: str, second: str) -> bytes:
    head = f"Content-Type: multipart/{kind}; protocol=x; boundary=b\n\n"
    return (head + f"--b\nContent-Type: {first}\n\nx\n--b\nContent-Type: {second}\n\ny\n--b--\n").encode()


@pytest.mark.parametrize(
    ("raw", "kind", "method"),
    [
        (two("signed", "text/plain", "application/pgp-signature"), "signed", "PGP"),
        (two("signed", "text/plain", "application/pkcs7-signature"), "signed", "S/MIME"),
        (two("encrypted", "application/pgp-encrypted", "application/octet-stream"), "encrypted", "PGP"),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", "encrypted", "S/MIME"),
        (b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data\n\nx", "signed", "S/MIME"),
        (b"Content-Type: application/pkcs7-mime; name=smime.p7c\n\nx", "certificates", "S/MIME"),
        (b"\n-----BEGIN PGP MESSAGE-----\n\nx", "encrypted", "PGP"),
        (b"\n-----BEGIN PGP SIGNED MESSAGE-----\nx", "signed", "PGP"),
    ],
)
def test_protection_is_named_and_never_called_verified(raw: bytes, kind: str, method: str) -> None:
    found = protection_of(parse(raw))
    assert found is not None
    assert (found.kind, found.method) == (kind, method)
    assert method in found.sentence()
    assert "verified" not in found.sentence()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\nI wrote -----BEGIN PGP MESSAGE-----",
        two("signed", "text/plain", "text/plain"),
        two("mixed", "a/b", "c/d"),
    ],
)
def test_other_mail_is_not_protected(raw: bytes) -> None:
    assert protection_of(parse(raw)) is None


def test_a_signature_is_no_attachment_for_a_person() -> None:
    assert not parse(two("signed", "text/plain", "application/pgp-signature")).has_attachment
