"""The settings beyond layers, neurons and features: widths, gains, biases, the backward start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui_initflow.model.experiment import LIMITS, REAL_LIMITS, STARTS, Experiment, SettingError
from tui_initflow.model.widths import EXAMPLE, widths_text
from tui_initflow.tui.screens.left_once import LeftOnce

CRITICAL = "critical"
LONGEST = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """One setting of the form: its name as the user sees it, what it is now, and what may be typed."""

    setting: str
    title: str
    value: str
    hint: str


def lines_of(experiment: Experiment) -> tuple[Line, ...]:
    def limits(setting: str) -> str:
        low, high = REAL_LIMITS[setting]
        return f"{low:g} to {high:g}"

    widths = "" if experiment.widths is None else widths_text(experiment.widths)
    return (
        Line("widths", "Widths", widths, f"such as {EXAMPLE}; empty: Layers of Neurons on Features"),
        Line("gain_a", "Gain of A", f"{experiment.gain_a:.6g}", f"{limits('gain_a')}, or {CRITICAL}"),
        Line("gain_b", "Gain of B", f"{experiment.gain_b:.6g}", f"{limits('gain_b')}, or {CRITICAL}"),
        Line("sigma_b", "Bias std σ_b", f"{experiment.sigma_b:.6g}", limits("sigma_b")),
        Line("start", "Backward start", experiment.start, " or ".join(STARTS)),
        Line("seed", "Seed", str(experiment.seed), "{} to {}".format(*LIMITS["seed"])),
    )


class NetworkScreen(LeftOnce[Experiment | None], ModalScreen[Experiment | None]):
    """Answers with the new settings, None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self._experiment = experiment

    def compose(self) -> ComposeResult:
        with Vertical(id="network"):
            yield Label("Network and weights: enter takes all, escape leaves", id="network-title")
            with Grid():
                for line in lines_of(self._experiment):
                    yield Label(line.title)
                    yield Input(line.value, id=f"network-{line.setting}", max_length=LONGEST, compact=True)
                    yield Label(line.hint, classes="hint", markup=False)
            yield Label("", id="network-refusal", markup=False)

    @on(Input.Submitted)
    def _take(self) -> None:
        try:
            self.dismiss(self._typed())
        except SettingError as error:
            self._refuse(error)

    def _refuse(self, error: SettingError) -> None:
        title = next(
            (line.title for line in lines_of(self._experiment) if line.setting == error.field), error.field
        )
        self.query_one("#network-refusal", Label).update(f"✗ {title}: {str(error).partition(': ')[2]}")
        for field in self.query(f"#network-{error.field}"):
            field.focus()

    def _typed(self) -> Experiment:
        """The experiment that the form describes.

        Raises:
            SettingError: a field holds what is not allowed.
        """
        typed = {
            line.setting: self.query_one(f"#network-{line.setting}", Input).value.strip()
            for line in lines_of(self._experiment)
        }
        unchanged = [line.setting for line in lines_of(self._experiment) if typed[line.setting] == line.value]
        wanted: dict[str, object] = {setting: text for setting, text in typed.items() if setting not in unchanged}
        if wanted.get("widths") == "":
            wanted["widths"] = None
        critical = [setting for setting, text in wanted.items() if text == CRITICAL]
        experiment = self._experiment.with_(**{k: v for k, v in wanted.items() if k not in critical})
        if critical:
            from tui_initflow.theory.of_experiment import critical_gain_of

            gains = {gain: critical_gain_of(experiment, "a" if gain == "gain_a" else "b")[0] for gain in critical}
            experiment = experiment.with_(**gains)
        return experiment
