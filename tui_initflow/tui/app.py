"""The Textual app: its main screen, two themes, signals, help and the command palette."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from tui_initflow.model.experiment import Experiment
from tui_initflow.storage.config import Config, Theme
from tui_initflow.tui.actions import APP, actions
from tui_initflow.tui.screens.main import MainScreen
from tui_initflow.tui.terminal.frugal_app import FrugalApp

THEMES: dict[Theme, str] = {"dark": "textual-dark", "light": "textual-light"}
ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]


class InitflowApp(FrugalApp):
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
        notice: str | None = None,
        opening: str = "sweep",
    ) -> None:
        """`files` are checkpoints opened before, `config` keeps presets and the session; `notice` is shown when the app
        has started, `opening` is an action of the main screen that is run first."""
        super().__init__()
        self.theme = THEMES[theme]
        self._main_screen = partial(MainScreen, experiment, theory=theory, files=files, config=config)
        self._notice = notice
        self._opening = opening

    def get_default_screen(self) -> Screen[None]:
        return self._main_screen()

    def on_mount(self) -> None:
        self.call_later(self.screen.run_action, self._opening)
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for ending in ENDINGS:
            # otherwise the terminal would be left in the state the app needs
            with suppress(NotImplementedError):
                loop.add_signal_handler(ending, self.exit, None, 128 + ending)

    def on_ready(self) -> None:
        if self._notice is not None:
            self.notify(self._notice, severity="warning", markup=False)

    def action_toggle_dark(self) -> None:
        self.theme = THEMES["light" if self.current_theme.dark else "dark"]

    def action_help(self) -> None:
        from tui_initflow.tui.screens.dialogue import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the screen and of the app, and what Textual offers besides."""
        listed = (*actions(getattr(screen, "ACTIONS", ())), *APP)
        own = {action.title: action for action in listed if action.title}
        yield from (command for command in super().get_system_commands(screen) if command.title not in own)
        for title, action in own.items():
            yield SystemCommand(title, action.help, partial(screen.run_action, action.run))
