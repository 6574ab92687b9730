"""Statistics over runs: final gradient by run, and what the runs together say."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Row, Style
from tui_initflow.charts.from_results import runs_chart
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings import wording
from tui_initflow.findings.notation import counted, factor, percent, scientific
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.rows import fit

LABEL, COLUMN = 21, 12


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
    muted, text = Style(palette.muted, None), Style(palette.text, None, bold=True)
    of_a, of_b = Style(palette.a, None), Style(palette.b, None)

    def row(name: str, first: float, second: float, note: str) -> Row:
        cells = [
            (f"{name:<{LABEL}}", muted),
            (f"{scientific(first):>{COLUMN}}", of_a),
            (f"{scientific(second):>{COLUMN}}", of_b),
            (f"   {note}" if note else "", muted),
        ]
        return fit(cells, width)

    names = [
        (f"{counted(summary.runs, 'simulation'):<{LABEL}}", text),
        (f"{a.name:>{COLUMN}.{COLUMN}}", of_a._replace(bold=True)),
        (f"{b.name:>{COLUMN}.{COLUMN}}", of_b._replace(bold=True)),
        ("   gradient at L0", muted),
    ]
    wins = [
        (f"{b.name} wins ", muted),
        (percent(summary.wins.value), text),
        (f" of runs ({summary.wins.count:,} of {summary.wins.total:,}), ", muted),
        (wording.share_interval(summary.wins), muted),
    ]
    verdict = summary.verdict
    ratio = [(f"{wording.ratio_name(summary.experiment)} ", muted), (factor(verdict.log10_factor), text)]
    if verdict.interval is None:
        ratio.append((" · one run has no interval: press R", muted))
    else:
        word = "includes" if verdict.winner is None else "excludes"
        said = f" {wording.GEOMETRIC_MEAN}, {wording.factor_interval(verdict.interval)}, {word} 1x"
        ratio.append((said, muted))
    return (
        fit(names, width),
        row(wording.GEOMETRIC_MEAN, a.final, b.final, "as in the banner"),
        row(wording.MEDIAN, a.median, b.median, ""),
        row(wording.ARITHMETIC_MEAN, a.arithmetic_mean, b.arithmetic_mean, "inflated by large runs"),
        fit(wins, width),
        fit(ratio, width),
    )
