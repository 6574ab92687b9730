"""The one screen: it holds the settings and the newest results, starts the work and shows what comes back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.pages import banner, heading
from tui_initflow.pages.captions import NAMES
from tui_initflow.pages.empty import invitation
from tui_initflow.storage.config import Config, ConfigError, Session, Theme
from tui_initflow.tui import workers as jobs
from tui_initflow.tui.regions import PANES, PARAMETERS
from tui_initflow.tui.screens import dialogs, exporting
from tui_initflow.tui.widgets.actions_bar import ActionsBar
from tui_initflow.tui.widgets.body import Body, Pane
from tui_initflow.tui.widgets.keys_bar import KeysBar
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.pane_tabs import PaneTabs
from tui_initflow.tui.widgets.picture_view import Painter, PictureView
from tui_initflow.tui.widgets.sweep_view import SweepView

if TYPE_CHECKING:
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.sweep import SweepResult
    from tui_initflow.findings.summary import Summary
    from tui_initflow.theory.of_experiment import Side
    from tui_initflow.theory.outlook import Report

KEYS = (
    ("?", "Help", "app.help"),
    ("r", "Run", "run_once"),
    ("R", "Many", "run_many"),
    ("s", "Stop", "stop"),
    ("d", "Demo", "preset('demo')"),
    ("m", "Match", "match"),
    ("l", "Rand", "preset('rand')"),
    ("t", "Theory", "theory"),
    ("p", "Phase", "phase"),
    ("n", "Net", "network"),
    ("q", "Quit", "app.quit"),
)
"""As many as fit 80 columns; the others are in the help."""
SETTINGS = ("layers", "neurons", "features")


class MainScreen(Screen[None]):
    """Composes the parts; a change of settings drops what belonged to the old ones."""

    AUTO_FOCUS = ""
    # as Textual has it, but for a move of the focus the whole screen need not be sent again
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", id="help"),
        Binding("r", "run_once", "Run once", id="run"),
        Binding("R", "run_many", "Run many", id="run-many"),
        Binding("s,escape", "stop", "Stop", id="stop"),
        Binding("d", "preset('demo')", "Demo", id="demo"),
        Binding("m", "match", "Match variance", id="match"),
        Binding("l", "preset('rand')", "Literal rand()", id="rand"),
        Binding("t", "theory", "Theory", id="theory"),
        Binding("p", "phase", "Phase chart", id="phase"),
        Binding("n", "network", "Network", id="network"),
        Binding("z", "zoom", "Zoom", id="zoom"),
        Binding("a", "choose('a')", "Initialiser A", id="choose-a"),
        Binding("b", "choose('b')", "Initialiser B", id="choose-b"),
        Binding("f", "choose_activation", "Activation", id="choose-activation"),
        Binding("e", "export", "Export", id="export"),
        Binding("c", "copy_command", "Copy command", id="copy-command"),
        Binding("o", "presets", "Presets", id="presets"),
        Binding("x", "focus_method", "Other method", id="focus-method"),
        Binding("y", "copy_torch_line", "Copy PyTorch line", id="copy-torch"),
        *(Binding(str(i), f"pane('{pane}')", pane) for i, pane in enumerate(PANES, 1)),
        Binding("right_square_bracket", "next_pane(1)", "Next pane"),
        Binding("left_square_bracket", "next_pane(-1)", "Previous pane"),
    ]

    def __init__(self, experiment: Experiment, *, theory: bool = False, config: Config | None = None) -> None:
        super().__init__()
        self.config = config
        self.experiment = replace(experiment, runs=1)
        self.many = experiment.runs
        self.results: Results | None = None
        self.summary: Summary | None = None
        self.sweeps: dict[str, SweepResult] = {}
        self._batch = 1
        self._runs = jobs.Job(self, "runs")
        self._sweeps = jobs.Job(self, "sweeps")
        self._theories = jobs.Job(self, "theory")
        self.exports = jobs.Job(self, "export")
        self.theory_wanted = theory
        self.focused_method: Side = "a"
        self.theory: tuple[Report, Report] | None = None

    def compose(self) -> ComposeResult:
        experiment = self.experiment
        with Body():
            yield PictureView(partial(heading.title, experiment, self.focused_method), id="title")
            yield PictureView(partial(heading.insight, None), id="insight")
            for name in PARAMETERS:
                yield NumberField(name, NAMES[name], getattr(experiment, name), id=f"field-{name}")
            yield ActionsBar(self.many, id="actions")
            yield PictureView(self._waiting("press r to run"), id="banner")
            yield PaneTabs(id="tabs")
            for name in PARAMETERS:
                yield SweepView(name, experiment, id=f"sweep-{name}")
            for pane in PANES:
                if pane != "sweeps":
                    yield Pane(partial(invitation, pane), id=pane)
        yield KeysBar(KEYS)

    def on_mount(self) -> None:
        self._show_fields()
        self._start_sweeps()
        if self.theory_wanted:
            self._start_theory()

    def on_unmount(self) -> None:
        # Textual cancels its workers but cannot end their threads, for which the process would wait
        self.action_stop()
        self._save_session()

    def _save_session(self) -> None:
        if self.config is None:
            return
        theme: Theme = "dark" if self.app.current_theme.dark else "light"
        # what cannot be saved was told when it was read
        with suppress(ConfigError):
            self.config.save_session(Session(replace(self.experiment, runs=self.many), theme, self.theory_wanted))

    # what the user asks for

    def action_run_once(self) -> None:
        self._run(1)

    def action_run_many(self) -> None:
        self._run(self.many)

    def action_stop(self) -> None:
        self._runs.stop()
        self._sweeps.stop()
        self._theories.stop()

    def action_theory(self) -> None:
        """Theory beside the measurement, and without it again."""
        self.theory_wanted = not self.theory_wanted
        if self.theory_wanted and self.theory is None:
            self._start_theory()
        elif self.summary is not None:
            self._show_summary(self.summary)

    def action_choose(self, side: Side) -> None:
        dialogs.choose_initialiser(self, side)

    def action_choose_activation(self) -> None:
        dialogs.choose_activation(self)

    def action_network(self) -> None:
        dialogs.edit_network(self)

    def action_phase(self) -> None:
        dialogs.show_phase(self)

    def action_presets(self) -> None:
        dialogs.choose_preset(self)

    def action_export(self) -> None:
        exporting.export(self)

    def action_copy_torch_line(self) -> None:
        exporting.copy_torch_line(self)

    def action_copy_command(self) -> None:
        exporting.copy_command(self)

    def action_focus_method(self) -> None:
        """What concerns one method concerns the other one from now on."""
        self.focused_method = "b" if self.focused_method == "a" else "a"
        self._show_title()

    def action_zoom(self) -> None:
        self._body.toggle_zoom()

    def action_pane(self, pane: str) -> None:
        self._body.choose(pane)

    def action_next_pane(self, by: int) -> None:
        index = PANES.index(self._body.pane)
        self._body.choose(PANES[(index + by) % len(PANES)])

    def action_match(self) -> None:
        """Match variance, and back to the demo."""
        matched = PRESETS["matched"]
        self.action_preset("demo" if (self.experiment.a, self.experiment.b) == matched else "matched")

    def action_preset(self, name: str) -> None:
        a, b = PRESETS[name]
        self.change(replace(self.experiment, a=a, b=b))

    @on(Button.Pressed, "#run-once")
    def _run_once_pressed(self) -> None:
        self.action_run_once()

    @on(Button.Pressed, "#run-many")
    def _run_many_pressed(self) -> None:
        self.action_run_many()

    @on(Button.Pressed, "#stop")
    def _stop_pressed(self) -> None:
        self.action_stop()

    @on(PaneTabs.Chosen)
    def _tab_chosen(self, event: PaneTabs.Chosen) -> None:
        self.action_pane(event.pane)

    @on(NumberField.Changed)
    def _number_changed(self, event: NumberField.Changed) -> None:
        if event.setting == "runs":
            self.many = event.value
            self._actions.set_runs(event.value)
        else:
            custom = self.experiment.widths is not None
            self._adopt(self.experiment.with_(**{event.setting: event.value}))
            # a field that is being stepped is ahead of what it has announced
            if custom:
                self._show_fields()

    @on(NumberField.Refused)
    def _number_refused(self, event: NumberField.Refused) -> None:
        self._actions.refuse(event.allowed)

    @on(NumberField.Settled)
    def _number_settled(self) -> None:
        self._actions.say("")

    @on(SweepView.Adopted)
    def _point_adopted(self, event: SweepView.Adopted) -> None:
        self.change(self.experiment.with_(**{event.setting: event.value}))

    # the work

    def change(self, experiment: Experiment) -> None:
        """Other settings, which do not come from the fields."""
        self._adopt(experiment)
        self._show_fields()

    def _adopt(self, experiment: Experiment) -> None:
        """Drop what belonged to the old settings, run again, sweep again."""
        if experiment == self.experiment:
            return
        self.experiment = experiment
        self.results = self.summary = None
        self.theory = None
        self.sweeps = {}
        for job in (self._runs, self._sweeps, self._theories):
            job.drop()
        self._show_title()
        self._show("banner", self._waiting("settings changed"))
        self._run(self._batch)
        if self.theory_wanted:
            self._start_theory()

    def _run(self, runs: int) -> None:
        if self._runs.busy:
            return
        self._batch = runs
        experiment = replace(self.experiment, runs=runs)
        self._runs.start(partial(jobs.run_job, self.post_message, experiment, self.results))
        self._actions.set_busy(True)

    def _start_sweeps(self) -> None:
        self.sweeps = {}
        # a list of widths has no one number of layers or neurons to vary
        over = PARAMETERS if self.experiment.widths is None else ("features",)
        for name in set(PARAMETERS) - set(over):
            self._show_sweep(name, None)
        self._sweeps.start(partial(jobs.sweep_job, self.post_message, self.experiment, over))
        self._actions.set_busy(True)

    def _start_theory(self) -> None:
        self._theories.start(partial(jobs.theory_job, self.post_message, self.experiment))
        self._actions.set_busy(True)

    # what comes back

    @on(jobs.RunProgressed)
    def _run_progressed(self, event: jobs.RunProgressed) -> None:
        if event.ticket != self._runs.ticket:
            return
        self._actions.progress(f"runs {event.done:,}/{event.total:,}", event.done / event.total)
        self._show_summary(event.summary)

    @on(jobs.RunFinished)
    def _run_finished(self, event: jobs.RunFinished) -> None:
        if event.ticket != self._runs.ticket:
            return
        self._runs.busy = False
        done = (event.results.runs if event.results else 0) - (self.results.runs if self.results else 0)
        self.results = event.results
        if event.summary is not None:
            self._show_summary(event.summary)
        else:
            self._show_nothing()
        stopped = done < event.asked
        self._actions.say(f"stopped after {done:,} of {event.asked:,} runs" if stopped else "")
        self._rest()
        if not self.sweeps and not self._sweeps.busy and not stopped:
            self._start_sweeps()

    @on(jobs.SweepProgressed)
    def _sweep_progressed(self, event: jobs.SweepProgressed) -> None:
        if event.ticket != self._sweeps.ticket:
            return
        self._actions.progress(f"sweep: {NAMES[event.over]} {event.fraction:.0%}", event.fraction)
        self._show_sweep(event.over, event.result)

    @on(jobs.SweepFinished)
    def _sweep_finished(self, event: jobs.SweepFinished) -> None:
        if event.ticket != self._sweeps.ticket:
            return
        if event.result is not None:
            self.sweeps[event.over] = event.result
        self._show_sweep(event.over, event.result)

    @on(jobs.SweepsFinished)
    def _sweeps_finished(self, event: jobs.SweepsFinished) -> None:
        if event.ticket == self._sweeps.ticket:
            self._sweeps.busy = False
            if not self._runs.busy:
                self._actions.say("")
            self._rest()

    @on(jobs.TheoryFinished)
    def _theory_finished(self, event: jobs.TheoryFinished) -> None:
        if event.ticket != self._theories.ticket:
            return
        self._theories.busy = False
        self.theory = event.reports
        if self.summary is not None:
            self._show_summary(self.summary)
        self._rest()

    @on(jobs.Exported)
    def _exported(self, event: jobs.Exported) -> None:
        self.exports.busy = False
        (self.refuse if event.failed else self.say)(event.said)

    @on(jobs.JobFailed)
    def _job_failed(self, event: jobs.JobFailed) -> None:
        job = {"runs": self._runs, "sweeps": self._sweeps, "theory": self._theories, "export": self.exports}[
            event.doing
        ]
        if event.ticket != job.ticket:
            return
        job.busy = False
        self._actions.refuse(event.short)
        self.notify(event.long, title=f"The {event.doing} failed", severity="error", timeout=20, markup=False)
        self._rest()

    # what is shown

    def say(self, text: str) -> None:
        """Tell something in the line of the actions."""
        self._actions.say(text)

    def refuse(self, text: str) -> None:
        """Tell there what is not allowed, or failed."""
        self._actions.refuse(text)

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return any(job.busy for job in (self._runs, self._sweeps, self._theories, self.exports))

    @property
    def _body(self) -> Body:
        return self.query_one(Body)

    @property
    def _actions(self) -> ActionsBar:
        return self.query_one(ActionsBar)

    def _show(self, part: str, painter: Painter) -> None:
        self.query_one(f"#{part}", PictureView).show(painter)

    def _show_fields(self) -> None:
        for name in SETTINGS:
            field = self.query_one(f"#field-{name}", NumberField)
            if self.experiment.widths is not None and name != "features":
                field.show_custom(getattr(self.experiment, name))
            else:
                field.set_value(getattr(self.experiment, name))

    def _show_title(self) -> None:
        self._show("title", partial(heading.title, self.experiment, self.focused_method))

    def _waiting(self, badge: str) -> Painter:
        hint = f"r runs once · R runs {self.many} · then change Layers and see it happen"
        return partial(banner.waiting, self.experiment, badge, hint)

    def _show_nothing(self) -> None:
        self._show("banner", self._waiting("settings changed"))
        self._show("insight", partial(heading.insight, None))
        for pane in PANES:
            if pane != "sweeps":
                self._show(pane, partial(invitation, pane))

    def _show_summary(self, summary: Summary) -> None:
        from tui_initflow.pages.panes import PAINTERS

        self.summary = summary = replace(summary, theory=self.theory if self.theory_wanted else None)
        self._show("banner", partial(banner.result, summary))
        self._show("insight", partial(heading.insight, summary))
        for pane, painter in PAINTERS.items():
            self._show(pane, partial(painter, summary))

    def _show_sweep(self, over: str, result: SweepResult | None) -> None:
        self.query_one(f"#sweep-{over}", SweepView).show_sweep(self.experiment, result)

    def _rest(self) -> None:
        self._actions.set_busy(self.busy)
