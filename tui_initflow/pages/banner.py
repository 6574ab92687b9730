"""The VS banner: both final gradients and who wins, or what to do to find out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.notation import factor, scientific
from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.rows import centre, width_of

if TYPE_CHECKING:
    from tui_initflow.findings.summary import Summary


def result(summary: Summary, width: int, _height: int, palette: Palette) -> Picture:
    """Final gradients left and right of the verdict; below, what the numbers are."""
    a, b = summary.a, summary.b
    return _banner(
        (a.name, scientific(a.log10_geometric_mean)),
        (b.name, scientific(b.log10_geometric_mean)),
        _badge(summary, palette),
        _basis(summary),
        width,
        palette,
    )


def waiting(experiment: Experiment, badge: str, hint: str, width: int, _height: int, palette: Palette) -> Picture:
    """The banner while there is nothing to show: `badge` says why, `hint` what to do."""
    a, b = experiment.labels
    return _banner(
        (a, "—"),
        (b, "—"),
        (f" {badge} ", Style(palette.background, palette.accent, bold=True)),
        hint,
        width,
        palette,
    )


def _banner(
    a: tuple[str, str], b: tuple[str, str], badge: Run, basis: str, width: int, palette: Palette
) -> Picture:
    surface = palette.surface
    fill = Style(palette.muted, surface)
    left = [
        (f"{a[0]} ", Style(palette.a, surface)),
        (a[1], Style(palette.a, surface, bold=True)),
    ]
    right = [
        (b[1], Style(palette.b, surface, bold=True)),
        (f" {b[0]}", Style(palette.b, surface)),
    ]
    gap = ("   ", fill)
    # the badge stays in the middle whatever stands beside it; where that is too wide, names give way, never numbers
    side = max(width_of(left), width_of(right))
    balanced = [(" " * (side - width_of(left)), fill), *left, gap, badge, gap, *right]
    balanced.append((" " * (side - width_of(right)), fill))
    together = [*left, gap, badge, gap, *right]
    nameless = [left[1], gap, badge, gap, right[0]]
    top = next((row for row in (balanced, together) if width_of(row) <= width), nameless)
    return (centre(top, width, fill), centre([(basis, fill)], width, fill))


def _badge(summary: Summary, palette: Palette) -> Run:
    verdict = summary.verdict
    if verdict.winner is None:
        return (" no significant difference ", Style(palette.background, palette.muted, bold=True))
    winner, colour = (summary.b, palette.b) if verdict.winner == "b" else (summary.a, palette.a)
    text = f" {winner.name.upper()} WINS BY {factor(abs(verdict.log10_factor))} "
    return (text, Style(palette.background, colour, bold=True))


def _basis(summary: Summary) -> str:
    verdict = summary.verdict
    if summary.runs == 1:
        return "gradient at L0, the first layer · 1 run: R for more and an interval"
    text = f"gradient at L0, geometric mean of {summary.runs:,} runs"
    if verdict.interval is not None and math.isfinite(verdict.interval.low):
        low, high = sorted((abs(verdict.interval.low), abs(verdict.interval.high)))
        if verdict.winner is None:
            low, high = verdict.interval.low, verdict.interval.high
        text += f" · 95%: {factor(low)} to {factor(high)}"
    return text
