"""A sweep of one setting: the ratio of the two methods against it, and what the chart means in words."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.from_results import sweep_chart
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.sweep import SweepPoint, SweepResult, sweep_values
from tui_initflow.findings.intervals import band
from tui_initflow.findings.notation import counted, factor
from tui_initflow.findings.wording import GEOMETRIC_MEAN, ratio_name, sweep_caption
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.pages.rows import blank, paragraph


def readout(experiment: Experiment, over: str, point: SweepPoint) -> str:
    """One point in words: Layers 14: Normal wins by 380x."""
    winner = experiment.methods["b" if point.mean > 0 else "a"].label
    runs = counted(len(point.log10_ratio), "run")
    label = SETTINGS[over].label
    return f"{label} {point.value}: {winner} wins by {factor(abs(point.mean))} ({GEOMETRIC_MEAN} of {runs})"


def sweep(
    result: SweepResult,
    experiment: Experiment,
    cursor: int | None,
    width: int,
    height: int,
    palette: Palette,
    *,
    unicode: bool = True,
) -> Picture:
    """The chart around `experiment` with its caption; `cursor` is the index of the point read out, if any."""
    muted, text = Style(palette.muted, None), Style(palette.text, None, bold=True)
    over, points = result.over, result.points
    runs = len(points[0].log10_ratio)
    lines = paragraph(sweep_caption(experiment, over, points[0].value, points[-1].value, runs), width, muted)
    lines = (*lines, *blank(width, _caption_rows(experiment, runs, width) - len(lines)))
    at = None
    if cursor is not None:
        at = points[min(cursor, len(points) - 1)]
        spoken = paragraph(readout(experiment, over, at), width, text)
        # as many rows as the caption has, so that the chart does not jump while the cursor moves
        lines = (*spoken, *blank(width, len(lines) - len(spoken)))
    bands = [band(point.log10_ratio) for point in points]
    chart = sweep_chart(
        ratio_name(experiment),
        SETTINGS[over].label,
        [point.value for point in points],
        [point.mean for point in points],
        [float(b.p10) for b in bands],
        [float(b.p90) for b in bands],
        current=getattr(experiment, over),
        cursor=None if at is None else at.value,
    )
    return (*render(chart, width, max(1, height - len(lines)), palette, unicode=unicode), *lines)


def _caption_rows(experiment: Experiment, runs: int, width: int) -> int:
    """Rows of the longest caption, so that charts side by side are equally high."""
    swept = SIZES if experiment.widths is None else ("features",)
    ends = {name: sweep_values(experiment, name) for name in swept}
    captions = (sweep_caption(experiment, name, values[0], values[-1], runs) for name, values in ends.items())
    return max(len(paragraph(caption, width)) for caption in captions)
