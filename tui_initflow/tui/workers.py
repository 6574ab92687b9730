"""The computations behind the screens: threads that take settings and a cancel token, and answer with updates.

Cancelling a Textual thread worker does not end its thread. So every update names the work it belongs to, and `Job` lets
only those of the newest work through.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from textual import on
from textual.message import Message
from textual.screen import Screen, ScreenResultType

from tui_initflow.model.experiment import Experiment

if TYPE_CHECKING:
    from tui_initflow.engine.grid import GridResult
    from tui_initflow.engine.grid_plan import Axes
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import Progress
    from tui_initflow.engine.sweep import SweepProgress, SweepResult
    from tui_initflow.findings.summary import Summary
    from tui_initflow.theory.outlook import Theory

FRAME_SECONDS = 0.2
"""At most five live frames a second: more is not read, and a slow line cannot carry it."""
FIRST_FRAME_SECONDS = 0.1
"""Work shorter than this shows no progress at all: a bar that flashes only disturbs."""


@dataclass(frozen=True, slots=True)
class RunsProgress:
    """Runs are under way; `summary` is of those done so far."""

    done: int
    total: int
    summary: Summary


@dataclass(frozen=True, slots=True)
class RunsDone:
    """The runs ended, complete or stopped; `results` are None if not even one is done."""

    asked: int
    results: Results | None
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class SweepUpdate:
    """A sweep so far; `fraction` of its work is done, 1.0 at its end."""

    over: str
    fraction: float
    result: SweepResult


@dataclass(frozen=True, slots=True)
class TheoryDone:
    theory: Theory


@dataclass(frozen=True, slots=True)
class PhaseUpdate:
    """The phase chart so far; `fraction` of its work is done, 1.0 at its end. `label` says how far that is."""

    label: str
    fraction: float
    result: GridResult


@dataclass(frozen=True, slots=True)
class Written:
    """A file is written, or could not be, as the message says."""

    message: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """An exception ended the work; `logged` says where its traceback is."""

    work: str
    error: Exception
    logged: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The last update of all work, however it ended."""


Update = RunsProgress | RunsDone | SweepUpdate | TheoryDone | PhaseUpdate | Written | Failed | Ended
Emit = Callable[[Update], None]
Work = Callable[[Emit, threading.Event], None]
"""Computes and emits updates; the event asks it to stop."""


@dataclass
class Emitted(Message):
    """An update on its way from a thread to the screen. `cancel` tells which work it is of."""

    job: Job
    cancel: threading.Event
    update: Update

    def can_replace(self, message: Message) -> bool:
        # of progress, only the newest is worth drawing
        return (
            isinstance(message, Emitted)
            and message.cancel is self.cancel
            and isinstance(message.update, (RunsProgress, SweepUpdate, PhaseUpdate))
            and type(message.update) is type(self.update)
            and getattr(message.update, "over", None) == getattr(self.update, "over", None)
        )


class JobScreen(Screen[ScreenResultType]):
    """A screen that has work done in threads."""

    @on(Emitted)
    def _emitted(self, event: Emitted) -> None:
        event.job.take(event)

    def report(self, failed: Failed) -> str:
        """Tell what failed and what to do; the same in a line that fits beside the buttons."""
        what = f"{type(failed.error).__name__}: {failed.error}".rstrip(": ")
        advice = f"Nothing is lost: try again or with other settings. To report it, {failed.logged}"
        title = f"The {failed.work} failed"
        self.notify(f"{what}. {advice}", title=title, severity="error", timeout=20, markup=False)
        return f"{failed.work} failed: {failed.error or type(failed.error).__name__}"


class Job:
    """One kind of work, of which only the newest counts: `show` gets its updates and none of older work."""

    def __init__(self, screen: JobScreen[Any], name: str, show: Callable[[Update], None]) -> None:
        self._screen = screen
        self._name = name
        self._show = show
        self._cancel = threading.Event()
        self.busy = False

    def start(self, work: Work) -> None:
        self.drop()
        self.busy = True
        run = partial(self._guarded, work, self._cancel)
        self._screen.run_worker(run, group=self._name, thread=True, exit_on_error=False)

    def stop(self) -> None:
        """Ask the work to end; what it has done still arrives."""
        self._cancel.set()

    def drop(self) -> None:
        """End the work and let nothing of it arrive."""
        self.stop()
        self._cancel = threading.Event()
        self.busy = False

    def take(self, event: Emitted) -> None:
        """Let an update through if it belongs to the newest work."""
        if event.cancel is self._cancel:
            self.busy = not isinstance(event.update, Ended)
            self._show(event.update)

    def _guarded(self, work: Work, cancel: threading.Event) -> None:
        def emit(update: Update) -> None:
            load_drawing()
            self._screen.post_message(Emitted(self, cancel, update))

        try:
            work(emit, cancel)
        except Exception as error:
            from tui_initflow.storage.error_log import record

            emit(Failed(self._name, error, record(error)))
        emit(Ended())


