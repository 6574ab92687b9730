"""How long a stop takes, for the largest runs allowed."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from tests.benchmarks.engine.timing import show, verdict
from tui_initflow import Experiment, Processes, simulate, sweep
from tui_initflow.engine.pool import Cancelled

MOST_MILLIS = 50.0
STOPS = 12
LATEST = 1.5
"""Seconds from the start to the latest stop: time enough for draws, both passes and the statistics."""
SETTINGS = {
    "1 run of 1000 x 2048 x 65536": Experiment(layers=1000, neurons=2048, features=65536),
    "1 run of 1 x 2048 x 65536": Experiment(layers=1, neurons=2048, features=65536),
    "1 run of 1 x 1 x 65536": Experiment(layers=1, neurons=1, features=65536),
    "100,000 runs of 1 x 1 x 1": Experiment(layers=1, neurons=1, features=1, runs=100_000),
    "100,000 runs of 1 x 1 x 65536": Experiment(layers=1, neurons=1, features=65536, runs=100_000),
    "100,000 runs of 10 x 50 x 64": Experiment(runs=100_000),
    "10,000 runs of 1000 x 1 x 1": Experiment(layers=1000, neurons=1, features=1, runs=10_000),
    "11,000 runs of 1000 x 64 x 64": Experiment(layers=1000, neurons=64, features=64, runs=11_000),
    "20 runs of 20 x 450 x 64": Experiment(layers=20, neurons=450, features=64, runs=20),
    "1 orthogonal run of 9 x 2048 x 2048": Experiment(
        layers=9, neurons=2048, features=2048, a="orthogonal", b="orthogonal", sampler="explicit"
    ),
    "1 run of 10 x 1,048,576": Experiment(layers=10, neurons=1 << 20, a="orthogonal", activation="gelu"),
    "1000 orthogonal runs of 10 x 50 x 64": Experiment(runs=1000, a="orthogonal", b="orthogonal"),
}
SWEEPS = {
    "sweep of 1000 x 2048 x 65536": Experiment(layers=1000, neurons=2048, features=65536),
    "sweep of 1000 x 1 x 1, 10,000 runs": Experiment(layers=1000, neurons=1, features=1, runs=10_000),
}


def main() -> None:
    works: dict[str, Callable[[threading.Event], object]] = {}
    for name, experiment in SETTINGS.items():
        works[name] = lambda cancel, experiment=experiment: simulate(experiment, cancel=cancel)  # type: ignore[misc]
    for name, experiment in SWEEPS.items():
        works[name] = lambda cancel, experiment=experiment: sweep(experiment, "layers", cancel=cancel)  # type: ignore[misc]
    with Processes(2) as place:
        for name, experiment in SETTINGS.items():
            if experiment.runs > 1:
                works[f"{name}, processes"] = partial(_in_processes, place, experiment)
        _show(works)


def _in_processes(place: Processes, experiment: Experiment, cancel: threading.Event) -> object:
    return simulate(experiment, executor=place, cancel=cancel)


def _show(works: Mapping[str, Callable[[threading.Event], object]]) -> None:
    rows = []
    for name, work in works.items():
        millis = [1e3 * delay for delay in delays(work)] or [0.0]
        middle, worst = statistics.median(millis), max(millis)
        rows.append((name, str(len(millis)), f"{middle:.1f}", f"{worst:.1f}", verdict(worst <= MOST_MILLIS)))
    head = ("work", "stops", "median, ms", "worst, ms", f"at most {MOST_MILLIS:.0f} ms")
    show("From a stop to the return, all threads or two processes", head, rows)


def delays(work: Callable[[threading.Event], object]) -> list[float]:
    """Seconds each stop took, without stops that came after the end of the work."""
    _, duration = _stopped(work, LATEST)
    moments = random.Random(1)
    delays = (_stopped(work, moments.uniform(0.0, min(duration, LATEST)))[0] for _ in range(STOPS))
    return [delay for delay in delays if delay is not None]


def _stopped(work: Callable[[threading.Event], object], after: float) -> tuple[float | None, float]:
    """Seconds from a stop to the return, if it came before that, and from the start to the return."""
    cancel = threading.Event()
    stopped: list[float] = []

    def stop() -> None:
        stopped.append(time.perf_counter())
        cancel.set()

    timer = threading.Timer(after, stop)
    timer.start()
    start = time.perf_counter()
    with suppress(Cancelled):
        work(cancel)
    returned = time.perf_counter()
    timer.cancel()
    timer.join()
    delay = returned - stopped[0] if stopped and stopped[0] < returned else None
    return delay, returned - start
