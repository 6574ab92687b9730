"""The computations behind the screen: worker threads that get settings and a cancel token and answer by message.

Cancelling a Textual thread worker does not end its thread, so every message carries the ticket of the job it
belongs to; the screen drops what does not belong to the newest one.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

from tui_initflow.model.experiment import Experiment

if TYPE_CHECKING:
    from tui_initflow.engine.grid import Axes, PhaseProgress, PhaseResult
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import Progress
    from tui_initflow.engine.sweep import SweepProgress, SweepResult
    from tui_initflow.findings.summary import Summary
    from tui_initflow.theory.outlook import Report

FRAME_SECONDS = 0.2
"""At most five live frames a second: more is not read, and a slow line cannot carry it."""
FIRST_FRAME_SECONDS = 0.1
"""Work shorter than this shows no progress at all: a bar that flashes only disturbs."""


@dataclass
class RunProgressed(Message):
    """Runs are under way; `summary` is of what is done so far."""

    ticket: int
    done: int
    total: int
    summary: Summary

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RunProgressed) and message.ticket == self.ticket


@dataclass
class RunFinished(Message):
    """The runs ended, all done or stopped; `results` hold what is done, None if nothing is."""

    ticket: int
    asked: int
    results: Results | None
    summary: Summary | None


@dataclass
class SweepProgressed(Message):
    """A sweep is under way: `fraction` of its work is done."""

    ticket: int
    over: str
    fraction: float
    result: SweepResult | None

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SweepProgressed) and message.ticket == self.ticket and message.over == self.over


@dataclass
class SweepFinished(Message):
    """One sweep ended, complete or stopped."""

    ticket: int
    over: str
    result: SweepResult | None


@dataclass
class SweepsFinished(Message):
    """All sweeps of a job ended."""

    ticket: int


@dataclass
class TheoryFinished(Message):
    """What theory says of methods a and b of `experiment`."""

    ticket: int
    reports: tuple[Report, Report]


@dataclass
class PhaseProgressed(Message):
    """Cells of the phase chart are under way; `result` holds those done so far."""

    ticket: int
    done: int
    total: int
    fraction: float
    result: PhaseResult

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, PhaseProgressed) and message.ticket == self.ticket


@dataclass
class PhaseFinished(Message):
    """The phase chart is complete, or stopped."""

    ticket: int
    result: PhaseResult


@dataclass
class Exported(Message):
    """A file is written, or could not be: `said` tells which."""

    ticket: int
    said: str
    failed: bool


@dataclass
class JobFailed(Message):
    """An exception ended a job; `logged` says where its traceback is."""

    ticket: int
    doing: str
    error: Exception
    logged: str

    @property
    def short(self) -> str:
        """What failed, in a line that fits beside the buttons."""
        return f"{self.doing} failed: {self.error or type(self.error).__name__}"

    @property
    def long(self) -> str:
        """The same with what to do."""
        what = f"{type(self.error).__name__}: {self.error}".rstrip(": ")
        return f"{what}. Nothing is lost: try again or with other settings. To report it, {self.logged}"


class Job:
    """One kind of work, of which only the newest counts."""

    def __init__(self, host: Widget, group: str) -> None:
        self._host = host
        self._group = group
        self._cancel = threading.Event()
        self.ticket = 0
        self.busy = False

    def start(self, work: Callable[[int, threading.Event], None]) -> None:
        self.stop()
        self.ticket += 1
        self._cancel = threading.Event()
        self.busy = True
        guarded = partial(self._guarded, work, self.ticket, self._cancel)
        self._host.run_worker(guarded, group=self._group, thread=True, exit_on_error=False)

    def stop(self) -> None:
        """Ask the work to end; what it has done still arrives."""
        self._cancel.set()

    def drop(self) -> None:
        """End the work and let nothing of it arrive."""
        self.stop()
        self.ticket += 1
        self.busy = False

    def _guarded(self, work: Callable[[int, threading.Event], None], ticket: int, cancel: threading.Event) -> None:
        try:
            work(ticket, cancel)
        except Exception as error:
            from tui_initflow.storage.error_log import record

            self._host.post_message(JobFailed(ticket, self._group, error, record(error)))


def run_job(
    post: Callable[[Message], object],
    experiment: Experiment,
    before: Results | None,
    ticket: int,
    cancel: threading.Event,
) -> None:
    """Simulate `experiment.runs` more runs after those of `before`."""
    # numpy is imported here, in the thread, so that the first paint does not wait for it
    from tui_initflow.engine.runs import Cancelled, simulate
    from tui_initflow.findings.summary import summarise

    pace = Pace()

    def joined(more: Results) -> Results:
        return more if before is None else before.extended(more)

    def progressed(progress: Progress) -> None:
        if pace.due():
            summary = summarise(joined(progress.partial()))
            post(RunProgressed(ticket, progress.done, progress.total, summary))

    first_run = 0 if before is None else before.runs
    results: Results | None
    try:
        results = joined(simulate(experiment, first_run=first_run, cancel=cancel, on_progress=progressed))
    except Cancelled:
        results = before
    summary = None if results is None else summarise(results)
    post(RunFinished(ticket, experiment.runs, results, summary))


def sweep_job(
    post: Callable[[Message], object],
    experiment: Experiment,
    order: tuple[str, ...],
    ticket: int,
    cancel: threading.Event,
) -> None:
    """All sweeps around `experiment`, one after the other, each with as many runs a point as are affordable."""
    from dataclasses import replace

    from tui_initflow.engine.sweep import affordable_runs, sweep

    load_drawing()

    for over in order:
        pace = Pace()

        def progressed(progress: SweepProgress, over: str = over, pace: Pace = pace) -> None:
            if pace.due():
                post(SweepProgressed(ticket, over, progress.fraction, progress.partial))

        if cancel.is_set():
            break
        runs = affordable_runs(experiment, over)
        result = sweep(replace(experiment, runs=runs), over, cancel=cancel, on_progress=progressed)
        post(SweepFinished(ticket, over, result))
    post(SweepsFinished(ticket))


def theory_job(
    post: Callable[[Message], object], experiment: Experiment, ticket: int, cancel: threading.Event
) -> None:
    """What theory says of both methods; it is quick enough to let it finish when it is no longer wanted."""
    from tui_initflow.theory.outlook import report_of

    a = report_of(experiment, "a")
    if not cancel.is_set():
        post(TheoryFinished(ticket, (a, report_of(experiment, "b"))))


def phase_job(
    post: Callable[[Message], object],
    experiment: Experiment,
    axes: Axes,
    columns: int,
    rows: int,
    ticket: int,
    cancel: threading.Event,
) -> None:
    """The final gradients on a plane of two settings."""
    from tui_initflow.engine.grid import phase_cells, phase_grid

    pace = Pace()

    def progressed(progress: PhaseProgress) -> None:
        if pace.due():
            post(PhaseProgressed(ticket, progress.done, progress.total, progress.fraction, progress.partial))

    plan = phase_grid(experiment, axes, columns, rows)
    post(PhaseFinished(ticket, phase_cells(plan, cancel=cancel, on_progress=progressed)))


def export_job(
    post: Callable[[Message], object],
    path: Path,
    text: Callable[[], str],
    ticket: int,
    _cancel: threading.Event,
) -> None:
    """Write what `text` gives to a file, whole or not at all."""
    from tui_initflow.storage.files import reason, write_whole

    try:
        write_whole(path, text())
    except OSError as error:
        post(Exported(ticket, f"{path}: {reason(error)}", failed=True))
    else:
        post(Exported(ticket, f"wrote {path}", failed=False))


@cache
def load_drawing() -> None:
    """Import what draws results: in a worker, so that neither the first paint nor the event loop waits for it."""
    import_module("tui_initflow.pages.panes")
    import_module("tui_initflow.pages.sweeps")
    import_module("tui_initflow.pages.phase")
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
