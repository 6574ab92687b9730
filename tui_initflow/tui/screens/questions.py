"""Which dialogue a key opens: every question about the settings that the main screen can ask."""

from __future__ import annotations

from textual.screen import Screen

from tui_initflow.model.experiment import Experiment
from tui_initflow.storage.config import Config
from tui_initflow.tui.session import Session


def dialogue_for(name: str, session: Session, config: Config | None) -> Screen[Experiment | None]:
    """The dialogue of this name about the settings. It answers with the settings to use, None if it was cancelled."""
    # each module is loaded when it is needed
    experiment = session.experiment
    match name:
        case "network":
            from tui_initflow.tui.screens.network import NetworkScreen

            return NetworkScreen(experiment)
        case "phase":
            from tui_initflow.tui.screens.phase import PhaseScreen

            return PhaseScreen(experiment, session.focused)
        case "presets":
            from tui_initflow.tui.screens.chooser import PresetChooser

            return PresetChooser(experiment, config)
    from tui_initflow.tui.screens.chooser import setting_chooser

    return setting_chooser(name, experiment)
