"""Run once, run many, stop, the number of runs, and the line that says what is being computed and how far it is."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from tui_initflow.model.experiment import SETTINGS
from tui_initflow.pages.chrome import message, progress, refusal
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.picture_view import Painter, PictureView


class ActionsBar(Horizontal):
    """A button's name is the action that pressing it runs."""

    def __init__(self, runs: int, *, id: str) -> None:
        super().__init__(id=id)
        self._runs = runs

    def compose(self) -> ComposeResult:
        yield Button("Run 1x", id="run-once", name="run_once", compact=True)
        yield Button(f"Run {self._runs}x", id="run-many", name="run_many", compact=True)
        yield Button("Stop", id="stop", name="stop", compact=True, disabled=True)
        yield NumberField(SETTINGS["runs"], self._runs, id="field-runs")
        yield PictureView(partial(message, ""), id="status")

    def set_runs(self, runs: int) -> None:
        self.query_one("#run-many", Button).label = f"Run {runs}x"

    def set_busy(self, busy: bool) -> None:
        self.query_one("#stop", Button).disabled = not busy

    def say(self, text: str) -> None:
        self._show(partial(message, text))

    def refuse(self, text: str) -> None:
        self._show(partial(refusal, text))

    def progress(self, text: str, fraction: float) -> None:
        self._show(partial(progress, text, fraction))

    def _show(self, painter: Painter) -> None:
        self.query_one("#status", PictureView).show(painter)
