"""The tensors of a checkpoint: a table of them all, and one of them with its numbers and its histogram."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.description import Histogram
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.checkpoints.scan import TensorHistogram
from tui_initflow.findings.inspection import Inspection, TensorFinding, headline
from tui_initflow.findings.notation import counted, percent
from tui_initflow.findings.status import WeightStatus
from tui_initflow.pages.rows import blank, cells, fit, paragraph, shortened

SORTABLE = ("name", "status", "size", "std", "gain_ratio", "spectral_norm", "excess_kurtosis", "looks_like")
"""What the table is sorted by, in turn; by name means as in the file."""
LEAST_NAME, LONGEST_NAME = 18, 60
GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; `sort` is the number or word that it is sorted by."""

    title: str
    width: int
    text: Callable[[TensorFinding], str]
    sort: str = ""
    is_number: bool = True


def number(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.3g}"


def shape(one: TensorFinding) -> str:
    return "×".join(map(str, one.measured.tensor.shape)) or "scalar"


COLUMNS = (
    Column("status", 9, lambda one: one.status, "status", is_number=False),
    Column("shape", 13, shape, "size"),
    Column("std", 8, lambda one: number(one.measured.std), "std"),
    Column("gain", 6, lambda one: number(one.gain_ratio), "gain_ratio"),
    Column("looks like", 15, lambda one: one.measured.looks_like.split(" or ")[0], "looks_like", is_number=False),
    Column("norm", 8, lambda one: number(one.measured.spectral_norm), "spectral_norm"),
    Column("rank", 6, lambda one: number(one.measured.stable_rank)),
    Column("kurtosis", 8, lambda one: number(one.measured.excess_kurtosis), "excess_kurtosis"),
    Column("zeros", 6, lambda one: percent(one.measured.zeros)),
    Column("type", 9, lambda one: one.measured.tensor.dtype.name, is_number=False),
    Column("kind", 11, lambda one: one.measured.role.kind, is_number=False),
)
"""Beside the name, the most telling first: a narrow screen has the first few of them."""


def heading(inspection: Inspection, width: int, _height: int, palette: Palette) -> Picture:
    """The file, and how many of its tensors have which status."""
    numbers = sum(one.measured.tensor.size for one in inspection.tensors)
    text = f" · {inspection.total:,} tensors, {numbers:,} numbers · {headline(inspection)}"
    surface = palette.surface
    name = (f" {inspection.file}", Style(palette.accent, surface, bold=True))
    return (fit([name, (text, Style(palette.text, surface))], width, Style(bg=surface)),)


def table(
    tensors: Sequence[TensorFinding], cursor: int, sort: str, width: int, height: int, palette: Palette
) -> Picture:
    """A screenful of rows, with that of the cursor; moving it within the screenful changes two of them."""
    if not tensors:
        return (*paragraph("no tensor matches", width, Style(palette.muted)), *blank(width, height - 1))
    rows, first = max(1, height - 1), first_shown(len(tensors), cursor, height)
    columns = list(COLUMNS)
    longest = max(cells(one.measured.name) for one in tensors[first : first + rows])
    wanted = min(max(longest, LEAST_NAME), LONGEST_NAME)
    while len(columns) > 1 and sum(column.width + GAP for column in columns) + LEAST_NAME > width:
        columns.pop()
    name_width = max(LEAST_NAME, min(wanted, width - sum(column.width + GAP for column in columns)))
    muted = Style(palette.muted)
    titles: list[Run] = [(f"{'name':<{name_width}}", muted)]
    titles += [
        (f"{'':{GAP}}{_aligned(column, column.title + '▾' * (sort == column.sort))}", muted) for column in columns
    ]
    drawn = [fit(titles, width)]
    for at, one in enumerate(tensors[first : first + rows], first):
        chosen = Style(palette.background, palette.accent, bold=True) if at == cursor else None
        style = chosen or Style(palette.text)
        runs: list[Run] = [*fit([(shortened(one.measured.name, name_width), style)], name_width, style)]
        for column in columns:
            style = chosen or (_status_style(one.status, palette) if column.sort == "status" else muted)
            runs.append((f"{'':{GAP}}{_aligned(column, column.text(one))}", style))
        drawn.append(fit(runs, width, chosen or Style()))
    return (*drawn, *blank(width, height - len(drawn)))


