"""The app's charts as lines of text, for a terminal, a pipe or a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.encode import Encoding, to_ansi, to_plain
from tui_initflow.charts.palette import DARK, Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.grid import GridResult
from tui_initflow.engine.grid_plan import Quantity
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.text import verdict_lines
from tui_initflow.findings import wording
from tui_initflow.findings.inspection import Inspection, headline
from tui_initflow.findings.layers import of_runs, of_theory
from tui_initflow.findings.learning import TrainedMap, learning_claims
from tui_initflow.findings.summary import summarise
from tui_initflow.pages.gradient import gradient, prediction_chart
from tui_initflow.pages.phase import PhaseChart
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.rows import blank, paragraph
from tui_initflow.pages.runs import finals
from tui_initflow.pages.sweeps import sweep
from tui_initflow.pages.train import arranged, charts, how_to_read, sentences
from tui_initflow.pages.trained_map import TrainedChart
from tui_initflow.pages.why import claim_rows
from tui_initflow.theory.outlook import Outlook, Theory
from tui_initflow.training.results import TrainingResult

DEFAULT_WIDTH = 80
GRADIENT_ROWS, HISTOGRAM_ROWS, RUNS_ROWS, SWEEP_ROWS, TRAINING_ROWS, MAP_ROWS = 20, 20, 14, 20, 12, 30
"""Heights; the width is the terminal's."""
TRAINING_COLUMN = 40
"""Columns for each of the charts of a training, which are side by side."""

_ASCII = str.maketrans("█━σ…·±–×▀▄░√“”✓✗ξ⁻³", '#os.-+-x  :v""+-x-3')
"""Replacements for the text around charts, each as wide as the original; charts have ASCII characters of their own."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """How charts look where they are printed: without colours where `colours` is None."""

    width: int = DEFAULT_WIDTH
    colours: Encoding | None = None
    palette: Palette = DARK

    @property
    def unicode(self) -> bool:
        """Whether it shows more than ASCII."""
        return self.palette.glyphs.unicode

    def text(self, picture: Picture) -> str:
        """The lines of a picture; the last one does not end in a newline."""
        if self.colours is None:
            text = to_plain(picture, self.palette)
        else:
            text = to_ansi(picture, self.colours, self.palette.background)
        return text if self.unicode else text.translate(_ASCII)


def to_plot(
    result: Results | SweepResult | GridResult | Theory | TrainingResult | TrainedMap | Inspection, terminal: Terminal
) -> str:
    """The charts one below the other, with their findings in words."""
    match result:
        case Results():
            parts = _run(result, terminal)
        case SweepResult():
            size = (terminal.width, SWEEP_ROWS)
            chart = sweep(result, result.experiment, None, *size, terminal.palette)
            parts = [_heading(wording.sweep_title(result.experiment, result.over), terminal), chart]
        case GridResult():
            parts = _grid(result, terminal)
        case Theory():
            parts = _theory(result, terminal)
        case TrainingResult():
            parts = _training(result, terminal)
        case TrainedMap():
            parts = [TrainedChart(result).draw(None, terminal.width, MAP_ROWS, terminal.palette)]
        case Inspection():
            parts = _inspection(result, terminal)
    gap = blank(terminal.width)
    rows = [row for part in parts for row in (*gap, *part)][1:]
    while not "".join(text for text, _ in rows[-1]).strip():
        rows.pop()
    return terminal.text(tuple(rows)) + "\n"


def _heading(text: str, terminal: Terminal) -> Picture:
    return paragraph(text, terminal.width, Style(terminal.palette.text, bold=True))


def _run(results: Results, terminal: Terminal) -> list[Picture]:
    summary = summarise(results)
    layers, width, palette = of_runs(summary), terminal.width, terminal.palette
    parts = [
        _heading(wording.long_title(summary.experiment), terminal),
        gradient(layers, width, GRADIENT_ROWS, palette),
        histograms(layers, width, HISTOGRAM_ROWS, palette),
    ]
    if results.runs > 1:
        parts.append(finals(summary, width, RUNS_ROWS, palette))
    words = tuple(row for line in verdict_lines(summary) for row in paragraph(line, width, Style(palette.text)))
    return [*parts, words]


def _grid(result: GridResult, terminal: Terminal) -> list[Picture]:
    """A map of each method and one of their ratio."""
    experiment, quantities = result.plan.experiment, get_args(Quantity)
    charts = (PhaseChart(experiment, result, quantity) for quantity in quantities)
    return [chart.draw(None, terminal.width, MAP_ROWS, terminal.palette) for chart in charts]


def _theory(theory: Theory, terminal: Terminal) -> list[Picture]:
    width, palette = terminal.width, terminal.palette
    experiment = theory.experiment
    words = [*paragraph("Line: predicted median; shade: 10-90% of the runs.", width, Style(palette.muted))]
    for method, outlook, colour in zip(experiment.methods, theory.outlooks, (palette.a, palette.b), strict=True):
        depth = wording.trainable_depth(experiment, outlook)
        text = f"{method.label}: {wording.phase(outlook)}; {depth}.{_doubt(outlook)}"
        words += paragraph(text, width, Style(colour))
    return [
        _heading(wording.title(experiment), terminal),
        render(prediction_chart(of_theory(theory)), width, GRADIENT_ROWS, palette),
        tuple(words),
    ]


def _training(result: TrainingResult, terminal: Terminal) -> list[Picture]:
    width, palette = terminal.width, terminal.palette
    columns = max(1, width // TRAINING_COLUMN)
    return [
        _heading(wording.long_title(result.experiment), terminal),
        sentences(result, width, palette),
        arranged(charts(result), columns, width, TRAINING_ROWS, palette),
        paragraph(how_to_read(result), width, Style(palette.muted)),
        tuple(row for claim in learning_claims(result) for row in claim_rows(claim, width, palette)),
    ]


def _inspection(inspection: Inspection, terminal: Terminal) -> list[Picture]:
    """The chain of a checkpoint beside fresh draws, if its size is drawn."""
    width, palette = terminal.width, terminal.palette
    parts = [_heading(f"{inspection.file}: {headline(inspection)}", terminal)]
    parts += [paragraph(problem, width, Style(palette.text)) for problem in inspection.problems]
    layers = inspection.layers
    if layers is None:
        return [*parts, paragraph(f"No charts. No chain: {inspection.no_chain}.", width, Style(palette.muted))]
    return [
        *parts,
        gradient(layers, width, GRADIENT_ROWS, palette),
        histograms(layers, width, HISTOGRAM_ROWS, palette),
    ]


def _doubt(outlook: Outlook) -> str:
    prediction = outlook.prediction
    if prediction.reason is not None:
        return f" No prediction: {prediction.reason}."
    if prediction.note is not None:
        return f" No band, infinite width only: {prediction.note}."
    return ""
