"""A whole run, against NumPy merely drawing its weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate

RUNS = 1000
TURNS = 15
TARGETS = {"uniform": 1.25, "normal": 0.7}


def main() -> None:
    rows = []
    for name, target in TARGETS.items():
        # the same method twice, so half of the time is that of one
        experiment = Experiment(a=name, b=name, runs=RUNS)
        times = in_turns(
            {
                "engine": stopwatch(lambda experiment=experiment: simulate(experiment, threads=1)),  # type: ignore[misc]
                "numpy": stopwatch(_drawing(name, 2 * RUNS, experiment.network.weights)),
            },
            TURNS,
        )
        ratio = times["engine"].over(times["numpy"])
        micros = [times[key].median / (2 * RUNS) * 1e6 for key in ("engine", "numpy")]
        rows.append((name, *(f"{t:.1f}" for t in micros), f"{ratio:.3f}", f"{target}", verdict(ratio <= target)))
    head = ("method", "run, us", "NumPy's draws alone, us", "ratio", "at most", "")
    show("One run of 10 x 50 x 64 in one thread: draws, both passes, statistics", head, rows)


def _drawing(name: str, times: int, numbers: int) -> Callable[[], None]:
    generator, buffer = np.random.default_rng(0), np.empty(numbers, np.float32)
    drawn = generator.random if name == "uniform" else generator.standard_normal

    def draw() -> None:
        for _ in range(times):
            drawn(dtype=np.float32, out=buffer)

    return draw
