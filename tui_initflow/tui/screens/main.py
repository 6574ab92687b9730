"""The main screen: what the keys ask for, the work that follows, and the results that come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.pair import OTHER
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import SettingError
from tui_initflow.storage.config import Config, ConfigError, Theme
from tui_initflow.tui import workers
from tui_initflow.tui.actions import MAIN, bindings
from tui_initflow.tui.screens.dialogue import OneAtATime
from tui_initflow.tui.session import Session
from tui_initflow.tui.widgets.bars import keys_of
from tui_initflow.tui.widgets.dashboard import Dashboard
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.sweep_view import SweepView

if TYPE_CHECKING:
    from tui_initflow.engine.finals import PartProgress
    from tui_initflow.engine.runs import Progress
    from tui_initflow.engine.sweep import SweepResult


class MainScreen(Screen[None]):
    """Holds the session and the jobs; the dashboard shows them."""

    AUTO_FOCUS = ""
    # as in Textual, except that moving the focus does not repaint the whole screen
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    ACTIONS = MAIN
    BINDINGS: ClassVar[list[BindingType]] = bindings(MAIN)

    def __init__(self, experiment: Experiment, *, theory: bool = False, config: Config | None = None) -> None:
        super().__init__()
        self.session = Session(experiment, theory=theory)
        self._config = config
        self._dialogues = OneAtATime(self)
        self._dashboard = Dashboard(self.session)
        self._runs, self._sweeps, self._theory, self._export = self._jobs = tuple(
            workers.Job(self, name, self._ended) for name in ("runs", "sweeps", "theory", "export")
        )

    def compose(self) -> ComposeResult:
        yield self._dashboard
        yield keys_of(MAIN)

    def on_mount(self) -> None:
        self._start(self._sweeps, self._sweep)
        self._start_theory()

    def on_unmount(self) -> None:
        # Textual cancels its workers but cannot end their threads, and the process would wait for them
        self.action_stop()
        if self._config is not None:
            theme: Theme = "dark" if self.app.current_theme.dark else "light"
            # a file that cannot be written was reported when it was read
            with suppress(ConfigError):
                self._config.save_session(self.session.to_keep(theme))

    # what the user asks for

    def action_run_once(self) -> None:
        self._run(1)

    def action_run_many(self) -> None:
        self._run(self.session.many)

    def action_stop(self) -> None:
        for job in self._jobs:
            job.stop()

    def action_theory(self) -> None:
        self.session.theory_wanted = not self.session.theory_wanted
        self._start_theory()
        if self.session.summary is not None:
            self._dashboard.show_summary()

    def action_focus_method(self) -> None:
        self.session.focused = OTHER[self.session.focused]
        self._dashboard.show_title()

    def action_zoom(self) -> None:
        self._dashboard.toggle_zoom()

    def action_pane(self, pane: str) -> None:
        self._dashboard.choose(pane)

    def action_next_pane(self, by: int) -> None:
        self._dashboard.choose_next(by)

    def action_match(self) -> None:
        self.change(self.session.matched)

    def action_next_format(self) -> None:
        self.change(self.session.in_next_format)

    def action_preset(self, name: str) -> None:
        self.change(lambda: PRESETS[name].applied_to(self.session.experiment))

    def action_copy_pytorch(self) -> None:
        self._copy(self.session.pytorch())

    def action_copy_command(self) -> None:
        self._copy(self.session.command())

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        *others, last = text.splitlines()
        self.notify(f"{len(others) + 1} lines of Python" if others else last, title="Copied", markup=False)

    @work(group="dialogue")
    async def action_ask(self, dialogue: str) -> None:
        from tui_initflow.tui.screens.questions import dialogue_for

        experiment = await self._dialogues.answer(lambda: dialogue_for(dialogue, self.session, self._config))
        if experiment is not None:
            self.change(lambda: experiment)

    @work(group="dialogue")
    async def action_export(self) -> None:
        from tui_initflow.tui.screens.export import ExportScreen, exporter

        path = await self._dialogues.answer(ExportScreen)
        if path is None:
            return
        # a captured screen must no longer show the dialogue
        await self.wait_for_refresh()
        text = exporter(path, self.app, self.session.results)
        if text is None:
            self._dashboard.status.refuse("nothing to write yet: press r")
        else:
            self._start(self._export, partial(self._write, path, text))

    @on(NumberField.Changed)
    def _number_changed(self, event: NumberField.Changed) -> None:
        if event.setting == "runs":
            self.session.many = event.value
            self._dashboard.set_runs(event.value)
            return
        had_list = self.session.experiment.widths is not None
        try:
            experiment = self.session.experiment.with_(**{event.setting: event.value})
        except SettingError as error:
            self._refuse(error)
            return
        self._adopt(experiment)
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

    # the work that follows

    def change(self, changed: Callable[[], Experiment]) -> None:
        """Take settings that do not come from the fields, if they go together."""
        try:
            experiment = changed()
        except SettingError as error:
            self._refuse(error)
            return
        self._adopt(experiment)
        self._dashboard.show_fields()

    def _refuse(self, error: SettingError) -> None:
        """The settings stay what they are."""
        self._dashboard.show_fields()
        self._dashboard.status.refuse(str(error))

    def _adopt(self, experiment: Experiment) -> None:
        """Drop what belonged to the old settings, then run and sweep again."""
        if not self.session.change(experiment):
            return
        for job in (self._runs, self._sweeps, self._theory):
            job.drop()
        self._dashboard.show_changed()
        self._run(self.session.batch)
        self._start_theory()

    def _run(self, runs: int) -> None:
        if not self._runs.busy:
            self._start(self._runs, partial(self._simulate, self.session.more_runs(runs)))

    def _start_theory(self) -> None:
        if self.session.theory_missing:
            self._start(self._theory, self._predict)

    def _start(self, job: workers.Job, work: Callable[[], Awaitable[None]]) -> None:
        job.start(work)
        self._dashboard.set_busy(True)

    def _ended(self, problem: str) -> None:
        if problem:
            self._dashboard.status.refuse(problem)
        self._dashboard.set_busy(self.busy)

    @property
    def busy(self) -> bool:
        return any(job.busy for job in self._jobs)

    async def _simulate(self, experiment: Experiment) -> None:
        before = self.session.results

        async def show(progress: Progress) -> None:
            _, summary = await self._runs.compute(lambda: workers.joined(before, progress.partial()))
            self.session.take_progress(summary)
            done, total = progress.done, progress.total
            self._dashboard.status.progress(f"runs {done:,}/{total:,}", done / total)
            self._dashboard.show_summary()

        joined = await self._runs.follow(partial(workers.simulate_runs, experiment, before), show)
        done = 0 if joined is None else self.session.take_results(*joined)
        self._dashboard.show_summary()
        if done < experiment.runs:
            self._dashboard.status.say(f"stopped after {done:,} of {experiment.runs:,} runs")
            return
        self._dashboard.status.say("")
        if not self.session.sweeps and not self._sweeps.busy:
            self._start(self._sweeps, self._sweep)

    async def _sweep(self) -> None:
        # old charts stay until they are replaced, except those that will not be
        for over in SIZES:
            if over not in self.session.swept:
                self._dashboard.show_sweep(over)
        for over in self.session.swept:

            async def show(progress: PartProgress[SweepResult], over: str = over) -> None:
                text = f"sweep: {SETTINGS[over].label} {progress.fraction:.0%}"
                self._dashboard.status.progress(text, progress.fraction)
                self._show_sweep(progress.partial)

            self._show_sweep(
                await self._sweeps.follow(partial(workers.simulate_sweep, self.session.experiment, over), show)
            )
            if self._sweeps.stopped:
                break
        if not self._runs.busy:
            self._dashboard.status.end_progress()

    def _show_sweep(self, result: SweepResult) -> None:
        self.session.sweeps[result.over] = result
        self._dashboard.show_sweep(result.over)

    async def _predict(self) -> None:
        self.session.theory = await self._theory.compute(partial(workers.predict, self.session.experiment))
        if self.session.summary is not None:
            self._dashboard.show_summary()

    async def _write(self, path: Path, text: Callable[[], str]) -> None:
        status = self._dashboard.status
        status.say(f"writing {path.name}")
        problem = await self._export.compute(partial(workers.write_file, path, text))
        status.refuse(problem) if problem else status.say(f"wrote {path}")
