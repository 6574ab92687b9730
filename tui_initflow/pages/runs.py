"""Statistics over runs: the final gradient of each run, its averages, and which is larger how often."""

from __future__ import annotations

import numpy as np

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.description import Scatter, Series
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings import wording
from tui_initflow.findings.notation import counted
from tui_initflow.findings.summary import Summary
from tui_initflow.model.pair import SIDES
from tui_initflow.pages.rows import fit, paragraph, width_of

LABEL, LEAST_COLUMN = 16, 12


def statistics(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    table = _table(summary, width, palette)
    return (*finals(summary, width, max(6, height - len(table)), palette), *table)


def finals(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    """The chart alone."""
    last = summary.runs
    runs = np.arange(last - len(summary.methods.a.recent_finals), last, dtype=np.float64) + 1
    methods = [(side, summary.methods[side]) for side in SIDES]
    chart = Scatter(
        title="Gradient at L0 by run",
        short_title="Gradient at L0",
        series=[Series(method.name, side, runs, method.recent_finals) for side, method in methods],
        x_title="Run",
        x_ticks=[(run, f"{run:.0f}") for run in runs.tolist()],
    )
    return render(chart, width, height, palette)


def _table(summary: Summary, width: int, palette: Palette) -> Picture:
    a, b = summary.methods
    header = (counted(summary.runs, "run"), a.name, b.name)
    notes = ("gradient at L0", "as in the banner", "", "dominated by the largest runs" if summary.runs > 1 else "")
    column = max(LEAST_COLUMN, len(a.name) + 2, len(b.name) + 2)
    muted, rows = Style(palette.muted), []
    for i, ((label, of_a, of_b), note) in enumerate(zip((header, *wording.averages(summary)), notes, strict=True)):
        cells = [
            (f"{label:<{LABEL}}", muted._replace(bold=i == 0)),
            (f"{of_a:>{column}}", Style(palette.a, bold=i == 0)),
            (f"{of_b:>{column}}", Style(palette.b, bold=i == 0)),
        ]
        noted = [*cells, (f"   {note}", muted)]
        rows.append(fit(noted if width_of(noted) <= width else cells, width))
    return (
        *rows,
        *paragraph(wording.by_run(summary), width, muted),
        *paragraph(wording.ratio(summary), width, Style(palette.text, bold=True)),
    )
