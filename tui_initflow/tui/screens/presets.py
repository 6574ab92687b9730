"""The presets: choose one, save the settings under a new name, delete one of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.pages.captions import network_text
from tui_initflow.pages.choices import Choice
from tui_initflow.storage.config import LONGEST_NAME, Config, ConfigError
from tui_initflow.tui.screens.chooser import Chooser

TITLE = "Presets: enter uses one, a new name saves the settings, delete removes one of yours"


def built_in(experiment: Experiment) -> dict[str, Experiment]:
    """The three comparisons, in the network there is."""
    return {name: replace(experiment, a=a, b=b, gain_a=1.0, gain_b=1.0) for name, (a, b) in PRESETS.items()}


class PresetChooser(Chooser):
    """Answers with the name of a preset to use, or a new name to save the settings under."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete", "delete", "Delete", show=False, priority=True)]

    def __init__(self, experiment: Experiment, config: Config | None, own: Mapping[str, Experiment]) -> None:
        self._experiment = experiment
        self._config = config
        self._own = dict(own)
        super().__init__(TITLE, self._all(), "", self._new)

    def _all(self) -> Sequence[Choice]:
        known = {**built_in(self._experiment), **self._own}
        return [
            Choice(name, f"{'yours' if name in self._own else 'built in'}: {network_text(preset)}")
            for name, preset in known.items()
        ]

    def _new(self, text: str) -> Choice | None:
        if self._config is None or not text or len(text) > LONGEST_NAME or not text.isprintable():
            return None
        return Choice(text, f"save under this name: {network_text(self._experiment)}")

    def action_delete(self) -> None:
        found = self.query_one(OptionList)
        if found.highlighted is None:
            return
        name = str(found.get_option_at_index(found.highlighted).id)
        if self._config is None or name not in self._own:
            self.notify("only presets you saved can be deleted", markup=False)
            return
        try:
            self._config.delete_preset(name)
        except ConfigError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        del self._own[name]
        self._choices = self._all()
        self._offer("")
