"""Statistics over runs: final gradient by run, and what the runs together say."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Row, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.charts.runs import runs_chart
from tui_initflow.findings.notation import factor, percent, scientific
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.rows import fit


def statistics(summary: Summary, width: int, height: int, palette: Palette) -> Picture:
    table = _table(summary, width, palette)
    return (*finals(summary, width, max(6, height - len(table)), palette), *table)


def finals(summary: Summary, width: int, height: int, palette: Palette, *, unicode: bool = True) -> Picture:
    """The chart alone."""
    first = summary.runs - len(summary.a.recent_finals) + 1
    chart = runs_chart(summary.a.name, summary.a.recent_finals, summary.b.name, summary.b.recent_finals, first)
    return render(chart, width, height, palette, unicode=unicode)


def _table(summary: Summary, width: int, palette: Palette) -> Picture:
    muted, text = Style(palette.muted, None), Style(palette.text, None)
    a, b = Style(palette.a, None), Style(palette.b, None)
    label, column = 21, 12

    def row(name: str, first: float, second: float, note: str = "") -> Row:
        return fit(
            [
                (f"{name:<{label}}", muted),
                (f"{scientific(first):>{column}}", a),
                (f"{scientific(second):>{column}}", b),
                (f"   {note}" if note else "", muted),
            ],
            width,
        )

    count = f"{summary.runs:,} simulation" + ("" if summary.runs == 1 else "s")
    names = [
        (f"{count:<{label}}", Style(palette.text, None, bold=True)),
        (f"{summary.a.name:>{column}.{column}}", a._replace(bold=True)),
        (f"{summary.b.name:>{column}.{column}}", b._replace(bold=True)),
        ("   gradient at L0", muted),
    ]
    first, second = summary.a, summary.b
    return (
        fit(names, width),
        row("geometric mean", first.log10_geometric_mean, second.log10_geometric_mean, "as in the banner"),
        row("median", first.log10_median, second.log10_median),
        row("arithmetic mean", first.log10_mean, second.log10_mean, "inflated by large runs"),
        fit([*_wins(summary, muted, text)], width),
        fit([*_ratio(summary, muted, text)], width),
    )


def _wins(summary: Summary, muted: Style, text: Style) -> list[tuple[str, Style]]:
    share = summary.b_wins / summary.runs
    low, high = summary.b_wins_interval.low, summary.b_wins_interval.high
    return [
        (f"{summary.b.name} wins ", muted),
        (f"{percent(share)}", text._replace(bold=True)),
        (
            f" of runs ({summary.b_wins}/{summary.runs}), 95%: {percent(low)} to {percent(high)}",
            muted,
        ),
    ]


def _ratio(summary: Summary, muted: Style, text: Style) -> list[tuple[str, Style]]:
    verdict = summary.verdict
    runs = [
        (f"{summary.b.name}/{summary.a.name} ", muted),
        (factor(verdict.log10_factor), text._replace(bold=True)),
    ]
    if verdict.interval is None:
        runs.append((" · one run has no interval: press R", muted))
    else:
        low, high = factor(verdict.interval.low), factor(verdict.interval.high)
        word = "includes" if verdict.winner is None else "excludes"
        runs.append((f" geometric, 95%: {low} to {high}, {word} 1x", muted))
    return runs
