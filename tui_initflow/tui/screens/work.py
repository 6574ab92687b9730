"""The work of the main screen: what is computed for the session, and how its results reach the dashboard."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from textual.screen import Screen

from tui_initflow import lab
from tui_initflow.lab.session import Session
from tui_initflow.model.cost import duration
from tui_initflow.model.experiment import SIZES, Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import TrainingSettings
from tui_initflow.pages.chrome import explained
from tui_initflow.pages.panes import painters
from tui_initflow.storage.files import reason, write_whole
from tui_initflow.story.steps import Trial
from tui_initflow.tui.widgets.dashboard import Dashboard
from tui_initflow.tui.widgets.picture_view import DrawnAt, Painter, drawn
from tui_initflow.tui.workers import Job

LEAST_LEFT = 2.0
"""Seconds left that are worth saying."""


TRAINING = "a training is under way: s stops it and keeps what it has, then other settings can be taken"


class Work:
    """One job for each kind of work. Other settings drop what was computed for the old ones."""

    def __init__(self, screen: Screen[Any], session: Session, dashboard: Dashboard) -> None:
        self._session = session
        self._dashboard = dashboard
        self._is_swept = False
        """Whether all sweeps around these settings are complete."""
        self._runs, self._sweeps, self._theory, self._training, self._export = self._jobs = tuple(
            Job(screen, name, self._ended) for name in ("runs", "sweeps", "theory", "training", "export")
        )

    def adopt(self, experiment: Experiment) -> None:
        """Drop what belonged to the old settings, then run and sweep again."""
        if not self._session.is_other(experiment) or self.refuses():
            return
        self._session.change(experiment)
        self._is_swept = False
        for job in (self._runs, self._sweeps, self._theory, self._training):
            job.drop()
        self._dashboard.show_changed()
        self._dashboard.show_training()
        self.run(self._session.batch)
        self.predict()

    def adopt_training(self, settings: TrainingSettings, trainings: int) -> None:
        """Take other settings of training."""
        if not self.refuses() and self._session.change_training(settings, trainings):
            self._dashboard.show_training()

    def refuses(self) -> bool:
        """Whether other settings have to wait for a training, which is then said: no key drops one by the way."""
        if self._training.busy:
            self._dashboard.show_fields()
            self._dashboard.status.refuse(TRAINING)
        return self._training.busy

    def adopt_trial(self, trial: Trial) -> None:
        """Take settings from the story, with as many runs as it has for them."""
        if trial.training is not None:
            self.adopt_training(trial.training, trial.experiment.runs)
        self._session.batch = trial.experiment.runs
        self.adopt(trial.experiment)

    def run(self, runs: int) -> None:
        if not self._runs.busy:
            # sweeps do not hold up what is asked for: they start again afterwards
            self._sweeps.drop()
            self._start(self._runs, partial(self._simulate, runs))

    def sweep(self) -> None:
        self._start(self._sweeps, self._sweep)

    def predict(self) -> None:
        if self._session.theory_missing:
            self._start(self._theory, self._predict)

    def train_or_stop(self) -> None:
        self._training.stop() if self._training.busy else self._start(self._training, self._train)

    def write(self, path: Path, text: Callable[[], str]) -> None:
        self._start(self._export, partial(self._write, path, text))

    def stop(self) -> None:
        """End everything; what is done is kept."""
        for job in self._jobs:
            job.stop()

    @property
    def busy(self) -> bool:
        return any(job.busy for job in self._jobs)

    def _start(self, job: Job, work: Callable[[], Awaitable[None]]) -> None:
        job.start(work)
        self._dashboard.set_busy(True)

    def _ended(self, problem: str) -> None:
        if problem:
            self._dashboard.status.refuse(problem)
        self._dashboard.set_busy(self.busy)

    async def _simulate(self, runs: int) -> None:
        session, status, started = self._session, self._dashboard.status, time.monotonic()
        experiment, before, place = session.more_runs(runs), session.results, session.place
        first, expected = session.runs, session.expected_seconds(runs)

        async def show(progress: lab.Progress[lab.Results]) -> None:
            session.take_progress(await self._runs.compute(lambda: lab.summarise(progress.partial())))
            await self._show_summary(self._runs)
            done = progress.done - first
            left = (time.monotonic() - started) * (runs - done) / done
            status.progress(f"runs {done:,}/{runs:,}{_left(left)}", done / runs)

        def waiting(seconds: float) -> None:
            self._dashboard.show_running()
            status.progress(f"runs 0/{runs:,}{_left(expected - seconds)}", min(seconds / expected, 0.99))

        run = lambda cancel, report: lab.run(experiment, cancel, report, before=before, place=place)  # noqa: E731
        results = await self._runs.follow(run, show, waiting)
        done = 0
        if results is not None:
            done = session.take_results(results, await self._runs.compute(lambda: lab.summarise(results)))
        session.took(done, time.monotonic() - started)
        self._dashboard.show_expected()
        await self._show_summary(self._runs)
        if done < runs:
            status.say(f"stopped after {done:,} of {runs:,} runs")
            return
        status.say("")
        if not self._is_swept and not self._sweeps.busy:
            self.sweep()

    async def _sweep(self) -> None:
        # old charts stay until they are replaced, except those that will not be
        for over in SIZES:
            if over not in self._session.swept:
                self._dashboard.show_sweep(over)

        async def show(progress: lab.Progress[lab.SweepResult]) -> None:
            self._dashboard.status.progress(progress.text, progress.fraction)
            self._show_sweep(progress.partial())

        experiment, place = self._session.experiment, self._session.place
        for over in self._session.swept:
            sweep = lambda *work, over=over: lab.quick_sweep(experiment, over, *work, place=place)  # noqa: E731
            self._show_sweep(await self._sweeps.follow(sweep, show))
            if self._sweeps.stopped:
                break
        else:
            self._is_swept = True
        if not self._runs.busy:
            self._dashboard.status.end_progress()

    def _show_sweep(self, result: lab.SweepResult) -> None:
        self._session.sweeps[result.over] = result
        self._dashboard.show_sweep(result.over)

    async def _predict(self) -> None:
        experiment = self._session.experiment
        predicted = await self._theory.follow(lambda cancel, _: lab.theory(experiment, cancel))
        if predicted is None:
            return
        self._session.theory = predicted
        if self._session.summary is not None:
            await self._show_summary(self._theory)

    async def _show_summary(self, job: Job) -> None:
        """Show what is found, once a thread has drawn it and tried the advice that belongs to it."""
        session, summary = self._session, self._session.summary
        if summary is None:
            self._dashboard.show_summary()
            return
        shows, kept, at = session.shows, session.kept, self._dashboard.drawn_at()
        shown = await job.compute(lambda: _drawn(summary, kept, at))
        # whatever changed meanwhile is being shown by who changed it
        if all(one is other for one, other in zip(shows, session.shows, strict=True)):
            self._dashboard.show_summary(shown)

    async def _train(self) -> None:
        status, session = self._dashboard.status, self._session
        experiment, settings, place = session.to_train(), session.training_settings, session.place
        status.say("trying learning rates")

        async def show(progress: lab.Progress[lab.TrainingResult]) -> None:
            await self._show_training(progress.partial)
            status.progress(progress.text, progress.fraction)

        def train(cancel: threading.Event, report: lab.Report[Any]) -> lab.TrainingResult | None:
            data = lab.load_data(settings.data, cancel)
            return None if data is None else lab.train(experiment, settings, data, cancel, report, place=place)

        try:
            result = await self._training.follow(train, show)
        except SettingError as error:
            self._dashboard.show_training(partial(explained, str(error)))
            raise
        if result is not None:
            await self._show_training(lambda: result)
        done = 0 if result is None else result.steps_done
        status.say("" if done == settings.steps else f"stopped after {done:,} of {settings.steps:,} steps")

    async def _show_training(self, result: Callable[[], lab.TrainingResult]) -> None:
        draw = partial(_drawn_training, result, self._dashboard.drawn_at().get("train"))
        self._session.training, painter = await self._training.compute(draw)
        self._dashboard.show_training(painter)

    async def _write(self, path: Path, text: Callable[[], str]) -> None:
        status = self._dashboard.status
        status.say(f"writing {path.name}")
        problem = await self._export.compute(partial(_write_file, path, text))
        status.refuse(problem) if problem else status.say(f"wrote {path}")


def _drawn(summary: lab.Summary, kept: lab.Summary | None, at: Mapping[str, DrawnAt]) -> Mapping[str, Painter]:
    """The painters of all panes; those on the screen are drawn, and what they advise is tried."""
    lab.try_remedies(summary)
    return {pane: drawn(painter, at.get(pane)) for pane, painter in painters(summary, kept).items()}


def _drawn_training(
    partial: Callable[[], lab.TrainingResult], at: DrawnAt | None
) -> tuple[lab.TrainingResult, Painter]:
    """A training so far, and its painter."""
    from tui_initflow.pages.train import training

    result = partial()
    return result, drawn(training(result), at)


def _write_file(path: Path, text: Callable[[], str]) -> str | None:
    """Write what `text` gives to a file, whole or not at all; returns why that failed, if it did."""
    try:
        write_whole(path, text())
    except OSError as error:
        return f"{path}: {reason(error)}"
    return None


def _left(seconds: float) -> str:
    """How much longer, if that is worth saying."""
    return f", {duration(seconds)} left" if seconds >= LEAST_LEFT else ""
