"""What the main screen asks in screens of their own, and what it does with the answers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tui_initflow.model.experiment import Experiment, SettingError
from tui_initflow.storage.config import ConfigError
from tui_initflow.tui.screens.chooser import Chooser

if TYPE_CHECKING:
    from tui_initflow.pages.choices import Choice
    from tui_initflow.theory.of_experiment import Side
    from tui_initflow.tui.screens.main import MainScreen


def choose_initialiser(screen: MainScreen, side: Side) -> None:
    from tui_initflow.pages.choices import described_initialiser, initialiser_choices

    experiment = screen.experiment
    fan_out, fan_in = experiment.shapes[-1]
    title = f"Initialiser {side.upper()}, for weights of fan_in {fan_in}, fan_out {fan_out}; or normal:2/fan_in …"
    chosen = experiment.a if side == "a" else experiment.b

    def describe(text: str) -> Choice | None:
        return described_initialiser(text, experiment)

    chooser = Chooser(title, initialiser_choices(experiment), chosen, describe)
    screen.app.push_screen(chooser, partial(_set, screen, side))


def choose_activation(screen: MainScreen) -> None:
    from tui_initflow.pages.choices import activation_choices

    chooser = Chooser("Activation", activation_choices(), screen.experiment.activation)
    screen.app.push_screen(chooser, partial(_set, screen, "activation"))


def _set(screen: MainScreen, setting: str, value: str | None) -> None:
    if value is None:
        return
    try:
        screen.change(screen.experiment.with_(**{setting: value}))
    except SettingError as error:
        screen.refuse(str(error))


def edit_network(screen: MainScreen) -> None:
    """Widths, gains, biases, the backward start and the seed."""
    from tui_initflow.tui.screens.network import NetworkScreen

    def edited(experiment: Experiment | None) -> None:
        if experiment is not None:
            screen.change(experiment)

    screen.app.push_screen(NetworkScreen(screen.experiment), edited)


def show_phase(screen: MainScreen) -> None:
    """The phase chart of the focused method; the cell it answers with becomes the settings."""
    from tui_initflow.tui.screens.phase import PhaseScreen

    def chosen(settings: dict[str, Any] | None) -> None:
        if settings is not None:
            screen.change(screen.experiment.with_(**settings))

    screen.app.push_screen(PhaseScreen(screen.experiment, screen.focused_method), chosen)


def choose_preset(screen: MainScreen) -> None:
    """Use a preset, or save the settings under a new name."""
    from tui_initflow.tui.screens.presets import PresetChooser, built_in

    config = screen.config
    own: dict[str, Experiment] = {}
    if config is not None:
        try:
            own = config.presets()
        except ConfigError as error:
            screen.notify(str(error), severity="error", markup=False)

    def answered(name: str | None) -> None:
        if name is None:
            return
        preset = (built_in(screen.experiment) | own).get(name)
        if preset is not None:
            screen.change(replace(preset, runs=1))
        elif config is not None:
            try:
                config.save_preset(name, screen.experiment)
            except ConfigError as error:
                screen.notify(str(error), severity="error", markup=False)
            else:
                screen.say(f"saved as {name}")

    screen.app.push_screen(PresetChooser(screen.experiment, config, own), answered)
