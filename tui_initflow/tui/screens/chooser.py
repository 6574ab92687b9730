"""Lists to choose from that are filtered while one types: initialisers, activations, presets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from tui_initflow.findings.wording import title
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import InitialiserName, SettingError
from tui_initflow.pages.choices import (
    Choice,
    activation_choices,
    described_initialiser,
    initialiser_choices,
    preset_choices,
)
from tui_initflow.storage.config import LONGEST_NAME, Config, ConfigError
from tui_initflow.tui.screens.dialogue import Dialogue

LONGEST = 200
"""Characters a filter may have: a longer paste is cut."""


class Chooser(Dialogue[Experiment | None]):
    """Answers with the experiment that has the value chosen; a value that does not fit is refused in the box."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, chosen: str = "") -> None:
        super().__init__()
        self._title = title
        self._chosen = chosen

    def choices(self) -> Sequence[Choice]:
        """What there is to choose from."""
        raise TypeError("a chooser has choices")

    def described(self, text: str) -> Choice | None:
        """The choice that a typed text is by itself, where it means something though it is not in the list."""
        return None

    def answer(self, value: str) -> Experiment | None:
        """What the choice means; SettingError where it is not allowed."""
        raise TypeError("a chooser has an answer")

    def compose(self) -> ComposeResult:
        with Vertical(id="chooser"):
            yield Label(self._title, markup=False, id="chooser-title")
            yield Input(placeholder="type to filter", max_length=LONGEST, compact=True)
            yield OptionList(compact=True)
            yield Label("", id="chooser-refusal", markup=False)

    def on_mount(self) -> None:
        self.offer("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.offer(event.value.strip())

    def on_input_submitted(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._take(str(options.get_option_at_index(options.highlighted).id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(str(event.option.id))

    def _take(self, value: str) -> None:
        try:
            self.dismiss(self.answer(value))
        except (SettingError, ConfigError) as error:
            self.query_one("#chooser-refusal", Label).update(f"✗ {error}")

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def offer(self, text: str) -> None:
        """Show the choices that the text matches."""
        choices = self.choices()
        shown = [choice for choice in choices if choice.matches(text)]
        described = self.described(text) if text not in {choice.value for choice in choices} else None
        if described is not None:
            shown.insert(0, described)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_prompt(choice), id=choice.value) for choice in shown])
        values = [choice.value for choice in shown]
        if values:
            # what was typed in full comes first, then what is chosen now
            wanted = next((value for value in (text, self._chosen) if value in values), values[0])
            options.highlighted = values.index(wanted)


class InitialiserChooser(Chooser):
    """The initialiser of one method."""

    def __init__(self, setting: str, experiment: Experiment) -> None:
        fan_out, fan_in = experiment.network.shapes[-1]
        super().__init__(
            f"{SETTINGS[setting].label}, for weights of fan_in {fan_in}, fan_out {fan_out}; or normal:2/fan_in …",
            getattr(experiment, setting),
        )
        self._setting = setting
        self._experiment = experiment

    def choices(self) -> Sequence[Choice]:
        return initialiser_choices(self._experiment)

    def described(self, text: str) -> Choice | None:
        return described_initialiser(text, self._experiment)

    def answer(self, value: str) -> Experiment:
        return self._experiment.with_(**{self._setting: value})


class ActivationChooser(Chooser):
    """The activation function."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(SETTINGS["activation"].label, experiment.activation)
        self._experiment = experiment

    def choices(self) -> Sequence[Choice]:
        return activation_choices()

    def answer(self, value: str) -> Experiment:
        return self._experiment.with_(activation=value)


class PresetChooser(Chooser):
    """A preset to use, a new name to save the settings under, or one of one's own to delete."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "delete", "Delete", show=False, priority=True)]

    def __init__(self, experiment: Experiment, config: Config | None) -> None:
        super().__init__("Presets: enter uses one, a new name saves the settings, delete removes one of yours")
        self._experiment = experiment
        self._config = config
        self._saved: dict[str, Experiment] = {}

    def on_mount(self) -> None:
        if self._config is not None:
            try:
                self._saved = self._config.presets()
            except ConfigError as error:
                self.notify(str(error), severity="error", markup=False)
        self.offer("")

    def choices(self) -> Sequence[Choice]:
        return preset_choices(self._experiment, self._saved)

    def described(self, text: str) -> Choice | None:
        if self._config is None or not text or len(text) > LONGEST_NAME or not text.isprintable():
            return None
        return Choice(text, f"save under this name: {title(self._experiment)}")

    def answer(self, value: str) -> Experiment | None:
        if value in self._saved:
            return self._saved[value]
        if value in PRESETS:
            return PRESETS[value].applied_to(self._experiment)
        assert self._config is not None
        self._config.save_preset(value, self._experiment)
        self.notify(f"saved as {value}", markup=False)
        return None

    def action_delete(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is None:
            return
        name = str(options.get_option_at_index(options.highlighted).id)
        if self._config is None or name not in self._saved:
            self.notify("only presets you saved can be deleted", markup=False)
            return
        try:
            self._config.delete_preset(name)
        except ConfigError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        del self._saved[name]
        self.offer("")


def setting_chooser(setting: str, experiment: Experiment) -> Chooser:
    """The list for a setting that the app chooses from one."""
    if isinstance(SETTINGS[setting].kind, InitialiserName):
        return InitialiserChooser(setting, experiment)
    return ActivationChooser(experiment)


def _prompt(choice: Choice) -> Content:
    return Content.assemble((f"{choice.value:<17} ", "bold"), (choice.detail, "$text-muted"))
