"""The computations behind the screen: threads that get settings and a cancel token, and answer with updates.

Cancelling a Textual thread worker does not end its thread. So every update carries the ticket of the work it belongs
to, and `Job` lets only those of the newest work through.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """Runs are under way; `summary` is of what is done so far."""

    done: int
    total: int
    summary: Summary


@dataclass(frozen=True, slots=True)
class RunsDone:
    """The runs ended, all done or stopped; `results` hold what is done, None if nothing is."""

    asked: int
    results: Results | None
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class SweepUpdate:
    """A sweep as far as it is done; `fraction` of its work is, 1.0 at its end."""

    over: str
    fraction: float
    result: SweepResult


@dataclass(frozen=True, slots=True)
class TheoryDone:
    theory: Theory


@dataclass(frozen=True, slots=True)
class PhaseUpdate:
    """The phase chart as far as it is done: `done` of `total` cells, `fraction` of the work."""

    done: int
    total: int
    fraction: float
    result: GridResult


@dataclass(frozen=True, slots=True)
class Written:
    """A file is written, or could not be: `said` tells which."""

    said: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """An exception ended the work; `logged` says where its traceback is."""

    work: str
    error: Exception
    logged: str

    @property
    def short(self) -> str:
        """What failed, in a line that fits beside the buttons."""
        return f"{self.work} failed: {self.error or type(self.error).__name__}"

    @property
    def long(self) -> str:
        """The same with what to do."""
        what = f"{type(self.error).__name__}: {self.error}".rstrip(": ")
        return f"{what}. Nothing is lost: try again or with other settings. To report it, {self.logged}"


@dataclass(frozen=True, slots=True)
class Ended:
    """The last update of all work, however it ended."""


Update = RunsProgress | RunsDone | SweepUpdate | TheoryDone | PhaseUpdate | Written | Failed | Ended
Emit = Callable[[Update], None]
Work = Callable[[Emit, threading.Event], None]
"""Computes and emits updates; the event asks it to stop."""


@dataclass
class Emitted(Message):
    """An update on its way from a thread to the screen."""

    job: Job
    ticket: int
    update: Update

    def can_replace(self, message: Message) -> bool:
        # of progress, only the newest is worth drawing
        return (
            isinstance(message, Emitted)
            and message.ticket == self.ticket
            and isinstance(message.update, (RunsProgress, SweepUpdate, PhaseUpdate))
            and type(message.update) is type(self.update)
            and getattr(message.update, "over", None) == getattr(self.update, "over", None)
        )


class JobScreen(Screen[ScreenResultType]):
    """A screen that has work done in threads."""

    @on(Emitted)
    def _emitted(self, event: Emitted) -> None:
        event.job.take(event)


class Job:
    """One kind of work, of which only the newest counts: `show` gets its updates and nothing of older work."""

    def __init__(self, host: JobScreen[Any], name: str, show: Callable[[Update], None]) -> None:
        self._host = host
        self._name = name
        self._show = show
        self._cancel = threading.Event()
        self._ticket = 0
        self.busy = False

    def start(self, work: Work) -> None:
        self.drop()
        self._cancel = threading.Event()
        self.busy = True
        ticket, cancel = self._ticket, self._cancel
        self._host.run_worker(
            lambda: self._guarded(work, ticket, cancel), group=self._name, thread=True, exit_on_error=False
        )

    def stop(self) -> None:
        """Ask the work to end; what it has done still arrives."""
        self._cancel.set()

    def drop(self) -> None:
        """End the work and let nothing of it arrive."""
        self.stop()
        self._ticket += 1
        self.busy = False

    def take(self, event: Emitted) -> None:
        """Let an update through if it belongs to the newest work."""
        if event.ticket == self._ticket:
            self.busy = not isinstance(event.update, Ended)
            self._show(event.update)

    def _guarded(self, work: Work, ticket: int, cancel: threading.Event) -> None:
        def emit(update: Update) -> None:
            load_drawing()
            self._host.post_message(Emitted(self, ticket, update))

        try:
            work(emit, cancel)
        except Exception as error:
            from tui_initflow.storage.error_log import record

            emit(Failed(self._name, error, record(error)))
        emit(Ended())


@cache
def load_drawing() -> None:
    """Import what draws results: in a thread, so that neither the first paint nor the event loop waits for it."""
    import tui_initflow.pages.panes
    import tui_initflow.pages.phase
    import tui_initflow.pages.sweeps  # noqa: F401

    # all that is loaded stays: going through it in every full collection would halt the screen for 80 ms
    gc.freeze()


class Pace:
    """Says when the next live frame is due."""

    def __init__(self) -> None:
        self._next = time.monotonic() + FIRST_FRAME_SECONDS

    def due(self) -> bool:
        moment = time.monotonic()
        if moment < self._next:
            return False
        self._next = moment + FRAME_SECONDS
        return True


# numpy is imported in the functions below, which run in threads, so that the first paint does not wait for it


def runs_work(experiment: Experiment, before: Results | None) -> Work:
    """Simulate `experiment.runs` more runs after those of `before`."""

    def work(emit: Emit, cancel: threading.Event) -> None:
        from tui_initflow.engine.runs import Cancelled, simulate
        from tui_initflow.findings.summary import summarise

        pace = Pace()

        def joined(more: Results) -> Results:
            return more if before is None else before.extended(more)

        def progressed(progress: Progress) -> None:
            if pace.due():
                emit(RunsProgress(progress.done, progress.total, summarise(joined(progress.partial()))))

        first_run = 0 if before is None else before.runs
        results: Results | None
        try:
            results = joined(simulate(experiment, first_run=first_run, cancel=cancel, on_progress=progressed))
        except Cancelled:
            results = before
        emit(RunsDone(experiment.runs, results, None if results is None else summarise(results)))

    return work


def sweeps_work(experiment: Experiment, order: tuple[str, ...]) -> Work:
    """All sweeps around `experiment`, one after the other, each with as many runs a point as are affordable."""

    def work(emit: Emit, cancel: threading.Event) -> None:
        from tui_initflow.engine.sweep import affordable_runs, sweep

        load_drawing()
        for over in order:
            pace = Pace()

            def progressed(progress: SweepProgress, over: str = over, pace: Pace = pace) -> None:
                if pace.due():
                    emit(SweepUpdate(over, progress.fraction, progress.partial))

            if cancel.is_set():
                break
            around = experiment.with_(runs=affordable_runs(experiment, over))
            emit(SweepUpdate(over, 1.0, sweep(around, over, cancel=cancel, on_progress=progressed)))

    return work


def theory_work(experiment: Experiment) -> Work:
    """What theory says of both methods; it is quick enough to let it finish when it is no longer wanted."""

    def work(emit: Emit, _cancel: threading.Event) -> None:
        from tui_initflow.findings.status import TRAINABLE
        from tui_initflow.theory.outlook import theory_of

        emit(TheoryDone(theory_of(experiment, TRAINABLE)))

    return work


def phase_work(experiment: Experiment, axes: Axes, columns: int, rows: int) -> Work:
    """The final gradients on a plane of two settings."""

    def work(emit: Emit, cancel: threading.Event) -> None:
        from tui_initflow.engine.grid import GridProgress, compute_grid
        from tui_initflow.engine.grid_plan import plan_grid

        pace = Pace()

        def progressed(progress: GridProgress) -> None:
            if pace.due():
                emit(PhaseUpdate(progress.done, progress.total, progress.fraction, progress.partial))

        plan = plan_grid(experiment, axes, columns, rows)
        result = compute_grid(plan, cancel=cancel, on_progress=progressed)
        emit(PhaseUpdate(int(result.done.sum()), result.done.size, 1.0, result))

    return work


def writing_work(path: Path, text: Callable[[], str]) -> Work:
    """Write what `text` gives to a file, whole or not at all."""

    def work(emit: Emit, _cancel: threading.Event) -> None:
        from tui_initflow.storage.files import reason, write_whole

        try:
            write_whole(path, text())
        except OSError as error:
            emit(Written(f"{path}: {reason(error)}", failed=True))
        else:
            emit(Written(f"wrote {path}", failed=False))

    return work
