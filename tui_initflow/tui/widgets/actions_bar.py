"""Run once, run many, stop, and the line that says what is being computed and how far it is."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.pages.rows import fit
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.picture_view import PictureView

BAR_WIDTH = 16
EIGHTHS = " ▏▎▍▌▋▊▉█"


def message(text: str, width: int, _height: int, palette: Palette) -> Picture:
    return (fit([(f" {text}", Style(palette.muted, None))], width),)


def refusal(text: str, width: int, _height: int, palette: Palette) -> Picture:
    return (fit([(f" ✗ {text}", Style(palette.bad, None, bold=True))], width),)


def progress(text: str, fraction: float, width: int, _height: int, palette: Palette) -> Picture:
    room = min(BAR_WIDTH, max(4, width - len(text) - 4))
    full, rest = divmod(round(min(max(fraction, 0.0), 1.0) * room * 8), 8)
    bar = ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(room)
    return (
        fit(
            [
                (" ", Style(None, None)),
                (bar, Style(palette.accent, palette.surface)),
                (f" {text}", Style(palette.text, None)),
            ],
            width,
        ),
    )


class ActionsBar(Horizontal):
    """The buttons' presses bubble up as they are; the number of runs is a field like the others."""

    def __init__(self, runs: int, *, id: str) -> None:
        super().__init__(id=id)
        self._runs = runs

    def compose(self) -> ComposeResult:
        yield Button("Run 1x", id="run-once", compact=True)
        yield Button(f"Run {self._runs}x", id="run-many", compact=True)
        yield Button("Stop", id="stop", compact=True, disabled=True)
        yield NumberField("runs", "Runs", self._runs, id="field-runs")
        yield PictureView(partial(message, ""), id="status")

    def set_runs(self, runs: int) -> None:
        self.query_one("#run-many", Button).label = f"Run {runs}x"

    def set_busy(self, busy: bool) -> None:
        self.query_one("#stop", Button).disabled = not busy

    def say(self, text: str) -> None:
        self.query_one("#status", PictureView).show(partial(message, text))

    def refuse(self, text: str) -> None:
        self.query_one("#status", PictureView).show(partial(refusal, text))

    def progress(self, text: str, fraction: float) -> None:
        self.query_one("#status", PictureView).show(partial(progress, text, fraction))
