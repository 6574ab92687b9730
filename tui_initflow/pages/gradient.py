"""Gradient magnitude through the layers, with how to read it, or with theory beside the measurement."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.charts.axes import Floats, Ticks, thinned
from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.description import LineChart, Role, Series, Zone
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings import wording
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.model.number_formats import NUMBER_FORMATS, NumberFormat
from tui_initflow.model.pair import SIDES
from tui_initflow.pages.rows import paragraph
from tui_initflow.theory.outlook import Outlook, Theory
from tui_initflow.theory.prediction import Prediction

HOW_TO_READ = (
    "Gradients flow right to left: from the output, where both start at 1, to L0, the first layer, "
    "the one that matters."
)
AVERAGES = " Line: median; shade: 10-90%."
MARKS = "○◇"
LEGEND = f"Line: median; {MARKS}: predicted; shade, ┬┴: 10-90%; thin: infinite width"
MEDIAN_ERROR = math.sqrt(math.pi / 2)
"""Standard error of a median over that of a mean, for a normal distribution."""
MOST_TICKS = 60


def gradient(
    summary: Summary,
    width: int,
    height: int,
    palette: Palette,
    *,
    kept: Summary | None = None,
    unicode: bool = True,
) -> Picture:
    """The curves of both methods; behind them, thin, those of a result that was kept to compare with."""
    methods, theory = summary.methods, summary.theory
    number_format = NUMBER_FORMATS.get(summary.experiment.format)
    bands = {side: methods[side].band for side in SIDES}
    predictions = {} if theory is None else {side: theory.outlooks[side].prediction for side in SIDES}
    chart = LineChart(
        title="Gradient magnitude through layers, log scale",
        short_title="Gradient",
        series=[_series(methods[side].name, side, band.median, band.p10, band.p90) for side, band in bands.items()],
        x_title="Layer",
        x_ticks=_layer_ticks(1 + max(one.experiment.layers for one in (summary, kept) if one is not None)),
        limits=[_series("", side, prediction.log10_gradient) for side, prediction in predictions.items()],
        # without a reliable number there is nothing to draw but the limit
        expected=[_series("theory", side, *_reliable(prediction)) for side, prediction in predictions.items()],
        zones=[] if number_format is None else _zones(number_format),
        ghosts=[] if kept is None else _ghosts(kept),
    )
    text = HOW_TO_READ + AVERAGES * (summary.runs > 1)
    note = theory_note(summary, width, palette)
    if number_format is not None:
        note += _format_note(summary, number_format, width, palette)
    note = note or paragraph(text, width, Style(palette.muted))
    return (*render(chart, width, max(1, height - len(note)), palette, unicode=unicode), *note)


def _ghosts(kept: Summary) -> list[Series]:
    # one name for both in the legend
    return [_series("kept" if side == "b" else "", side, kept.methods[side].band.median) for side in SIDES]


def _zones(number_format: NumberFormat) -> list[Zone]:
    """What the number format does not hold, or holds with fewer digits."""
    name, log10_2 = number_format.name, math.log10(2.0)
    smallest, normal = number_format.log2_smallest * log10_2, number_format.least_exponent * log10_2
    return [
        Zone(f"{name}: becomes 0", -math.inf, smallest, is_lost=True),
        Zone(f"{name}: loses digits", smallest, normal, is_lost=False),
        Zone(f"{name}: overflows", math.log10(number_format.largest), math.inf, is_lost=True),
    ]


def _format_note(summary: Summary, number_format: NumberFormat, width: int, palette: Palette) -> Picture:
    """What the number format holds, and what of each method's gradient it loses."""
    rows = [*paragraph(wording.format_limits(number_format), width, Style(palette.muted))]
    for method, colour in zip(summary.methods, (palette.a, palette.b), strict=True):
        if method.elements is not None:
            rows += paragraph(f"{method.name}: {wording.lost_elements(method.elements)}", width, Style(colour))
    return tuple(rows)


def prediction_chart(theory: Theory) -> LineChart:
    """What theory predicts without a measurement beside it.

    Medians with their bands at this width; infinite width, without a band, where these are not reliable.
    """
    series = []
    for side in SIDES:
        prediction = theory.outlooks[side].prediction
        median, *ends = _reliable(prediction)
        curve = np.where(prediction.reliable, median, prediction.log10_gradient)
        layers, known = np.arange(len(curve), dtype=np.float64), ~np.isnan(curve)
        x, y, low, high = (part[known] for part in (layers, curve, *ends))
        series.append(Series(theory.experiment.methods[side].label, side, x, y, (low, high)))
    first = min((x for one in series for x in one.x), default=0.0)
    return LineChart(
        title="Predicted gradient magnitude through layers, log scale",
        short_title="Predicted gradient",
        series=series,
        x_title="Layer",
        x_ticks=[tick for tick in _layer_ticks(theory.experiment.layers + 1) if tick[0] >= first],
    )


def _series(name: str, role: Role, curve: Floats, *band: Floats) -> Series:
    return Series(name, role, np.arange(len(curve), dtype=np.float64), curve, band)


def _reliable(prediction: Prediction) -> list[Floats]:
    """The median at this width and its 10-90 % range, nan where they are not reliable."""
    columns = (prediction.log10_median, prediction.log10_p10, prediction.log10_p90)
    return [np.where(prediction.reliable, column, np.nan) for column in columns]


def _layer_ticks(points: int) -> Ticks:
    """L0 … L{points - 1}, every n-th of many."""
    return [(float(layer), f"L{layer}") for layer in thinned(points, MOST_TICKS)]


def theory_note(summary: Summary, width: int, palette: Palette) -> Picture:
    """The rows under the chart: how to read the marks, each method's phase, and how far its prediction is off."""
    if summary.theory is None:
        return ()
    rows = [*paragraph(LEGEND, width, Style(palette.muted))]
    colours = (palette.a, palette.b)
    for mark, method, outlook, colour in zip(MARKS, summary.methods, summary.theory.outlooks, colours, strict=True):
        text = f"{method.name}: {wording.phase(outlook)} · {_residual(method, outlook, summary.runs)}"
        rows += paragraph(text, width, Style(colour), hanging=f"{mark} ")
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
