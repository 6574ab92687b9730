"""Every question about the settings that a key of the main screen asks: lists filtered as you type, and the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from tui_initflow import lab
from tui_initflow.findings.wording import title
from tui_initflow.lab.session import Session
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import CRITICAL, InitialiserName, Setting, SettingError
from tui_initflow.model.training import TRAINING_SETTINGS, TrainingSettings
from tui_initflow.pages.choices import (
    Choice,
    activation_choices,
    described_initialiser,
    initialiser_choices,
    preset_choices,
)
from tui_initflow.storage.config import LONGEST_NAME, Config, ConfigError
from tui_initflow.tui.screens.dialogue import Choices, Dialogue
from tui_initflow.tui.screens.phase import PhaseScreen

LONGEST_FILTER, LONGEST_LINE = 200, 5000
"""Characters: a longer paste is cut."""

T = TypeVar("T")


def dialogue_for(name: str, session: Session, config: Config | None) -> Screen[Experiment | None]:
    """The dialogue of this name about the settings. It answers with the settings to use, None if it was cancelled."""
    match name:
        case "network":
            return network_form(session.experiment)
        case "phase":
            return PhaseScreen(session.experiment, session.focused, session.training_settings, session.place)
        case "presets":
            return PresetChooser(session.experiment, config)
    return setting_chooser(name, session.experiment)


class Chooser(Dialogue[Experiment | None]):
    """Answers with what `answer` gives for the value chosen; a value that it raises an error for is refused.

    `described` gives a choice for a typed text that means something though it is not in the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(
        self,
        heading: str,
        choices: Sequence[Choice],
        answer: Callable[[str], Experiment | None],
        *,
        described: Callable[[str], Choice | None] = lambda _: None,
        chosen: str = "",
    ) -> None:
        self._choices = choices
        self._answer = answer
        self._described = described
        self._chosen = chosen
        self._options = Choices(compact=True)
        filter_ = Input(placeholder="type to filter", max_length=LONGEST_FILTER, compact=True)
        super().__init__(heading, filter_, self._options)

    def on_mount(self) -> None:
        self.offer("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.offer(event.value.strip())

    def on_input_submitted(self) -> None:
        self._options.action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        try:
            self.dismiss(self._answer(str(event.option_id)))
        except (SettingError, ConfigError) as error:
            self.refuse(str(error))

    def action_move(self, by: int) -> None:
        self._options.action_cursor_down() if by > 0 else self._options.action_cursor_up()

    def offer(self, text: str) -> None:
        """Show the choices that the text matches."""
        matching = [choice for choice in self._choices if choice.matches(text)]
        described = self._described(text) if text not in {choice.value for choice in self._choices} else None
        if described is not None:
            matching.insert(0, described)
        self._options.clear_options()
        self._options.add_options(
            Option(Content.assemble((f"{choice.value:<17} ", "bold"), (choice.detail, "$text-muted")), id=choice.value)
            for choice in matching
        )
        values = [choice.value for choice in matching]
        if values:
            # what was typed in full comes first, then what is chosen now
            first = next((value for value in (text, self._chosen) if value in values), values[0])
            self._options.highlighted = values.index(first)


def setting_chooser(setting: str, experiment: Experiment) -> Chooser:
    """The list for a setting that the app chooses from one."""
    label, chosen = SETTINGS[setting].label, SETTINGS[setting].of(experiment)

    def answer(value: str) -> Experiment:
        return experiment.with_(**{setting: value})

    if not isinstance(SETTINGS[setting].kind, InitialiserName):
        return Chooser(label, activation_choices(), answer, chosen=chosen)
    fan_out, fan_in = experiment.network.shapes[-1]
    return Chooser(
        f"{label}, for weights of fan_in {fan_in}, fan_out {fan_out}; or normal:2/fan_in …",
        initialiser_choices(experiment),
        answer,
        described=partial(described_initialiser, experiment=experiment),
        chosen=chosen,
    )


class PresetChooser(Chooser):
    """A preset to use, a new name to save the settings under, or one of one's own to delete."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "delete", "Delete", show=False, priority=True)]

    def __init__(self, experiment: Experiment, config: Config | None) -> None:
        self._experiment = experiment
        self._config = config
        self._saved: dict[str, Experiment] = {}
        self._problem = ""
        if config is not None:
            try:
                self._saved = config.presets()
            except ConfigError as error:
                self._problem = str(error)
        super().__init__(
            "Presets: Enter loads one, a new name saves one, Delete removes yours",
            preset_choices(experiment, self._saved),
            self._load_or_save,
            described=self._new_name,
        )

    def on_mount(self) -> None:
        if self._problem:
            self.notify(self._problem, severity="error", markup=False)

    def _new_name(self, text: str) -> Choice | None:
        if self._config is None or not text or len(text) > LONGEST_NAME or not text.isprintable():
            return None
        return Choice(text, f"save under this name: {title(self._experiment)}")

    def _load_or_save(self, value: str) -> Experiment | None:
        if value in self._saved:
            return self._saved[value]
        if value in PRESETS:
            return PRESETS[value].applied_to(self._experiment)
        assert self._config is not None
        self._config.save_preset(value, self._experiment)
        self.notify(f"saved as {value}", markup=False)
        return None

    def action_delete(self) -> None:
        option = self._options.highlighted_option
        if option is None:
            return
        if self._config is None or option.id not in self._saved:
            self.notify("only presets you saved can be deleted", markup=False)
            return
        try:
            self._config.delete_preset(option.id)
        except ConfigError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        del self._saved[option.id]
        self._choices = preset_choices(self._experiment, self._saved)
        self.offer("")


class Form(Dialogue[T | None]):
    """A line for each of some settings. Answers with what `apply` gives for those that were changed, by name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self, heading: str, values: Mapping[str, object], lines: Sequence[Setting], apply: Callable[[dict[str, Any]], T]
    ) -> None:
        self._lines = {line.name: line for line in lines}
        self._before = {line.name: line.text(values[line.name]) for line in lines}
        self._apply = apply
        self._inputs = {
            name: Input(text, id=f"form-{name}", max_length=LONGEST_LINE, compact=True)
            for name, text in self._before.items()
        }
        rows = [
            (Label(line.label), self._inputs[line.name], Label(line.hint, classes="hint", markup=False))
            for line in lines
        ]
        super().__init__(f"{heading}: Enter applies all, Escape cancels", Grid(*chain.from_iterable(rows)))

    @on(Input.Submitted)
    def _take(self) -> None:
        try:
            self.dismiss(self._apply(self._changed()))
        except SettingError as error:
            label = self._lines[error.field].label if error.field in self._lines else error.field
            self.refuse(f"{label}: {error.problem}; {error.allowed}")
            if error.field in self._inputs:
                self._inputs[error.field].focus()

    def _changed(self) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for name, field in self._inputs.items():
            text = field.value.strip()
            if text != self._before[name]:
                changed[name] = text if text or self._lines[name].default is not None else None
        return changed


def network_form(experiment: Experiment) -> Form[Experiment]:
    """Every setting that has neither a field nor a list of its own."""
    lines = [line for line in SETTINGS.values() if line.place == "form"]

    def apply(changed: dict[str, Any]) -> Experiment:
        if CRITICAL not in changed.values():
            return experiment.with_(**changed)
        # which loads numpy
        return lab.with_critical_gains(experiment, changed)

    return Form("Network and weights", values_of(experiment, lines), lines, apply)


def training_form(session: Session) -> Form[tuple[TrainingSettings, int]]:
    """How both methods are trained, and how many runs of each."""
    lines, settings = [*TRAINING_SETTINGS.values()], session.training_settings
    values = {**values_of(settings, lines), "runs": session.trainings}

    def apply(changed: dict[str, Any]) -> tuple[TrainingSettings, int]:
        runs = session.experiment.with_(runs=changed.pop("runs", session.trainings)).runs
        return settings.with_(**changed), runs

    return Form("Training", values, [*lines, SETTINGS["runs"]], apply)


def values_of(settings: object, lines: Sequence[Setting]) -> dict[str, object]:
    return {line.name: line.of(settings) for line in lines}
