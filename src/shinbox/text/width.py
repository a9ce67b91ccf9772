"""How many columns text takes on a terminal, and cutting it to some.

Owns columns. rich counts them, because it also draws them (see `cells`); it is imported on first use.
"""

from __future__ import annotations

ELLIPSIS = "…"


def width(text: str) -> int:
    """Columns that `text` takes."""
    if text.isascii():
        return len(text)
    from shinbox.text.cells import cell_len

    return cell_len(text)


def cut(text: str, columns: int) -> str:
    """`text` in at most `columns`, an ellipsis in the last one if something was cut."""
    if columns <= 0:
        return ""
    if len(text) * 2 <= columns or width(text) <= columns:
        return text
    return fit(text, columns - 1)[0].rstrip() + ELLIPSIS


def pad(text: str, columns: int) -> str:
    """`text` in exactly `columns`."""
    shown = cut(text, columns)
    return shown + " " * (columns - width(shown))


def fit(text: str, columns: int) -> tuple[str, str]:
    """The longest beginning of at most `columns`, and the rest; combining marks stay with their base."""
    if text.isascii():
        return text[:columns], text[columns:]
    low, high = 0, min(len(text), columns * 4)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle]) <= columns:
            low = middle
        else:
            high = middle - 1
    while low < len(text) and low and width(text[: low + 1]) <= columns:
        low += 1
    return text[:low], text[low:]
