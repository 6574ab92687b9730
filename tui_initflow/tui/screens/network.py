"""The form: every setting that has neither a field nor a list of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.widgets import Input, Label

from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.settings import CRITICAL, SettingError
from tui_initflow.tui.screens.dialogue import Dialogue

LONGEST = 5000
LINES = tuple(setting for setting in SETTINGS.values() if setting.place == "form")


class NetworkScreen(Dialogue[Experiment | None]):
    """Answers with the new settings, None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self._experiment = experiment
        self._shown = {line.name: line.text(getattr(experiment, line.name)) for line in LINES}

    def compose(self) -> ComposeResult:
        with Vertical(id="network"):
            yield Label("Network and weights: enter takes all, escape leaves", id="network-title")
            with Grid():
                for line in LINES:
                    yield Label(line.label)
                    yield Input(self._shown[line.name], id=f"network-{line.name}", max_length=LONGEST, compact=True)
                    yield Label(line.hint, classes="hint", markup=False)
            yield Label("", id="network-refusal", markup=False)

    @on(Input.Submitted)
    def _take(self) -> None:
        try:
            self.dismiss(self._typed())
        except SettingError as error:
            self._refuse(error)

    def _refuse(self, error: SettingError) -> None:
        label = SETTINGS[error.field].label if error.field in SETTINGS else error.field
        self.query_one("#network-refusal", Label).update(f"✗ {label}: {error.problem}; {error.allowed}")
        for field in self.query(f"#network-{error.field}"):
            field.focus()

    def _typed(self) -> Experiment:
        """The experiment that the form describes.

        Raises:
            SettingError: a field holds what is not allowed.
        """
        typed = {line.name: self.query_one(f"#network-{line.name}", Input).value.strip() for line in LINES}
        changed: dict[str, Any] = {name: text for name, text in typed.items() if text != self._shown[name]}
        for name, text in changed.items():
            if not text and SETTINGS[name].default is None:
                changed[name] = None
        if CRITICAL not in changed.values():
            return self._experiment.with_(**changed)
        # which loads numpy
        from tui_initflow.theory.outlook import with_critical_gains

        return with_critical_gains(self._experiment, changed)
