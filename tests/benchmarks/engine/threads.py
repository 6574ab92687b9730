"""The gain of a second thread, compared with its gain for NumPy's raw draws alone, which is the most possible."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate

TARGET = 1.8
TURNS = 11
RAW_WORDS = 30_000_000
SETTINGS = {
    "1000 runs of the default": Experiment(runs=1000),
    "20,000 runs of 3 x 8 x 8": Experiment(layers=3, neurons=8, features=8, runs=20_000),
    "400 runs of 20 x 100 x 128": Experiment(layers=20, neurons=100, features=128, runs=400),
    "40 runs of 1000 x 16 x 8": Experiment(layers=1000, neurons=16, features=8, runs=40),
    "20 runs of 5 x 800 x 64": Experiment(layers=5, neurons=800, features=64, runs=20, sampler="explicit"),
    "3 runs of 4 x 2048 x 64": Experiment(layers=4, neurons=2048, features=64, runs=3, sampler="explicit"),
    "2 runs of 2 x 64 x 65536": Experiment(layers=2, neurons=64, features=65536, runs=2),
}


def main() -> None:
    rows = []
    for name, experiment in SETTINGS.items():
        times = in_turns(
            {
                "one": stopwatch(partial(simulate, experiment, threads=1)),
                "two": stopwatch(partial(simulate, experiment, threads=2)),
                "raw, one": stopwatch(partial(_raw, threads=1)),
                "raw, two": stopwatch(partial(_raw, threads=2)),
            },
            TURNS,
        )
        gain, limit = times["one"].over(times["two"]), times["raw, one"].over(times["raw, two"])
        millis = [f"{times[key].median * 1e3:.1f}" for key in ("one", "two")]
        rows.append((name, *millis, f"{gain:.2f}", f"{limit:.2f}", f"{TARGET}", verdict(gain >= TARGET)))
    show("Two threads", ("work", "one, ms", "two, ms", "gain", "gain of raw draws", "at least", ""), rows)


def _raw(threads: int) -> None:
    generators = [np.random.PCG64DXSM(seed) for seed in range(2)]
    with ThreadPoolExecutor(threads) as pool:
        for drawn in [pool.submit(generator.random_raw, RAW_WORDS, False) for generator in generators]:
            drawn.result()
