"""The charts of the app as lines of text, for a terminal without the app, a pipe or a file."""

from __future__ import annotations

from dataclasses import dataclass

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.encode import Encoding, to_ansi, to_plain
from tui_initflow.charts.from_results import prediction_chart
from tui_initflow.charts.glyphs import ASCII, UNICODE
from tui_initflow.charts.palette import DARK, Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.text import verdict_lines
from tui_initflow.findings import wording
from tui_initflow.findings.summary import summarise
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.rows import blank, paragraph
from tui_initflow.pages.runs import finals
from tui_initflow.pages.sweeps import sweep
from tui_initflow.theory.outlook import Outlook, Theory

DEFAULT_WIDTH = 80
GRADIENT_ROWS, HISTOGRAM_ROWS, RUNS_ROWS, SWEEP_ROWS = 20, 20, 14, 20
"""Heights: the width is the terminal's, but what is printed scrolls."""


_ASCII = str.maketrans("█━σ…·±–×▀▄░√", "#os.-+-x  :v")
"""Cell by cell what the texts around charts have beyond ASCII; charts have characters of their own."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What charts may use where they are printed.

    `colours` is None where there are none; `unicode` says whether there is more than ASCII.
    """

    width: int = DEFAULT_WIDTH
    colours: Encoding | None = None
    unicode: bool = True
    palette: Palette = DARK

    def text(self, picture: Picture) -> str:
        """The picture in lines, the last one without a line end."""
        if self.colours is None:
            text = to_plain(picture, self.palette, UNICODE if self.unicode else ASCII)
        else:
            text = to_ansi(picture, self.colours, self.palette.background)
        return text if self.unicode else text.translate(_ASCII)


def to_plot(found: object, terminal: Terminal) -> str:
    """The charts under each other, with what they say in words."""
    match found:
        case Results():
            parts = _run(found, terminal)
        case SweepResult():
            parts = _sweep(found, terminal)
        case Theory():
            parts = _theory(found, terminal)
        case _:
            raise TypeError(f"{type(found).__name__} has no charts")
    gap = blank(terminal.width)
    rows = [row for part in parts for row in (*gap, *part)][1:]
    while not "".join(text for text, _ in rows[-1]).strip():
        rows.pop()
    return terminal.text(tuple(rows)) + "\n"


def _heading(text: str, terminal: Terminal) -> Picture:
    return paragraph(text, terminal.width, Style(terminal.palette.text, None, bold=True))


def _run(results: Results, terminal: Terminal) -> list[Picture]:
    summary = summarise(results)
    width, palette, unicode = terminal.width, terminal.palette, terminal.unicode
    text = Style(palette.text, None)
    parts = [
        _heading(wording.long_title(summary.experiment), terminal),
        gradient(summary, width, GRADIENT_ROWS, palette, unicode=unicode),
        histograms(summary, width, HISTOGRAM_ROWS, palette, unicode=unicode),
    ]
    if results.runs > 1:
        parts.append(finals(summary, width, RUNS_ROWS, palette, unicode=unicode))
    words = tuple(row for line in verdict_lines(summary) for row in paragraph(line, width, text))
    return [*parts, words]


def _sweep(result: SweepResult, terminal: Terminal) -> list[Picture]:
    experiment = result.experiment
    chart = sweep(result, experiment, None, terminal.width, SWEEP_ROWS, terminal.palette, unicode=terminal.unicode)
    return [_heading(wording.sweep_title(experiment, result.over), terminal), chart]


def _theory(theory: Theory, terminal: Terminal) -> list[Picture]:
    width, palette = terminal.width, terminal.palette
    experiment, (a, b) = theory.experiment, theory.outlooks
    names = experiment.methods.map(lambda method: method.label)
    chart = prediction_chart(names.a, a.prediction, names.b, b.prediction)
    said = [
        f"{name}: {wording.phase(outlook)}; {wording.trainable_depth(experiment, outlook)}.{_doubt(outlook)}"
        for name, outlook in zip(names, theory.outlooks, strict=True)
    ]
    colours = (palette.a, palette.b)
    words = [
        row for text, colour in zip(said, colours, strict=True) for row in paragraph(text, width, Style(colour, None))
    ]
    legend = paragraph("Line: predicted median; shade: 10-90% of the runs.", width, Style(palette.muted, None))
    return [
        _heading(wording.title(experiment), terminal),
        render(chart, width, GRADIENT_ROWS, palette, unicode=terminal.unicode),
        (*legend, *words),
    ]


def _doubt(outlook: Outlook) -> str:
    prediction = outlook.prediction
    if prediction.reason is not None:
        return f" No prediction: {prediction.reason}."
    if prediction.note is not None:
        return f" Without a band, infinite width alone: {prediction.note}."
    return ""
