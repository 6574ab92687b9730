"""Gradient magnitude through the layers, with how to read it, or with theory beside the measurement."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.from_results import gradient_chart
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings import wording
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.pages.rows import paragraph
from tui_initflow.theory.outlook import Outlook

HOW_TO_READ = (
    "Gradients flow right to left: from the output, where both start at 1, to L0, the first layer, "
    "the one that matters."
)
AVERAGES = " Line: median; shade: 10-90%."
MARKS = "○◇"
LEGEND = f"Line: median; {MARKS}: predicted; shade, ┬┴: 10-90%; thin: infinite width"
MEDIAN_ERROR = math.sqrt(math.pi / 2)
"""Standard error of a median over that of a mean, for a normal distribution."""


def gradient(summary: Summary, width: int, height: int, palette: Palette, *, unicode: bool = True) -> Picture:
    a, b = summary.methods
    theory = summary.theory
    predicted = None if theory is None else (theory.outlooks.a.prediction, theory.outlooks.b.prediction)
    text = HOW_TO_READ + AVERAGES * (summary.runs > 1)
    note = theory_note(summary, width, palette) or paragraph(text, width, Style(palette.muted, None))
    chart = gradient_chart(a.name, a.band, b.name, b.band, predicted)
    return (*render(chart, width, max(1, height - len(note)), palette, unicode=unicode), *note)


def theory_note(summary: Summary, width: int, palette: Palette) -> Picture:
    """The rows under the chart: how to read the marks, each method's phase, and how far its prediction is off."""
    if summary.theory is None:
        return ()
    rows = [*paragraph(LEGEND, width, Style(palette.muted, None))]
    colours = (palette.a, palette.b)
    for mark, method, outlook, colour in zip(MARKS, summary.methods, summary.theory.outlooks, colours, strict=True):
        text = f"{method.name}: {wording.phase(outlook)} · {_residual(method, outlook, summary.runs)}"
        rows += paragraph(text, width, Style(colour, None), hanging=f"{mark} ")
    return tuple(rows)


def _residual(method: MethodSummary, outlook: Outlook, runs: int) -> str:
    """How far the predicted median is from the measured one, at L0 and where it is furthest off."""
    prediction = outlook.prediction
    if prediction.reason is not None:
        return f"no prediction: {prediction.reason}"
    measured = method.band.median
    reliable = prediction.reliable[:-1]
    if not np.any(reliable):
        at = _percent(float(prediction.log10_gradient[0] - measured[0]))
        return f"prediction unreliable: {prediction.note}; infinite width {at} at L0"
    off = np.where(reliable, prediction.log10_median[:-1] - measured[:-1], np.nan)
    if not np.any(np.isfinite(off)):
        return "every measured median is 0"
    worst = int(np.nanargmax(np.abs(off)))
    error = MEDIAN_ERROR * float(prediction.sd_ln[worst]) / math.sqrt(runs)
    text = f"at worst {_percent(float(off[worst]))} at L{worst} (sampling error ±{error:.1%})"
    if math.isfinite(off[0]) and worst:
        text = f"{_percent(float(off[0]))} at L0, {text}"
    doubt = "" if reliable.all() else f"; unreliable where unmarked: {prediction.note}"
    return f"prediction off by {text}{doubt}"


def _percent(log10: float) -> str:
    """A factor as a signed difference in percent, or as a factor where it is large."""
    if not math.isfinite(log10):
        return scientific(log10)
    if abs(log10) > 1:
        return f"×{scientific(log10, 1)}"
    return f"{10**log10 - 1:+.1%}"
