"""A checkpoint that is watched: a line for each tensor, with a small chart of how far it moved each time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tui_initflow.charts.palette import Glyphs
from tui_initflow.checkpoints.changes import Track
from tui_initflow.export.inspect import growth, number, short
from tui_initflow.findings.inspection import named
from tui_initflow.findings.notation import counted
from tui_initflow.pages.parts import Table, lines_of

LATEST = 24
"""Readings on the charts."""
MOST_LINES = 30
_HEADING = ["name", "norm", "change", "moved", "since first", "moved, by reading (log scale, all alike)"]


def history_text(tracks: Mapping[str, Track], glyphs: Glyphs) -> str:
    """The tensors that have moved most in the last reading, furthest first, and how many are left out."""
    furthest = sorted(tracks.values(), key=lambda one: -one.moves[-1] if one.moves[-1] > 0 else 0.0)
    shown = furthest[:MOST_LINES]
    moves = [move for one in shown for move in one.moves[-LATEST:] if 0 < move < math.inf]
    limits = (math.log10(min(moves)), math.log10(max(moves))) if moves else (0.0, 0.0)
    rows = [_row(one, limits, glyphs.heights) for one in shown]
    lines = lines_of(Table(_HEADING, rows, "<>>>><"))
    if len(shown) < len(furthest):
        lines.append(f"{len(shown)} of {counted(len(furthest), 'tensor')}, those that moved most")
    broken = [one.name for one in tracks.values() if not math.isfinite(one.norms[-1])]
    if broken:
        lines.append(f"NaN or infinities: {named(broken)}")
    return "".join(f"{line}\n" for line in lines)


def _row(one: Track, limits: tuple[float, float], bars: str) -> Sequence[str]:
    grown = "-"
    if len(one.norms) > 1 and one.norms[-2] and math.isfinite(one.norms[-1] / one.norms[-2]):
        grown = growth(one.norms[-1] / one.norms[-2], 2)
    chart = "".join(_bar(move, limits, bars) for move in one.moves[-LATEST:])
    return [short(one.name), number(one.norms[-1]), grown, number(one.moves[-1]), number(one.since_first), chart]


def _bar(move: float, limits: tuple[float, float], bars: str) -> str:
    """A bar for a move, a space where there is none or it does not compare, ! where it is infinite."""
    if math.isinf(move):
        return "!"
    if not move > 0:
        return " "
    low, high = limits
    share = (math.log10(move) - low) / (high - low) if high > low else 1.0
    return bars[min(int(share * len(bars)), len(bars) - 1)]
