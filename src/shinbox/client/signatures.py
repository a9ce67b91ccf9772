"""An identity's signature in a text: put there, exchanged with the identity, never doubled.

Pure. Owns where a signature stands: at the end of one's own words, which in a forwarded message is above
what is forwarded. Knows no draft: it is given texts.
"""

from __future__ import annotations

from shinbox.jmap.objects import Identity
from shinbox.text.quote import FORWARD_LINE, SIGNATURE


def signature_block(identity: Identity) -> str:
    """The identity's signature with the line that mail programs know it by; empty for none."""
    lines = _lines_of(identity)
    return "\n".join(["", SIGNATURE, *lines, ""]) if lines else ""


def with_signature(body: str, old: Identity, new: Identity) -> str:
    """The body with another identity's signature. One that was edited or taken out stays so; never two."""
    lines = body.split("\n")
    before, after = _lines_of(old), _lines_of(new)
    place = _find(lines, before) if before else None
    if place is not None:
        return "\n".join(_exchanged(lines, place, len(before), after))
    if before or not after or _delimiters(lines):
        return body
    return "\n".join(_inserted(lines, after))


def _lines_of(identity: Identity) -> list[str]:
    text = identity.text_signature.replace("\r\n", "\n").strip("\n")
    return text.split("\n") if text.strip() else []


def _own_end(lines: list[str]) -> int:
    """Where one's own words end."""
    return next((at for at, line in enumerate(lines) if line.startswith(FORWARD_LINE)), len(lines))


def _delimiters(lines: list[str]) -> list[int]:
    """Lines that begin a signature, the last first. Some editors take the space at a line's end away."""
    return [at for at in range(_own_end(lines) - 1, -1, -1) if lines[at].rstrip() == SIGNATURE.rstrip()]


def _find(lines: list[str], signature: list[str]) -> int | None:
    wanted = [line.rstrip() for line in signature]
    for at in _delimiters(lines):
        if [line.rstrip() for line in lines[at + 1 : at + 1 + len(wanted)]] == wanted:
            return at
    return None


def _exchanged(lines: list[str], place: int, length: int, after: list[str]) -> list[str]:
    rest = lines[place + 1 + length :]
    if after:
        return [*lines[:place], SIGNATURE, *after, *rest]
    start = place - 1 if place and not lines[place - 1] else place
    return [*lines[:start], *rest]


def _inserted(lines: list[str], after: list[str]) -> list[str]:
    end = _own_end(lines)
    place = end - 1 if end and not lines[end - 1] else end
    closing = [""] if place == len(lines) else []
    return [*lines[:place], "", SIGNATURE, *after, *closing, *lines[place:]]