def first_shown(count: int, cursor: int, height: int) -> int:
    """The first of `count` tensors in a table of this height, whose first row is the heading."""
    rows = max(1, height - 1)
    return min(cursor // rows * rows, max(0, count - rows))


def _aligned(column: Column, text: str) -> str:
    cut = text if len(text) <= column.width else f"{text[: column.width - 1]}…"
    return cut.rjust(column.width) if column.is_number else cut.ljust(column.width)


def _status_style(status: WeightStatus, palette: Palette) -> Style:
    colours: dict[WeightStatus, str] = {"broken": palette.bad, "healthy": palette.good, "untouched": palette.accent}
    return Style(colours.get(status, palette.warn), bold=status in ("broken", "untouched"))


def tensor(one: TensorFinding, drawn: TensorHistogram | None, width: int, height: int, palette: Palette) -> Picture:
    """The histogram of one tensor, as high as there is room, over everything that is known of it."""
    details = tuple(row for line in described(one) for row in paragraph(line, width, Style(palette.text), hanging="  "))
    chart_height = max(8, height - len(details) - 1)
    return (*distribution(one, drawn, width, chart_height, palette), *blank(width), *details)


def distribution(
    one: TensorFinding, drawn: TensorHistogram | None, width: int, height: int, palette: Palette
) -> Picture:
    """The numbers of a tensor as bars, under the density of the initialiser that it looks like."""
    name = shortened(one.measured.name, max(width // 2, 1))
    if drawn is None or not drawn.counts.any():
        said = "" if drawn is None else "  no finite numbers"
        title = fit([(name, Style(palette.text, bold=True)), (said, Style(palette.muted))], width)
        return (title, *blank(width, height - 1))
    legend: list[Run] = [
        (f"{name}  ", Style(palette.text, bold=True)),
        ("█ ", Style(palette.a)),
        ("these numbers  ", Style(palette.a)),
        ("━ ", Style(palette.b)),
        (drawn.law, Style(palette.b)),
    ]
    chart = Histogram("", _rounded(drawn.low), _rounded(drawn.high), drawn.counts.tolist(), drawn.expected.tolist())
    # the chart has a title line of its own, which is empty
    return (fit(legend, width), *render(chart, width, height, palette)[1:])


def _rounded(value: float) -> float:
    rounded = float(f"{value:.3g}")
    return rounded if math.isfinite(rounded) else value


def described(one: TensorFinding) -> list[str]:
    """All that is known of a tensor, in words and numbers."""
    of = one.measured
    fans = "" if of.fan_in is None else f", fan_in {of.fan_in:,}, fan_out {of.fan_out:,}"
    sigma = ""
    # a square that float64 does not hold is not shown
    if of.sigma_w2 is not None and math.isfinite(of.sigma_w2) and (of.sigma_w2 or not of.std):
        sigma = f"; σ_w² = fan_in Var w = {of.sigma_w2:.3g}"
    if one.gain_ratio is not None and math.isfinite(one.gain_ratio):
        sigma += f", σ_w is {number(one.gain_ratio)} of the critical gain"
    lines = [
        f"{of.name}: {one.status}; looks like {of.looks_like}.",
        f"{of.role.kind}, {shape(one)}, {of.tensor.dtype.name}{fans}.",
        f"mean {number(of.mean)}, std {number(of.std)}, from {number(of.low)} to {number(of.high)}, "
        f"excess kurtosis {number(of.excess_kurtosis)}{sigma}.",
    ]
    if of.spectral_norm is not None:
        lines.append(f"spectral norm {number(of.spectral_norm)}, stable rank {number(of.stable_rank)}.")
    shares = ((of.zeros, "zeros"), (of.nan, "NaN"), (of.inf, "infinities"), (of.subnormal, "subnormal numbers"))
    odd = [f"{percent(share)} {word}" for share, word in shares if share]
    dead = ((of.dead_rows, "dead row"), (of.dead_columns, "dead column"))
    odd += [counted(count, words) for count, words in dead if count]
    if of.duplicate_of is not None:
        odd.append(f"the same numbers as {of.duplicate_of}")
    return [*lines, f"{', '.join(odd)}."] if odd else lines