@cache
def load_drawing() -> None:
    """Import what draws results: in a thread, so that neither the first paint nor the event loop waits for it."""
    import tui_initflow.pages.gradient
    import tui_initflow.pages.layers
    import tui_initflow.pages.phase
    import tui_initflow.pages.preactivations
    import tui_initflow.pages.runs
    import tui_initflow.pages.sweeps
    import tui_initflow.pages.why  # noqa: F401

    # all that is loaded stays: going through it in every full collection would halt the screen for 80 ms
    gc.freeze()


P = TypeVar("P")


def live(emit: Emit, update: Callable[[P], Update]) -> Callable[[P], None]:
    """A progress callback that emits an update when the next live frame is due."""
    next_frame = time.monotonic() + FIRST_FRAME_SECONDS

    def progressed(progress: P) -> None:
        nonlocal next_frame
        if time.monotonic() >= next_frame:
            next_frame = time.monotonic() + FRAME_SECONDS
            emit(update(progress))

    return progressed


# The works: with their first arguments given, they are of type Work. numpy is imported in them, that is in threads, so
# that the first paint does not wait for it.


def simulate_runs(experiment: Experiment, before: Results | None, emit: Emit, cancel: threading.Event) -> None:
    """Simulate `experiment.runs` more runs after those of `before`."""
    from tui_initflow.engine.runs import Cancelled, simulate
    from tui_initflow.findings.summary import summarise

    def joined(more: Results) -> Results:
        return more if before is None else before.extended(more)

    def so_far(progress: Progress) -> Update:
        return RunsProgress(progress.done, progress.total, summarise(joined(progress.partial())))

    first_run = 0 if before is None else before.runs
    results: Results | None
    try:
        results = joined(simulate(experiment, first_run=first_run, cancel=cancel, on_progress=live(emit, so_far)))
    except Cancelled:
        results = before
    emit(RunsDone(experiment.runs, results, None if results is None else summarise(results)))


def simulate_sweeps(experiment: Experiment, order: tuple[str, ...], emit: Emit, cancel: threading.Event) -> None:
    """Sweep around `experiment`, one setting after the other, each with as many runs a point as are affordable."""
    from tui_initflow.engine.sweep import affordable_runs, sweep

    load_drawing()
    for over in order:
        if cancel.is_set():
            break

        def so_far(progress: SweepProgress, over: str = over) -> Update:
            return SweepUpdate(over, progress.fraction, progress.partial)

        around = experiment.with_(runs=affordable_runs(experiment, over))
        emit(SweepUpdate(over, 1.0, sweep(around, over, cancel=cancel, on_progress=live(emit, so_far))))


def predict(experiment: Experiment, emit: Emit, _cancel: threading.Event) -> None:
    """What theory says of both methods; quick enough to let it finish when it is no longer wanted."""
    from tui_initflow.findings.status import TRAINABLE
    from tui_initflow.theory.outlook import theory_of

    emit(TheoryDone(theory_of(experiment, TRAINABLE)))


def simulate_plane(
    experiment: Experiment, axes: Axes, columns: int, rows: int, emit: Emit, cancel: threading.Event
) -> None:
    """The final gradients on a plane of two settings."""
    from tui_initflow.engine.grid import GridProgress, compute_grid
    from tui_initflow.engine.grid_plan import plan_grid

    def so_far(progress: GridProgress) -> Update:
        return PhaseUpdate(f"{progress.done} of {progress.total} cells", progress.fraction, progress.partial)

    plan = plan_grid(experiment, axes, columns, rows)
    emit(PhaseUpdate("", 1.0, compute_grid(plan, cancel=cancel, on_progress=live(emit, so_far))))


def write_file(path: Path, text: Callable[[], str], emit: Emit, _cancel: threading.Event) -> None:
    """Write what `text` gives to a file, whole or not at all."""
    from tui_initflow.storage.files import reason, write_whole

    try:
        write_whole(path, text())
    except OSError as error:
        emit(Written(f"{path}: {reason(error)}", failed=True))
    else:
        emit(Written(f"wrote {path}", failed=False))
