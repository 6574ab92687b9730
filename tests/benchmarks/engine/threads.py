"""What a second thread and a second process gain, beside what is possible in the same minute.

That is the gain of NumPy's raw draws in two threads, and that of two processes which each do half of the runs and are
started by hand: they hand over no result.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import BinaryIO, cast

import numpy as np

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate
from tui_initflow.engine import processes
from tui_initflow.engine.processes import Processes
from tui_initflow.engine.processors import BLAS_THREADS

OF_THE_LIMIT = 0.9
"""The gain of processes, of that of those started by hand."""
NEVER_SLOWER = 0.97
"""The gain of threads: one is the rule where two gain nothing, so the rest is noise."""
LONG = 0.1
TURNS = 11
RAW_WORDS = 30_000_000
SETTINGS = {
    "20 runs of the default": Experiment(runs=20),
    "40 runs of the default": Experiment(runs=40),
    "100 runs of the default": Experiment(runs=100),
    "2000 runs of the default": Experiment(runs=2000),
    "20,000 runs of 3 x 8 x 8": Experiment(layers=3, neurons=8, features=8, runs=20_000),
    "400 runs of 20 x 100 x 128": Experiment(layers=20, neurons=100, features=128, runs=400),
    "40 runs of 1000 x 16 x 8": Experiment(layers=1000, neurons=16, features=8, runs=40),
    "20 runs of 5 x 800 x 64": Experiment(layers=5, neurons=800, features=64, runs=20, sampler="explicit"),
    "3 runs of 4 x 2048 x 64": Experiment(layers=4, neurons=2048, features=64, runs=3, sampler="explicit"),
    "2 runs of 2 x 64 x 65536": Experiment(layers=2, neurons=64, features=65536, runs=2),
}


def main() -> None:
    rows = []
    processes.LONG = processes.LONG_WHEN_READY = 0.0
    with Processes(2) as place, by_hand(2) as ask:
        for name, experiment in SETTINGS.items():
            times = in_turns(
                {
                    "one": stopwatch(partial(simulate, experiment, threads=1)),
                    "two": stopwatch(partial(simulate, experiment, threads=2)),
                    "processes": stopwatch(partial(simulate, experiment, executor=place)),
                    "by hand": stopwatch(partial(ask, experiment)),
                    "raw, one": stopwatch(partial(_raw, threads=1)),
                    "raw, two": stopwatch(partial(_raw, threads=2)),
                },
                TURNS,
            )
            threads, gain, limit = (times["one"].over(times[key]) for key in ("two", "processes", "by hand"))
            raw = times["raw, one"].over(times["raw, two"])
            millis = [f"{times[key].median * 1e3:.1f}" for key in ("one", "two", "processes")]
            gains = [f"{number:.2f}" for number in (threads, gain, limit, raw)]
            # shorter work is not given to them
            is_long = times["one"].median > LONG
            met = [verdict(threads >= NEVER_SLOWER), verdict(gain >= OF_THE_LIMIT * limit) if is_long else ""]
            rows.append((name, *millis, *gains, *met))
    head = ("work", "one, ms", "threads", "processes", "gain", "gain", "by hand", "raw draws")
    title = f"Two threads (at least {NEVER_SLOWER}), two processes (at least {OF_THE_LIMIT} of by hand); load"
    show(f"{title} {os.getloadavg()[0]:.1f}", (*head, "threads", "processes"), rows)


def _raw(threads: int) -> None:
    generators = [np.random.PCG64DXSM(seed) for seed in range(2)]
    with ThreadPoolExecutor(threads) as pool:
        for drawn in [pool.submit(generator.random_raw, RAW_WORDS, False) for generator in generators]:
            drawn.result()


@contextmanager
def by_hand(number: int) -> Iterator[Callable[[Experiment], None]]:
    """Processes, each of which does a part of the runs of an experiment in one thread and says that it is done."""
    environment = {**os.environ, **dict.fromkeys(BLAS_THREADS, "1")}
    start = partial(subprocess.Popen, [sys.executable, "-m", __spec__.name], env=environment)
    started = [start(stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(number)]
    pipes = [(cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)) for process in started]

    def ask(experiment: Experiment) -> None:
        bounds = [experiment.runs * part // number for part in range(number + 1)]
        for (to, _), first, end in zip(pipes, bounds, bounds[1:], strict=False):
            pickle.dump((experiment, first, end - first), to)
            to.flush()
        for _, answers in pipes:
            answers.readline()

    yield ask
    for process in started:
        process.communicate()


def _do_parts() -> None:
    """What a process started by hand does."""
    with suppress(EOFError):
        while True:
            experiment, first, runs = pickle.load(sys.stdin.buffer)
            if runs:
                simulate(experiment.with_(runs=runs), first_run=first, threads=1)
            print(flush=True)


if __name__ == "__main__":
    _do_parts()
