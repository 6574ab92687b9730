"""What the processes of a local cluster cost more than as many threads, on work of ten seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate, sweep
from tui_initflow.cluster.opening import local
from tui_initflow.engine.grid import compute_grid, whole_grid

MOST = 1.15
PROCESSES = 2
TURNS = 3
WORKS: dict[str, Callable[..., object]] = {
    "80,000 runs of the default": partial(simulate, Experiment(runs=80_000)),
    "1500 runs of 20 x 300 x 64": partial(simulate, Experiment(layers=20, neurons=300, runs=1500)),
    "sweep of 20 depths, 20,000 runs": partial(sweep, Experiment(runs=20_000), "layers"),
    "grid of 16 x 12 cells, 300 runs": partial(compute_grid, whole_grid(Experiment(runs=300), ("gain", "layers"))),
}


def main() -> None:
    start = time.perf_counter()
    with local(PROCESSES) as cluster:
        print(f"\n  {PROCESSES} processes started in {time.perf_counter() - start:.1f} s")
        rows = []
        for name, work in WORKS.items():
            times = in_turns(
                {
                    "threads": stopwatch(partial(work, threads=PROCESSES)),
                    "cluster": stopwatch(partial(work, executor=cluster)),
                },
                TURNS,
            )
            seconds = (f"{min(times[key].seconds):.1f}" for key in ("threads", "cluster"))
            ratio = times["cluster"].over(times["threads"])
            rows.append((name, *seconds, f"{ratio:.2f}", f"{MOST}", verdict(ratio <= MOST)))
    show(
        f"Processes instead of threads, {PROCESSES}", ("work", "threads, s", "cluster, s", "ratio", "at most", ""), rows
    )
