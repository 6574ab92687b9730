"""What theory says beside the measurement, in words: how far it is off, the phases, and the advice."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.advice import advise
from tui_initflow.findings.notation import plain, scientific
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.pages.rows import blank, fit, paragraph
from tui_initflow.theory.outlook import Report

LEGEND = "○◇ predicted median, ┬┴ 10-90%, thin line: infinite width; % of measured"
MARKS = "○◇"
MEDIAN_ERROR = 1.2533
"""Standard error of a median over that of a mean, for a normal distribution: sqrt(pi / 2)."""


def theory_note(summary: Summary, width: int, palette: Palette) -> Picture:
    """A few rows for under the gradient chart."""
    if summary.theory is None:
        return ()
    muted = Style(palette.muted, None)
    rows = [*paragraph(LEGEND, width, muted)]
    colours = (palette.a, palette.b)
    for mark, method, report, colour in zip(MARKS, summary.methods, summary.theory, colours, strict=True):
        text = f"{method.name}: {_phase(report)} · {_residual(method, report, summary.runs)}"
        rows += paragraph(text, width, Style(colour, None), hanging=f"{mark} ")
    return tuple(rows)


def advice_section(summary: Summary, width: int, palette: Palette) -> Picture:
    """One sentence for each method, and the line of PyTorch that follows it."""
    head = Style(palette.accent, None, bold=True)
    title = fit([("Advice", head)], width)
    if summary.theory is None:
        return (title, *paragraph("press t: theory and advice", width, Style(palette.muted, None)))
    rows = [title]
    for method, report, colour in zip(summary.methods, summary.theory, (palette.a, palette.b), strict=True):
        advice = advise(summary.experiment, method.portrait, report)
        rows += paragraph(advice.sentence, width, Style(palette.text, None))
        rows += paragraph(advice.torch_line, width, Style(colour, None), hanging="  ")
    return (*rows, *blank(width))


def _phase(report: Report) -> str:
    phase = report.phase
    chi = f"chi {plain(math.log10(phase.chi))}" if phase.chi > 0 else "chi 0"
    scale = "" if phase.name == "critical" else f", xi {phase.xi:.2g}"
    return f"{phase.name}, {chi}{scale}"


def _residual(method: MethodSummary, report: Report, runs: int) -> str:
    """How far the prediction is from the measured medians, at L0 and where it is furthest."""
    prediction = report.prediction
    if prediction.reason is not None:
        return f"no prediction, {prediction.reason}"
    measured = method.gradient.median
    reliable = prediction.reliable[:-1]
    if not np.any(reliable):
        at = _percent(float(prediction.log10_gradient[0] - measured[0]))
        return f"unreliable, {prediction.note}; infinite width {at} at L0"
    off = np.where(reliable, prediction.log10_median[:-1] - measured[:-1], np.nan)
    if not np.any(np.isfinite(off)):
        return "every measured gradient is zero"
    worst = int(np.nanargmax(np.abs(off)))
    error = MEDIAN_ERROR * float(prediction.sd_ln[worst]) / math.sqrt(runs)
    text = f"at most {_percent(float(off[worst]))} at L{worst} (chance ±{error:.1%})"
    if math.isfinite(off[0]) and worst:
        text = f"{_percent(float(off[0]))} at L0, {text}"
    return text if reliable.all() else f"{text}; unreliable where no mark: {prediction.note}"


def _percent(log10: float) -> str:
    """A factor as a signed difference in percent; as a factor where it is large."""
    if not math.isfinite(log10):
        return scientific(log10)
    if abs(log10) > 1:
        return f"x{scientific(log10, 1)}"
    return f"{10**log10 - 1:+.1%}"
