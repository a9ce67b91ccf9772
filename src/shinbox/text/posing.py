"""A display name that says another address than the sender's own.

Owns what counts as an address in a name. Lists and the reader's warnings judge by it alike.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
"""Looser than an address: `ceo@bank` in a name misleads as well."""


def another_address(name: str, email: str) -> str:
    """The address that a name says and that is not `email`; empty for none."""
    return next((said for said in _ADDRESS.findall(name) if said.lower() != email.lower()), "")
