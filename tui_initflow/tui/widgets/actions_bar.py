"""Run once, run many, stop, the number of runs, and the line that says what is being computed and how far it is."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from tui_initflow.model.experiment import SETTINGS
from tui_initflow.pages.chrome import message, progress, refusal
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.picture_view import PictureView


class ActionsBar(Horizontal):
    """A button's name is the action that pressing it runs."""

    def __init__(self, runs: int, *, id: str) -> None:
        super().__init__(id=id)
        self._runs = runs
        self._many = Button(f"Run {runs}x", id="run-many", name="run_many", compact=True)
        self._stop = Button("Stop", id="stop", name="stop", compact=True, disabled=True)
        self._status = PictureView(partial(message, ""), id="status")
        self._shows_progress = False

    def compose(self) -> ComposeResult:
        yield Button("Run 1x", id="run-once", name="run_once", compact=True)
        yield self._many
        yield self._stop
        yield NumberField(SETTINGS["runs"], self._runs, id="field-runs")
        yield self._status

    def set_runs(self, runs: int) -> None:
        self._many.label = f"Run {runs}x"

    def set_busy(self, busy: bool) -> None:
        self._stop.disabled = not busy

    def say(self, text: str) -> None:
        self._shows_progress = False
        self._status.show(partial(message, text))

    def refuse(self, text: str) -> None:
        self._shows_progress = False
        self._status.show(partial(refusal, text))

    def progress(self, text: str, fraction: float) -> None:
        self._shows_progress = True
        self._status.show(partial(progress, text, fraction))

    def end_progress(self) -> None:
        """Clear a progress bar; a message stays."""
        if self._shows_progress:
            self.say("")
