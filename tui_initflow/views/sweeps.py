"""A sweep of one setting: the ratio of the two methods against it, and what the chart means in words."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.charts.sweeps import sweep_chart
from tui_initflow.engine.experiment import Experiment
from tui_initflow.engine.initialisers import INITIALISERS
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.notation import factor
from tui_initflow.statistics import band
from tui_initflow.views.rows import blank, paragraph

NAMES = {"layers": "Layers", "neurons": "Neurons", "features": "Features"}


def ratio_name(experiment: Experiment) -> str:
    return f"{INITIALISERS[experiment.b].short}/{INITIALISERS[experiment.a].short}"


def caption(experiment: Experiment, over: str, first: int, last: int) -> str:
    """What is fixed, what varies and which side is whose."""
    fixed = " and ".join(f"{NAMES[name]}={getattr(experiment, name)}" for name in NAMES if name != over)
    return f"{fixed}, {NAMES[over]} from {first} to {last}; above 1x {INITIALISERS[experiment.b].short} wins"


def readout(experiment: Experiment, over: str, point: SweepPoint) -> str:
    """One point in words: Layers 14: Normal wins by 380x."""
    log10 = point.mean
    winner = INITIALISERS[experiment.b if log10 > 0 else experiment.a].short
    return f"{NAMES[over]} {point.value}: {winner} wins by {factor(abs(log10))} ({len(point.log10_ratio)} runs)"


def sweep(
    experiment: Experiment,
    over: str,
    result: SweepResult | None,
    cursor: int | None,
    width: int,
    height: int,
    palette: Palette,
) -> Picture:
    """The chart with its caption; `cursor` is the index of the point read out, if any."""
    muted, text = Style(palette.muted, None), Style(palette.text, None, bold=True)
    if result is None or not result.points:
        message = paragraph(f"{ratio_name(experiment)} by {NAMES[over].lower()}: not computed yet", width, muted)
        return (*message, *blank(width, height - len(message)))
    points = result.points
    lines = paragraph(caption(experiment, over, points[0].value, points[-1].value), width, muted)
    at = None
    if cursor is not None:
        at = points[min(cursor, len(points) - 1)]
        spoken = paragraph(readout(experiment, over, at), width, text)
        # as many rows as the caption has, so that the chart does not jump while the cursor moves
        lines = (*spoken, *blank(width, len(lines) - len(spoken)))
    bands = [band(point.log10_ratio) for point in points]
    chart = sweep_chart(
        ratio_name(experiment),
        NAMES[over],
        [point.value for point in points],
        [point.mean for point in points],
        [float(b.p10) for b in bands],
        [float(b.p90) for b in bands],
        current=getattr(experiment, over),
        cursor=None if at is None else at.value,
    )
    return (*render(chart, width, max(1, height - len(lines)), palette), *lines)
