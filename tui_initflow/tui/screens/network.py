"""The form: every setting that has neither a field nor a list of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.widgets import Input, Label

from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.settings import CRITICAL, SettingError
from tui_initflow.tui.screens.dialogue import Dialogue

LONGEST = 5000
LINES = tuple(setting for setting in SETTINGS.values() if setting.place == "form")


class NetworkScreen(Dialogue[Experiment | None]):
    """Answers with the new settings, None if it was cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, experiment: Experiment) -> None:
        super().__init__("Network and weights: Enter applies all, Escape cancels")
        self._experiment = experiment
        self._before = {line.name: line.text(getattr(experiment, line.name)) for line in LINES}
        self._inputs = {
            name: Input(text, id=f"network-{name}", max_length=LONGEST, compact=True)
            for name, text in self._before.items()
        }

    def body(self) -> ComposeResult:
        with Grid():
            for line in LINES:
                yield Label(line.label)
                yield self._inputs[line.name]
                yield Label(line.hint, classes="hint", markup=False)

    @on(Input.Submitted)
    def _take(self) -> None:
        try:
            self.dismiss(self._typed())
        except SettingError as error:
            label = SETTINGS[error.field].label if error.field in SETTINGS else error.field
            self.refuse(f"{label}: {error.problem}; {error.allowed}")
            if error.field in self._inputs:
                self._inputs[error.field].focus()

    def _typed(self) -> Experiment:
        """The experiment that the form describes.

        Raises:
            SettingError: a field holds what is not allowed.
        """
        typed = {name: field.value.strip() for name, field in self._inputs.items()}
        changed: dict[str, Any] = {name: text for name, text in typed.items() if text != self._before[name]}
        for name, text in changed.items():
            if not text and SETTINGS[name].default is None:
                changed[name] = None
        if CRITICAL not in changed.values():
            return self._experiment.with_(**changed)
        # which loads numpy
        from tui_initflow.theory.outlook import with_critical_gains

        return with_critical_gains(self._experiment, changed)
