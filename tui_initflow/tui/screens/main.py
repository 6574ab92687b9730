"""The main screen: what the keys ask for, the work that follows, and the results that come back."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Button

from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.storage.config import Config, ConfigError, Theme
from tui_initflow.tui import workers
from tui_initflow.tui.actions import MAIN, bindings
from tui_initflow.tui.session import Session
from tui_initflow.tui.widgets.dashboard import Dashboard
from tui_initflow.tui.widgets.link_bar import keys_of
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.sweep_view import SweepView


class MainScreen(workers.JobScreen[None]):
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
        self._dashboard = Dashboard(self.session)
        self._runs = workers.Job(self, "runs", self._show_runs)
        self._sweeps = workers.Job(self, "sweeps", self._show_sweeps)
        self._theory = workers.Job(self, "theory", self._show_theory)
        self._export = workers.Job(self, "export", self._show_export)

    def compose(self) -> ComposeResult:
        yield self._dashboard
        yield keys_of(MAIN)

    def on_mount(self) -> None:
        self._start_sweeps()
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
        for job in (self._runs, self._sweeps, self._theory):
            job.stop()

    def action_theory(self) -> None:
        self.session.theory_wanted = not self.session.theory_wanted
        self._start_theory()
        if self.session.summary is not None:
            self._dashboard.show_summary()

    def action_focus_method(self) -> None:
        self.session.switch_focus()
        self._dashboard.show_title()

    def action_zoom(self) -> None:
        self._dashboard.toggle_zoom()

    def action_pane(self, pane: str) -> None:
        self._dashboard.choose(pane)

    def action_next_pane(self, by: int) -> None:
        self._dashboard.choose_next(by)

    def action_match(self) -> None:
        self.change(self.session.matched())

    def action_preset(self, name: str) -> None:
        self.change(PRESETS[name].applied_to(self.session.experiment))

    def action_copy_pytorch(self) -> None:
        self._copy(self.session.pytorch())

    def action_copy_command(self) -> None:
        self._copy(self.session.command())

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.notify(text, title="Copied", markup=False)

    @work(group="dialogue")
    async def action_ask(self, dialogue: str) -> None:
        """Have a dialogue about the settings."""
        from tui_initflow.tui.screens.questions import dialogue_for

        experiment = await self.app.push_screen_wait(dialogue_for(dialogue, self.session, self._config))
        if experiment is not None:
            self.change(experiment)

    @work(group="dialogue")
    async def action_export(self) -> None:
        """Write the results or the screen to a file."""
        from tui_initflow.tui.screens.export import ExportScreen, exporter

        path = await self.app.push_screen_wait(ExportScreen("initflow.md"))
        if path is None:
            return
        # a captured screen must no longer show the dialogue
        await self.wait_for_refresh()
        text = exporter(path, self.app, self.session.results)
        if text is None:
            self._dashboard.actions.refuse("nothing to write yet: press r")
        else:
            self._dashboard.actions.say(f"writing {path.name}")
            self._start(self._export, partial(workers.write_file, path, text))

    @on(Button.Pressed)
    async def _button_pressed(self, event: Button.Pressed) -> None:
        await self.run_action(str(event.button.name))

    @on(NumberField.Changed)
    def _number_changed(self, event: NumberField.Changed) -> None:
        if event.setting == "runs":
            self.session.many = event.value
            self._dashboard.actions.set_runs(event.value)
            return
        had_list = self.session.experiment.widths is not None
        self._adopt(self.session.experiment.with_(**{event.setting: event.value}))
        # a field that is being stepped is ahead of the values it has announced
        if had_list:
            self._dashboard.show_fields()

    @on(NumberField.Checked)
    def _number_checked(self, event: NumberField.Checked) -> None:
        actions = self._dashboard.actions
        actions.refuse(event.problem) if event.problem else actions.say("")

    @on(SweepView.Adopted)
    def _point_adopted(self, event: SweepView.Adopted) -> None:
        self.change(self.session.experiment.with_(**{event.setting: event.value}))

    # the work that follows

    def change(self, experiment: Experiment) -> None:
        """Take settings that do not come from the fields."""
        self._adopt(experiment)
        self._dashboard.show_fields()

    def _adopt(self, experiment: Experiment) -> None:
        """Drop what belonged to the old settings, then run and sweep again."""
        if not self.session.change(experiment):
            return
        for job in (self._runs, self._sweeps, self._theory):
            job.drop()
        self._dashboard.show_title()
        self._dashboard.show_waiting()
        self._run(self.session.batch)
        self._start_theory()

    def _run(self, runs: int) -> None:
        if not self._runs.busy:
            self._start(self._runs, partial(workers.simulate_runs, self.session.more_runs(runs), self.session.results))

    def _start_sweeps(self) -> None:
        # old charts stay until they are replaced, except those that will not be
        for name in SIZES:
            if name not in self.session.swept:
                self._dashboard.show_sweep(name)
        self._start(self._sweeps, partial(workers.simulate_sweeps, self.session.experiment, self.session.swept))

    def _start_theory(self) -> None:
        if self.session.theory_missing:
            self._start(self._theory, partial(workers.predict, self.session.experiment))

    def _start(self, job: workers.Job, work: workers.Work) -> None:
        job.start(work)
        self._dashboard.actions.set_busy(True)

    # the results that come back

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return any(job.busy for job in (self._runs, self._sweeps, self._theory, self._export))

    def _show_runs(self, update: workers.Update) -> None:
        match update:
            case workers.RunsProgress(done, total, summary):
                self.session.take_progress(summary)
                self._dashboard.actions.progress(f"runs {done:,}/{total:,}", done / total)
                self._dashboard.show_summary()
            case workers.RunsDone(asked, results, summary):
                done = self.session.take_results(results, summary)
                self._dashboard.show_summary()
                stopped = f"stopped after {done:,} of {asked:,} runs" if done < asked else ""
                self._dashboard.actions.say(stopped)
                if not stopped and not self.session.sweeps and not self._sweeps.busy:
                    self._start_sweeps()
        self._show_end(update)

    def _show_sweeps(self, update: workers.Update) -> None:
        if isinstance(update, workers.SweepUpdate):
            self.session.sweeps[update.over] = update.result
            if update.fraction < 1:
                label = SETTINGS[update.over].label
                self._dashboard.actions.progress(f"sweep: {label} {update.fraction:.0%}", update.fraction)
            self._dashboard.show_sweep(update.over)
        elif isinstance(update, workers.Ended) and not self._runs.busy:
            self._dashboard.actions.end_progress()
        self._show_end(update)

    def _show_theory(self, update: workers.Update) -> None:
        if isinstance(update, workers.TheoryDone):
            self.session.theory = update.theory
            if self.session.summary is not None:
                self._dashboard.show_summary()
        self._show_end(update)

    def _show_export(self, update: workers.Update) -> None:
        if isinstance(update, workers.Written):
            say = self._dashboard.actions.refuse if update.failed else self._dashboard.actions.say
            say(update.message)
        self._show_end(update)

    def _show_end(self, update: workers.Update) -> None:
        if isinstance(update, workers.Failed):
            self._dashboard.actions.refuse(self.report(update))
        self._dashboard.actions.set_busy(self.busy)
