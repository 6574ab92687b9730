"""The work of the main screen: what is computed for the session, and how its results reach the dashboard."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from tui_initflow.model.cost import duration
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import TrainingSettings
from tui_initflow.pages.chrome import explained
from tui_initflow.story.steps import Step
from tui_initflow.tui import workers
from tui_initflow.tui.session import Session
from tui_initflow.tui.widgets.dashboard import Dashboard

if TYPE_CHECKING:
    from tui_initflow.engine.finals import PartProgress
    from tui_initflow.engine.runs import Progress
    from tui_initflow.engine.sweep import SweepResult
    from tui_initflow.training.results import TrainingResult
    from tui_initflow.training.runs import Progress as TrainingProgress


LEAST_LEFT = 2.0
"""Seconds left that are worth saying."""


class Work:
    """One job for each kind of work. Other settings drop what was computed for the old ones."""

    def __init__(self, screen: Screen[Any], session: Session, dashboard: Dashboard) -> None:
        self._session = session
        self._dashboard = dashboard
        self._is_swept = False
        """Whether all sweeps around these settings are complete."""
        self._runs, self._sweeps, self._theory, self._training, self._export = self._jobs = tuple(
            workers.Job(screen, name, self._ended) for name in ("runs", "sweeps", "theory", "training", "export")
        )

    def adopt(self, experiment: Experiment) -> None:
        """Drop what belonged to the old settings, then run and sweep again."""
        if not self._session.change(experiment):
            return
        self._is_swept = False
        for job in (self._runs, self._sweeps, self._theory, self._training):
            job.drop()
        self._dashboard.show_changed()
        self._dashboard.show_training()
        self.run(self._session.batch)
        self.predict()

    def adopt_training(self, settings: TrainingSettings, trainings: int) -> None:
        """The same for the settings of training."""
        if self._session.change_training(settings, trainings):
            self._training.drop()
            self._dashboard.show_training()

    def adopt_step(self, step: Step) -> None:
        """Take the settings of a step of the story, with as many runs as it showed."""
        if step.training is not None:
            self.adopt_training(step.training, step.experiment.runs)
        self._session.batch = step.experiment.runs
        self.adopt(step.experiment)

    def run(self, runs: int) -> None:
        if not self._runs.busy:
            # sweeps do not hold up what is asked for: they start again afterwards
            self._sweeps.drop()
            self._start(self._runs, partial(self._simulate, self._session.more_runs(runs)))

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

    def _start(self, job: workers.Job, work: Callable[[], Awaitable[None]]) -> None:
        job.start(work)
        self._dashboard.set_busy(True)

    def _ended(self, problem: str) -> None:
        if problem:
            self._dashboard.status.refuse(problem)
        self._dashboard.set_busy(self.busy)

    async def _simulate(self, experiment: Experiment) -> None:
        before, started = self._session.results, time.monotonic()
        expected = self._session.expected_seconds(experiment.runs)

        async def show(progress: Progress) -> None:
            _, summary = await self._runs.compute(lambda: workers.joined(before, progress.partial()))
            self._session.take_progress(summary)
            done, total = progress.done, progress.total
            left = (time.monotonic() - started) * (total - done) / done
            self._dashboard.status.progress(f"runs {done:,}/{total:,}{_left(left)}", done / total)
            self._dashboard.show_summary()

        def waiting(seconds: float) -> None:
            self._dashboard.show_running()
            share = min(seconds / expected, 0.99)
            self._dashboard.status.progress(f"runs 0/{experiment.runs:,}{_left(expected - seconds)}", share)

        joined = await self._runs.follow(partial(workers.simulate_runs, experiment, before), show, waiting)
        done = 0 if joined is None else self._session.take_results(*joined)
        self._session.took(done, time.monotonic() - started)
        self._dashboard.show_expected()
        self._dashboard.show_summary()
        if done < experiment.runs:
            self._dashboard.status.say(f"stopped after {done:,} of {experiment.runs:,} runs")
            return
        self._dashboard.status.say("")
        if not self._is_swept and not self._sweeps.busy:
            self.sweep()

    async def _sweep(self) -> None:
        # old charts stay until they are replaced, except those that will not be
        for over in SIZES:
            if over not in self._session.swept:
                self._dashboard.show_sweep(over)
        for over in self._session.swept:

            async def show(progress: PartProgress[SweepResult], over: str = over) -> None:
                text = f"sweep: {SETTINGS[over].label} {progress.fraction:.0%}"
                self._dashboard.status.progress(text, progress.fraction)
                self._show_sweep(progress.partial)

            self._show_sweep(
                await self._sweeps.follow(partial(workers.simulate_sweep, self._session.experiment, over), show)
            )
            if self._sweeps.stopped:
                break
        else:
            self._is_swept = True
        if not self._runs.busy:
            self._dashboard.status.end_progress()

    def _show_sweep(self, result: SweepResult) -> None:
        self._session.sweeps[result.over] = result
        self._dashboard.show_sweep(result.over)

    async def _predict(self) -> None:
        self._session.theory = await self._theory.compute(partial(workers.predict, self._session.experiment))
        if self._session.summary is not None:
            self._dashboard.show_summary()

    async def _train(self) -> None:
        status, steps = self._dashboard.status, self._session.training_settings.steps
        status.say("trying learning rates")

        async def show(progress: TrainingProgress) -> None:
            await self._show_training(progress.partial)
            status.progress(f"step {progress.step:,}/{steps:,}", progress.step / steps)

        train = partial(workers.train_both, self._session.to_train(), self._session.training_settings)
        try:
            result = await self._training.follow(train, show)
        except SettingError as error:
            self._dashboard.show_training(partial(explained, str(error)))
            raise
        if result is not None:
            await self._show_training(lambda: result)
        done = 0 if result is None else result.steps_done
        status.say("" if done == steps else f"stopped after {done:,} of {steps:,} steps")

    async def _show_training(self, result: Callable[[], TrainingResult]) -> None:
        draw = partial(workers.drawn_training, result, self._dashboard.drawn_at("train"))
        self._session.training, painter = await self._training.compute(draw)
        self._dashboard.show_training(painter)

    async def _write(self, path: Path, text: Callable[[], str]) -> None:
        status = self._dashboard.status
        status.say(f"writing {path.name}")
        problem = await self._export.compute(partial(workers.write_file, path, text))
        status.refuse(problem) if problem else status.say(f"wrote {path}")


def _left(seconds: float) -> str:
    """How much longer, if that is worth saying."""
    return f", {duration(seconds)} left" if seconds >= LEAST_LEFT else ""
