"""Figures, one a line: alone, or of programs side by side, with the first one's share of each other's.

Pure but for printing. Knows no program.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What was measured of one program: figure → value and unit, in the order measured."""

    program: str
    values: dict[str, tuple[float, str]] = field(default_factory=dict)

    def add(self, name: str, value: float, unit: str) -> None:
        """One more figure."""
        self.values[name] = (value, unit)

    def times(self, name: str, seconds: Iterable[float]) -> None:
        """The median, and the 95th percentile of twenty and more, in milliseconds."""
        milliseconds = [each * 1000 for each in seconds]
        self.add(name, statistics.median(milliseconds), "ms")
        if len(milliseconds) >= 20:
            self.add(f"{name}: p95", statistics.quantiles(milliseconds, n=20)[18], "ms")

    def median(self, name: str, values: Iterable[float], unit: str) -> None:
        """The median of what was measured repeatedly."""
        self.add(name, statistics.median(values), unit)


def report(name: str, value: float, unit: str, note: str) -> None:
    """One figure as a line; `note` is its aim, or what it is held against."""
    print(f"{name:<62} {value:>9.{3 if abs(value) < 10 else 1}f} {unit:<5} ({note})", flush=True)


def compared(first: Figures, others: Sequence[Figures], aims: dict[str, str]) -> Iterable[str]:
    """The lines: each figure of the first, its aim, and its ratio to each of the others."""
    names = list(dict.fromkeys(name for each in (first, *others) for name in each.values))
    for name in names:
        own = first.values.get(name)
        line = f"{name:<40} {_said(own):>14}"
        for other in others:
            theirs = other.values.get(name)
            ratio = f" ({own[0] / theirs[0]:.2f} x)" if own and theirs and theirs[0] else ""
            line += f"   {other.program} {_said(theirs)}{ratio}"
        yield line + (f"   aim {aims[name]}" if name in aims else "")


def _said(figure: tuple[float, str] | None) -> str:
    if figure is None:
        return "–"
    value, unit = figure
    return f"{value:,.1f} {unit}" if value < 100 and unit != "B" else f"{value:,.0f} {unit}"
