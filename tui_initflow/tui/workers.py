"""The computations behind the screens: jobs that follow a thread, and what is computed there.

A job is a coroutine of its screen. Cancelling it does not end its thread, but nothing of the thread arrives any more.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen
from textual.worker import Worker

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.storage.files import reason, record, write_whole

if TYPE_CHECKING:
    from tui_initflow.charts.palette import Palette
    from tui_initflow.checkpoints.histogram import TensorHistogram
    from tui_initflow.checkpoints.scan import Measured
    from tui_initflow.engine.finals import PartProgress
    from tui_initflow.engine.grid import GridResult
    from tui_initflow.engine.grid_plan import Axes
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import Progress
    from tui_initflow.engine.sweep import SweepResult
    from tui_initflow.findings.inspection import Inspection
    from tui_initflow.findings.learning import TrainedMap
    from tui_initflow.findings.summary import Summary
    from tui_initflow.model.pair import Side
    from tui_initflow.model.training import TrainingSettings
    from tui_initflow.story.outcome import Outcome
    from tui_initflow.story.steps import Step
    from tui_initflow.theory.outlook import Theory
    from tui_initflow.training.results import TrainingResult
    from tui_initflow.training.runs import Progress as TrainingProgress
    from tui_initflow.training.trainability import MapProgress, TrainabilityMap
    from tui_initflow.tui.widgets.picture_view import Painter

    MapUpdate = tuple[MapProgress, TrainedMap]
    """How far a trainability map is, and what there is of it."""

FRAME_SECONDS = 0.2
"""At most five live frames a second: more is not read, and a slow line cannot carry it."""
FIRST_FRAME_SECONDS = 0.1
"""Work shorter than this shows no progress at all: a bar that flashes only disturbs."""

P = TypeVar("P")
T = TypeVar("T")
OnProgress = Callable[[P], None]


class Failed(Exception):
    """A computation raised an exception, which is the cause."""


class Job:
    """One kind of work, of which only the newest counts. `ended` is told why it failed, "" if it did not."""

    def __init__(self, screen: Screen[Any], name: str, ended: Callable[[str], None]) -> None:
        self._screen = screen
        self._name = name
        self._ended = ended
        self._cancel = threading.Event()
        self._worker: Worker[None] | None = None
        self.busy = False

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        self.drop()
        self._cancel = threading.Event()
        self.busy = True
        self._worker = self._screen.run_worker(partial(self._run, work), group=self._name)

    def stop(self) -> None:
        """Ask the computation to end; what it has done still arrives."""
        self._cancel.set()

    @property
    def stopped(self) -> bool:
        return self._cancel.is_set()

    def drop(self) -> None:
        """End the work and let nothing of it arrive."""
        self.stop()
        if self._worker is not None:
            self._worker.cancel()
        self.busy = False

    async def compute(self, function: Callable[[], T]) -> T:
        """What the function returns, which runs in a thread.

        Raises:
            SettingError: the settings do not allow it.
            Failed: it raised another exception.
        """
        try:
            return await asyncio.to_thread(_compute, function)
        except SettingError:
            raise
        except Exception as error:
            raise Failed from error

    async def follow(
        self,
        function: Callable[[threading.Event, OnProgress[P]], T],
        show: Callable[[P], Awaitable[None]],
        waiting: Callable[[float], None] = lambda _: None,
    ) -> T:
        """The same for a function that reports progress and ends when it is cancelled; `show` gets the newest report.

        `waiting` is called where there is no report yet, with the seconds that have passed.

        Raises:
            SettingError, Failed: as `compute`.
        """
        newest: deque[P] = deque(maxlen=1)
        thread = asyncio.create_task(self.compute(partial(function, self._cancel, newest.append)))
        clock = asyncio.get_running_loop().time
        started, reported = clock(), False
        due = started + FIRST_FRAME_SECONDS
        try:
            while not (await asyncio.wait([thread], timeout=max(due - clock(), 0.0)))[0]:
                # a frame that takes long does not put off the next one
                due = max(due + FRAME_SECONDS, clock())
                if newest:
                    reported = True
                    await show(newest.pop())
                elif not reported:
                    waiting(clock() - started)
            return await thread
        finally:
            thread.cancel()

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        problem = ""
        try:
            await work()
        except SettingError as error:
            # no failure: the settings that the user chose do not go with the work
            problem = error.problem
        except Failed as failed:
            problem = self._report(failed.__cause__)
        self.busy = False
        self._ended(problem)

    def _report(self, error: BaseException | None) -> str:
        """Tell what failed and what to do; the same in a line that fits beside the buttons."""
        assert error is not None
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        advice = f"Nothing is lost: try again or with other settings. To report it, {record(error)}"
        title = f"The {self._name} failed"
        self._screen.notify(f"{what}. {advice}", title=title, severity="error", timeout=20, markup=False)
        return f"{self._name} failed: {error or type(error).__name__}"


def _compute(function: Callable[[], T]) -> T:
    load_drawing()
    return function()


@cache
def load_drawing() -> None:
    """Import what draws results: in a thread, so that neither the first paint nor the event loop waits for it."""
    from tui_initflow.pages import gradient, layers, phase, preactivations, runs, sweeps, why  # noqa: F401

    # all that is loaded stays: going through it in every full collection would halt the screen for 80 ms
    gc.freeze()


# The computations. They import numpy, that is in threads, so that the first paint does not wait for it.


def simulate_runs(
    experiment: Experiment, before: Results | None, cancel: threading.Event, on_progress: OnProgress[Progress]
) -> tuple[Results, Summary] | None:
    """`experiment.runs` more runs together with those of `before`; None if not even one more is complete."""
    from tui_initflow.engine.runs import Cancelled, simulate

    first_run = 0 if before is None else before.runs
    try:
        return joined(before, simulate(experiment, first_run=first_run, cancel=cancel, on_progress=on_progress))
    except Cancelled:
        return None


def joined(before: Results | None, more: Results) -> tuple[Results, Summary]:
    from tui_initflow.findings.summary import summarise

    results = more if before is None else before.extended(more)
    return results, summarise(results)


def simulate_sweep(
    experiment: Experiment, over: str, cancel: threading.Event, on_progress: OnProgress[PartProgress[SweepResult]]
) -> SweepResult:
    """A sweep around `experiment` with as many runs a point as are affordable."""
    from tui_initflow.engine.sweep import affordable_runs, sweep

    around = experiment.with_(runs=affordable_runs(experiment, over))
    return sweep(around, over, cancel=cancel, on_progress=on_progress)


def predict(experiment: Experiment) -> Theory:
    """What theory says of both methods. It is quick, so it is not cancelled; a late result is dropped."""
    from tui_initflow.findings.status import TRAINABLE
    from tui_initflow.theory.outlook import theory_of

    return theory_of(experiment, TRAINABLE)


def train_both(
    experiment: Experiment,
    settings: TrainingSettings,
    cancel: threading.Event,
    on_progress: OnProgress[TrainingProgress],
) -> TrainingResult | None:
    """Both methods trained; None if it is stopped before the first step is recorded.

    Raises:
        SettingError: these settings or data cannot be trained with.
    """
    from tui_initflow.training.data import load_data
    from tui_initflow.training.runs import Cancelled, train

    try:
        return train(experiment, settings, load_data(settings.data), cancel=cancel, on_progress=on_progress)
    except Cancelled:
        return None


def drawn_training(
    partial: Callable[[], TrainingResult], at: tuple[int, int, Palette] | None
) -> tuple[TrainingResult, Painter]:
    """A training so far, and its painter, which has drawn it where it was drawn before."""
    from tui_initflow.pages.train import training

    result = partial()
    painter = training(result)
    if at is not None:
        painter(*at)
    return result, painter


def simulate_plane(
    experiment: Experiment,
    axes: Axes,
    columns: int,
    rows: int,
    cancel: threading.Event,
    on_progress: OnProgress[PartProgress[GridResult]],
) -> GridResult:
    """The final gradients on a plane of two settings."""
    from tui_initflow.engine.grid import compute_grid
    from tui_initflow.engine.grid_plan import plan_grid

    return compute_grid(plan_grid(experiment, axes, columns, rows), cancel=cancel, on_progress=on_progress)


def train_map(
    experiment: Experiment,
    side: Side,
    settings: TrainingSettings,
    cancel: threading.Event,
    on_progress: OnProgress[MapUpdate],
) -> TrainedMap:
    """How well one method's networks learn over gain and depth, with theory's depth scales.

    Raises:
        SettingError: these settings or data cannot be trained with.
    """
    from tui_initflow.findings.learning import TrainedMap, depth_scales
    from tui_initflow.training.data import load_data
    from tui_initflow.training.trainability import GAINS, trainability_map

    scales = depth_scales(experiment, side, GAINS)

    def with_theory(trained: TrainabilityMap) -> TrainedMap:
        return TrainedMap(experiment.with_(runs=1), settings, trained, scales)

    trained = trainability_map(
        experiment,
        side,
        settings,
        load_data(settings.data),
        cancel=cancel,
        on_progress=lambda progress: on_progress((progress, with_theory(progress.partial))),
    )
    return with_theory(trained)


def inspect_file(
    path: Path, template: Experiment, cancel: threading.Event, on_progress: OnProgress[tuple[str, float]]
) -> Inspection | str:
    """The tensors of a file, and the signals of a template's activation through them; or why it cannot be read."""
    from tui_initflow.checkpoints.errors import CheckpointError
    from tui_initflow.checkpoints.opening import open_checkpoint
    from tui_initflow.findings.inspection import inspect
    from tui_initflow.findings.status import TRAINABLE

    try:
        return inspect(
            open_checkpoint(path),
            template,
            TRAINABLE,
            cancel=cancel,
            on_scan=lambda progress: on_progress((f"reading {progress.name}", progress.done / max(progress.total, 1))),
            on_input=lambda done, total: on_progress(("sending signals through", done / total)),
        )
    except CheckpointError as error:
        return str(error)


def tensor_histogram(
    measured: Measured, cancel: threading.Event, _on_progress: OnProgress[None]
) -> TensorHistogram | str | None:
    """One tensor, read once more; None if that is stopped, or why it cannot be read."""
    from tui_initflow.checkpoints.errors import CheckpointError
    from tui_initflow.checkpoints.histogram import histogram
    from tui_initflow.engine.pool import Cancelled

    try:
        return histogram(measured, cancel)
    except Cancelled:
        return None
    except CheckpointError as error:
        return str(error)


def play_step(step: Step, cancel: threading.Event, on_progress: OnProgress[str]) -> Outcome | None:
    """What a step of the story shows; None if it is cancelled."""
    from tui_initflow.engine.pool import Cancelled
    from tui_initflow.story.outcome import play

    try:
        return play(step, cancel, on_progress)
    except Cancelled:
        return None


def write_file(path: Path, text: Callable[[], str]) -> str | None:
    """Write what `text` gives to a file, whole or not at all; returns why that failed, if it did."""
    try:
        write_whole(path, text())
    except OSError as error:
        return f"{path}: {reason(error)}"
    return None
