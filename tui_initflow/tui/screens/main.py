"""The main screen: what keys, fields and dialogues ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from tui_initflow import lab
from tui_initflow.lab.session import Session
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import OTHER
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import SettingError
from tui_initflow.pages.panes import PANES
from tui_initflow.storage.config import Config, ConfigError
from tui_initflow.tui.actions import MAIN, bindings
from tui_initflow.tui.screens.dialogue import OneAtATime, explain
from tui_initflow.tui.screens.work import Work
from tui_initflow.tui.themes import name_of
from tui_initflow.tui.widgets.bars import KeysBar
from tui_initflow.tui.widgets.dashboard import Dashboard
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.sweep_view import SweepView


class MainScreen(Screen[None]):
    """Holds the session and the work on it; the dashboard shows them."""

    AUTO_FOCUS = ""
    # as in Textual, except that moving the focus does not repaint the whole screen
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    ACTIONS = MAIN
    BINDINGS: ClassVar[list[BindingType]] = bindings(MAIN)

    def __init__(
        self,
        experiment: Experiment,
        *,
        theory: bool = False,
        files: Sequence[str] = (),
        config: Config | None = None,
        place: lab.Executor | None = None,
    ) -> None:
        super().__init__()
        self.session = Session(experiment, theory=theory, files=files, place=place)
        self._config = config
        self._dialogues = OneAtATime(self)
        self._dashboard = Dashboard(self.session)
        self._work = Work(self, self.session, self._dashboard)

    def compose(self) -> ComposeResult:
        yield self._dashboard
        yield KeysBar(MAIN)

    def on_mount(self) -> None:
        self._work.predict()

    @property
    def busy(self) -> bool:
        return self._work.busy

    def on_unmount(self) -> None:
        # Textual cancels its workers but cannot end their threads, and the process would wait for them
        self.action_stop()
        if self._config is not None:
            # a file that cannot be written was reported when it was read
            with suppress(ConfigError):
                self._config.save_session(self.session.to_keep(name_of(self.app.current_theme)))

    # what the user asks for

    def action_run_once(self) -> None:
        self._work.run(1)

    def action_sweep(self) -> None:
        self._work.sweep()

    def action_run_many(self) -> None:
        self._work.run(self.session.many)

    def action_stop(self) -> None:
        self._work.stop()

    def action_train(self) -> None:
        self._dashboard.choose("train")
        self._work.train_or_stop()

    def action_theory(self) -> None:
        self.session.theory_wanted = not self.session.theory_wanted
        self._work.predict()
        if self.session.summary is not None:
            self._dashboard.show_summary()

    def action_focus_method(self) -> None:
        self.session.focused = OTHER[self.session.focused]
        self._dashboard.show_title()

    def action_zoom(self) -> None:
        self._dashboard.toggle_zoom()

    def action_pane(self, pane: str) -> None:
        self._dashboard.choose(pane)

    def action_next_pane(self) -> None:
        self._dashboard.choose_next(1)

    def action_previous_pane(self) -> None:
        self._dashboard.choose_next(-1)

    def action_keep(self) -> None:
        kept = self.session.keep()
        self._dashboard.status.say("kept: thin lines; k clears them" if kept else "")
        if self.session.summary is not None:
            self._dashboard.show_summary()

    def action_match(self) -> None:
        self.change(self.session.matched)

    def action_next_format(self) -> None:
        self.change(self.session.in_next_format)

    def action_preset(self, name: str) -> None:
        self.change(lambda: PRESETS[name].applied_to(self.session.experiment))

    def action_copy_pytorch(self) -> None:
        code, command = self.session.pytorch(), self.session.pytorch_command()
        others = f"e and a name.py write them to a file, and this prints them:\n{command}"
        self._copy(code, f"{len(code.splitlines())} lines of Python; {others}")

    def action_copy_command(self) -> None:
        trains = self._dashboard.pane == "train"
        command = self.session.training_command() if trains else self.session.command()
        self._copy(command, command)

    def action_explain(self) -> None:
        explain(self, self._dashboard.read_pane)

    def _copy(self, text: str, words: str) -> None:
        """Send a text to the clipboard; the terminal does not say whether it has one, so `words` say where else it is.

        By default tmux drops it.
        """
        self.app.copy_to_clipboard(text)
        self.notify(words, title="Sent to the terminal's clipboard", markup=False)

    @work(group="dialogue")
    async def action_ask(self, dialogue: str) -> None:
        from tui_initflow.tui.screens.questions import dialogue_for

        if self._work.refuses():
            return
        experiment = await self._dialogues.answer(lambda: dialogue_for(dialogue, self.session, self._config))
        if experiment is not None:
            self.change(lambda: experiment)

    @work(group="dialogue")
    async def action_ask_training(self) -> None:
        from tui_initflow.tui.screens.questions import training_form

        if self._work.refuses():
            return
        answer = await self._dialogues.answer(lambda: training_form(self.session))
        if answer is not None:
            self._work.adopt_training(*answer)

    @work(group="dialogue")
    async def action_open(self) -> None:
        from tui_initflow.tui.screens.files import OpenScreen
        from tui_initflow.tui.screens.inspect import InspectScreen

        path = await self._dialogues.answer(lambda: OpenScreen(self.session.files))
        if path is not None:
            self.session.opened(str(path.resolve()))
            await self._dialogues.answer(lambda: InspectScreen(path, self.session.to_inspect()))

    @work(group="dialogue")
    async def action_story(self, pace: float | None = None) -> None:
        from tui_initflow.tui.screens.story import StoryScreen

        trial = await self._dialogues.answer(lambda: StoryScreen(pace, self.session.place))
        if trial is not None:
            self._work.adopt_trial(trial)
            self._dashboard.show_fields()
            self._dashboard.choose(trial.pane if trial.pane in PANES else "gradient")

    @work(group="dialogue")
    async def action_export(self) -> None:
        from tui_initflow.tui.screens.files import ExportScreen, exporter

        trains = self._dashboard.pane == "train"
        results = self.session.results
        found = None if results is None else lab.Findings(results)
        command, result = ("train", self.session.training) if trains else ("run", found)
        path = await self._dialogues.answer(lambda: ExportScreen(command))
        if path is None:
            return
        # a captured screen must no longer show the dialogue
        await self.wait_for_refresh()
        text = exporter(path, self.app, command, result, self.session.focused_network())
        if text is None:
            self._dashboard.status.refuse(f"nothing to write yet: press {'g' if trains else 'r'}")
        else:
            self._work.write(path, text)

    @on(NumberField.Changed)
    def _number_changed(self, event: NumberField.Changed) -> None:
        if event.setting == "runs":
            self.session.many = event.value
            self._dashboard.show_expected()
            return
        had_list = self.session.experiment.widths is not None
        try:
            experiment = self.session.experiment.with_(**{event.setting: event.value})
        except SettingError as error:
            self._refuse(error)
            return
        self._work.adopt(experiment)
        # a field that is being stepped is ahead of the values it has announced
        if had_list:
            self._dashboard.show_fields()

    @on(NumberField.Checked)
    def _number_checked(self, event: NumberField.Checked) -> None:
        status = self._dashboard.status
        status.refuse(event.problem) if event.problem else status.say("")

    @on(SweepView.Adopted)
    def _point_adopted(self, event: SweepView.Adopted) -> None:
        self.change(lambda: self.session.experiment.with_(**{event.setting: event.value}))

    def change(self, changed: Callable[[], Experiment]) -> None:
        """Take settings that do not come from the fields, if they go together."""
        try:
            experiment = changed()
        except SettingError as error:
            self._refuse(error)
            return
        self._work.adopt(experiment)
        self._dashboard.show_fields()

    def _refuse(self, error: SettingError) -> None:
        """The settings stay what they are."""
        self._dashboard.show_fields()
        self._dashboard.status.refuse(str(error))
