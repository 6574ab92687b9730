"""Gradient magnitude through the layers, with how to read it."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.gradient import gradient_chart
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.rows import paragraph
from tui_initflow.pages.theory import theory_note

HOW_TO_READ = (
    "Gradients flow right to left: right is the output, where both start at 1; "
    "left (L0) is the first layer, what matters."
)


def gradient(summary: Summary, width: int, height: int, palette: Palette, *, unicode: bool = True) -> Picture:
    text = HOW_TO_READ
    if summary.runs > 1:
        text += " Line: median of the runs; shade: 10-90%."
    note = theory_note(summary, width, palette) or paragraph(text, width, Style(palette.muted, None))
    predicted = None
    if summary.theory is not None:
        of_a, of_b = summary.theory
        predicted = of_a.prediction, of_b.prediction
    chart = gradient_chart(summary.a.name, summary.a.gradient, summary.b.name, summary.b.gradient, predicted)
    return (*render(chart, width, max(1, height - len(note)), palette, unicode=unicode), *note)
