"""The Textual app: its main screen, themes, signals, help and the command palette."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.theme import ThemeProvider

from tui_initflow import lab
from tui_initflow.model.experiment import Experiment
from tui_initflow.storage.config import Config, Theme
from tui_initflow.tui.actions import APP, actions
from tui_initflow.tui.keys import NO_KEYS, ReboundApp
from tui_initflow.tui.screens.dialogue import HelpScreen, Palette
from tui_initflow.tui.screens.main import MainScreen
from tui_initflow.tui.terminal.frugal_app import FrugalApp
from tui_initflow.tui.terminal.recording import Recording
from tui_initflow.tui.themes import CONTRAST, THEMES, after, name_of

ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]


class InitflowApp(ReboundApp, FrugalApp):
    """`experiment.runs` is the number of runs of the second run button."""

    TITLE = "initflow"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [action.binding for action in APP]

    def __init__(
        self,
        experiment: Experiment,
        theme: Theme = "dark",
        *,
        theory: bool = False,
        files: Sequence[str] = (),
        config: Config | None = None,
        keys: Mapping[str, str] = NO_KEYS,
        notices: Sequence[str] = (),
        recording: Recording | None = None,
        opening: str = "sweep",
        place: lab.Executor | None = None,
    ) -> None:
        """`files` are checkpoints opened before, `config` keeps presets and the session, `notices` are shown at first.

        `keys` are the user's own by the name of the action, checked. `recording` gets what is sent to the terminal.
        `opening` is an action of the main screen that is run first. `place` does what the screens ask for.
        """
        super().__init__(recording=recording)
        self.rebind(keys)
        self.register_theme(CONTRAST)
        self.theme = THEMES[theme]
        self._main_screen = partial(MainScreen, experiment, theory=theory, files=files, config=config, place=place)
        self._notices = notices
        self._opening = opening

    def get_default_screen(self) -> Screen[None]:
        return self._main_screen()

    def on_load(self) -> None:
        loop = asyncio.get_running_loop()
        for ending in ENDINGS:
            # before the terminal is brought into the state the app needs, because it would be left in it
            with suppress(NotImplementedError, RuntimeError):
                loop.add_signal_handler(ending, self.exit, None, 128 + ending)

    def on_mount(self) -> None:
        self.call_later(self.screen.run_action, self._opening)

    def on_ready(self) -> None:
        for notice in self._notices:
            self.notify(notice, severity="warning", markup=False)

    def tell(self, line: str) -> None:
        """Show a line about what goes on beside the screens, from whichever thread."""
        self.notify(line[:1].upper() + line[1:], severity="warning", markup=False)

    def action_next_theme(self) -> None:
        self.theme = THEMES[after(name_of(self.current_theme))]

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the screen and of the app, and what Textual offers besides."""
        listed = (*actions(getattr(screen, "ACTIONS", ())), *APP)
        own = {action.title: action for action in listed if action.title}
        yield from (command for command in super().get_system_commands(screen) if command.title not in own)
        for title, action in own.items():
            yield SystemCommand(title, action.help, partial(screen.run_action, action.run))
