"""Statistics over runs: the final gradient of each run, its averages, and who wins how often."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.from_results import runs_chart
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings import wording
from tui_initflow.findings.notation import counted, scientific
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.rows import fit, paragraph, width_of

LABEL, LEAST_COLUMN = 16, 12


def statistics(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    table = _table(summary, width, palette)
    return (*finals(summary, width, max(6, height - len(table)), palette), *table)


def finals(summary: Summary, width: int, height: int, palette: Palette, *, unicode: bool = True) -> Picture:
    """The chart alone."""
    a, b = summary.methods
    first = summary.runs - len(a.recent_finals) + 1
    chart = runs_chart(a.name, a.recent_finals, b.name, b.recent_finals, first)
    return render(chart, width, height, palette, unicode=unicode)


def _table(summary: Summary, width: int, palette: Palette) -> Picture:
    a, b = summary.methods
    lines = (
        (counted(summary.runs, "run"), a.name, b.name, "gradient at L0"),
        (wording.GEOMETRIC_MEAN, scientific(a.final), scientific(b.final), "as in the banner"),
        (wording.MEDIAN, scientific(a.median), scientific(b.median), ""),
        (
            wording.ARITHMETIC_MEAN,
            scientific(a.arithmetic_mean),
            scientific(b.arithmetic_mean),
            "dominated by the largest runs" if summary.runs > 1 else "",
        ),
    )
    column = max(LEAST_COLUMN, len(a.name) + 2, len(b.name) + 2)
    muted, rows = Style(palette.muted, None), []
    for i, (label, of_a, of_b, note) in enumerate(lines):
        cells = [
            (f"{label:<{LABEL}}", muted._replace(bold=i == 0)),
            (f"{of_a:>{column}}", Style(palette.a, None, bold=i == 0)),
            (f"{of_b:>{column}}", Style(palette.b, None, bold=i == 0)),
        ]
        noted = [*cells, (f"   {note}", muted)]
        rows.append(fit(noted if width_of(noted) <= width else cells, width))
    return (
        *rows,
        *paragraph(wording.wins(summary), width, muted),
        *paragraph(wording.ratio(summary), width, Style(palette.text, None, bold=True)),
    )
