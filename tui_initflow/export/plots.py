"""The charts of the app as lines of text, for a terminal without the app, a pipe or a file."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.prediction import prediction_chart
from tui_initflow.charts.render import render
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.terminal import Terminal
from tui_initflow.export.text import sweep_title, title, verdict_lines
from tui_initflow.export.theory import Reports, budget_line, phase_line
from tui_initflow.findings.summary import summarise
from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.captions import network_text
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.rows import blank, paragraph
from tui_initflow.pages.runs import finals
from tui_initflow.pages.sweeps import sweep
from tui_initflow.theory.outlook import Report

GRADIENT_ROWS, HISTOGRAM_ROWS, RUNS_ROWS, SWEEP_ROWS = 20, 20, 14, 20
"""Heights: the width is the terminal's, but what is printed scrolls."""


def run_plot(results: Results, terminal: Terminal) -> str:
    """What `run --plot` prints."""
    summary = summarise(results)
    width, palette = terminal.width, terminal.palette
    heading, text = Style(palette.text, None, bold=True), Style(palette.text, None)
    parts = [
        paragraph(title(results.experiment, results.runs), width, heading),
        gradient(summary, width, GRADIENT_ROWS, palette, unicode=terminal.unicode),
        histograms(summary, width, HISTOGRAM_ROWS, palette, unicode=terminal.unicode),
        *([finals(summary, width, RUNS_ROWS, palette, unicode=terminal.unicode)] if results.runs > 1 else []),
        tuple(row for line in verdict_lines(results) for row in paragraph(line, width, text)),
    ]
    return _page(parts, terminal)


def sweep_plot(result: SweepResult, terminal: Terminal) -> str:
    """What `sweep --plot` prints."""
    heading = Style(terminal.palette.text, None, bold=True)
    chart = sweep(
        result.experiment,
        result.over,
        result,
        None,
        terminal.width,
        SWEEP_ROWS,
        terminal.palette,
        unicode=terminal.unicode,
    )
    return _page([paragraph(sweep_title(result), terminal.width, heading), chart], terminal)


def theory_plot(experiment: Experiment, found: Reports, terminal: Terminal) -> str:
    """What `theory --plot` prints."""
    width, palette = terminal.width, terminal.palette
    a, b = found["a"], found["b"]
    names = experiment.labels
    chart = prediction_chart(names[0], a.prediction, names[1], b.prediction)
    words = [
        row
        for name, report, colour in zip(names, (a, b), (palette.a, palette.b), strict=True)
        for row in paragraph(_theory_words(name, report), width, Style(colour, None))
    ]
    parts = [
        paragraph(network_text(experiment), width, Style(palette.text, None, bold=True)),
        render(chart, width, GRADIENT_ROWS, palette, unicode=terminal.unicode),
        (
            *paragraph("Line: predicted median; shade: 10-90% of the runs.", width, Style(palette.muted, None)),
            *words,
        ),
    ]
    return _page(parts, terminal)


def _theory_words(name: str, report: Report) -> str:
    prediction = report.prediction
    text = f"{name}: {phase_line(report)}; {budget_line(report)}."
    if prediction.reason is not None:
        return f"{text} No prediction: {prediction.reason}."
    if prediction.note is not None:
        return f"{text} Without a band: infinite width alone, as {prediction.note}."
    return text


def _page(parts: list[Picture], terminal: Terminal) -> str:
    """The parts under each other, a blank line between them."""
    gap = blank(terminal.width)
    rows = [row for part in parts for row in (*gap, *part)][1:]
    while not "".join(text for text, _ in rows[-1]).strip():
        rows.pop()
    return terminal.text(tuple(rows)) + "\n"
