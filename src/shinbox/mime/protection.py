"""Signed and encrypted mail, recognised and named: S/MIME (RFC 8551), PGP/MIME (RFC 3156), inline PGP.

Owns telling them apart. Verifies and decrypts nothing: what is said here is what the sender claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shinbox.mime.params import parse_value
from shinbox.mime.parse import ParsedMessage
from shinbox.mime.split import ParsedHeaders

_SIGNATURES = {
    "application/pgp-signature": "PGP",
    "application/pkcs7-signature": "S/MIME",
    "application/x-pkcs7-signature": "S/MIME",
}
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
LOOKED_AT = 100_000


@dataclass(frozen=True)
class Protection:
    """How a message is protected, by its own account; `inner` is the id of the part that is protected."""

    kind: Literal["signed", "encrypted", "compressed", "certificates"]
    method: Literal["S/MIME", "PGP"]
    inner: str | None = None

    def sentence(self) -> str:
        """For the reader: says that nothing was checked."""
        said = {
            "signed": f"signed with {self.method}; the signature was not checked",
            "encrypted": f"encrypted with {self.method}; save the original to decrypt it",
            "compressed": f"compressed with {self.method}; save the original to read it",
            "certificates": f"holds {self.method} certificates only",
        }
        return said[self.kind]


def protection_of(message: ParsedMessage) -> Protection | None:
    """The outermost protection of a message, or None."""
    root = message.body_structure
    parts = root.sub_parts or []
    if root.type == "multipart/signed" and len(parts) > 1:
        method = _SIGNATURES.get(parts[1].type)
        if method:
            return Protection("signed", "PGP" if method == "PGP" else "S/MIME", parts[0].part_id)
    if root.type == "multipart/encrypted" and any(part.type == "application/pgp-encrypted" for part in parts):
        return Protection("encrypted", "PGP", parts[1].part_id if len(parts) > 1 else None)
    if root.type in _PKCS7:
        return _pkcs7(ParsedHeaders(root.headers).last("content-type") or "", root.name or "", root.part_id)
    return _inline(message)


def _pkcs7(content_type: str, name: str, part_id: str | None) -> Protection:
    """RFC 8551 §3.2.2: smime-type says it; without it the file's name does."""
    kind = parse_value(content_type)[1].get("smime-type", "").lower()
    if kind == "signed-data":
        return Protection("signed", "S/MIME", part_id)
    if kind == "certs-only" or name.lower().endswith(".p7c"):
        return Protection("certificates", "S/MIME", part_id)
    return Protection("compressed" if kind == "compressed-data" else "encrypted", "S/MIME", part_id)


def _inline(message: ParsedMessage) -> Protection | None:
    for part in message.text_body:
        if part.type != "text/plain":
            continue
        text = message.text(part).value[:LOOKED_AT].lstrip()
        if text.startswith("-----BEGIN PGP MESSAGE-----"):
            return Protection("encrypted", "PGP", part.part_id)
        if text.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
            return Protection("signed", "PGP", part.part_id)
    return None
