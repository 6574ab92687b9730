"""What is measured on networks that are drawn: runs, sweeps, planes. Each is one function, wired once for every face.

All computations of the lab take `cancel`, an event that asks them to stop, which they do within 50 ms; and `report`,
which is told how far they are, in the caller's thread. What is complete when one is stopped comes back and says how
much of it there is; where that is nothing at all, None does. `place` is where to compute instead of this machine's
threads: its processes, or a cluster.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tui_initflow.engine.grid import Axes, GridResult, compute_grid, plan_grid, whole_grid
from tui_initflow.engine.pool import Cancelled, Executor, Progress, Report
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import Collected, simulate
from tui_initflow.engine.sweep import SweepResult, affordable_runs
from tui_initflow.engine.sweep import sweep as compute_sweep
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.model.experiment import Experiment

if TYPE_CHECKING:
    from tui_initflow.theory.outlook import Theory


def unreported(_: Progress[object]) -> None:
    """The report of work that nobody follows."""


def run(
    experiment: Experiment,
    cancel: threading.Event,
    report: Report[Results] = unreported,
    *,
    before: Results | Collected | None = None,
    place: Executor | None = None,
) -> Results | None:
    """The experiment's runs, of which `before` has the first."""
    try:
        return simulate(experiment, cancel=cancel, on_progress=report, executor=place, earlier=before)
    except Cancelled:
        return None


@dataclass(frozen=True)
class Findings:
    """Runs, and what is found in them when it is first asked for: formats of data need the runs alone."""

    results: Results

    @cached_property
    def summary(self) -> Summary:
        return summarise(self.results)

    @cached_property
    def theory(self) -> Theory:
        # loads what runs do without
        from tui_initflow.theory.outlook import theory_of

        return theory_of(self.results.experiment, TRAINABLE)


def sweep(
    experiment: Experiment,
    over: str,
    values: Sequence[int] | None,
    cancel: threading.Event,
    report: Report[SweepResult] = unreported,
    *,
    place: Executor | None = None,
) -> SweepResult:
    """A sweep over these values of a setting, by default the usual ones.

    Raises:
        SettingError: the setting cannot be swept, or a value is not allowed.
    """
    return compute_sweep(experiment, over, values, cancel=cancel, on_progress=report, executor=place)


def quick_sweep(
    experiment: Experiment,
    over: str,
    cancel: threading.Event,
    report: Report[SweepResult] = unreported,
    *,
    place: Executor | None = None,
) -> SweepResult:
    """A sweep over the usual values with as many runs at each as take a moment."""
    around = experiment.with_(runs=affordable_runs(experiment, over))
    return sweep(around, over, None, cancel, report, place=place)


def plane(
    experiment: Experiment,
    axes: Axes,
    size: tuple[int, int],
    cancel: threading.Event,
    report: Report[GridResult] = unreported,
    *,
    place: Executor | None = None,
) -> GridResult:
    """Final gradients over two settings, in `size` columns and rows at most, and as few runs as take a moment."""
    return compute_grid(plan_grid(experiment, axes, *size), cancel=cancel, on_progress=report, executor=place)


def grid(
    experiment: Experiment,
    axes: Axes,
    cancel: threading.Event,
    report: Report[GridResult] = unreported,
    *,
    place: Executor | None = None,
) -> GridResult:
    """Final gradients over two settings, with the experiment's runs in every cell, whatever that costs.

    Raises:
        SettingError: the axes are not known, or the experiment has a list of widths.
    """
    return compute_grid(whole_grid(experiment, axes), cancel=cancel, on_progress=report, executor=place)
