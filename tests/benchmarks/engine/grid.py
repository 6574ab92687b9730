"""Time per run and per weight, from the smallest networks to the largest."""

from __future__ import annotations

import resource
import sys
import time

from tests.benchmarks.engine.timing import show
from tui_initflow import Experiment, simulate

NEURONS = (10, 20, 50, 100, 200, 500, 1000, 2048)
LAYERS = (1, 3, 10, 30, 100, 300, 1000)
RATES = {1: 5e7, 20: 2e8}
"""Approximate weights per second, for single runs and for many: decides how many runs are timed, if any."""
SECONDS = 0.4


def main() -> None:
    for method in ("uniform", "normal"):
        for together, rate in RATES.items():
            rows = [[f"{layers}", *(_cell(method, layers, n, together, rate) for n in NEURONS)] for layers in LAYERS]
            title = f"{method}, {'one run at a time' if together == 1 else 'many runs'}: us a run (ns a weight)"
            show(f"{title}, one thread, 64 features", ("layers", *(f"n = {n}" for n in NEURONS)), rows)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"\n  peak memory of the process: {megabytes:.0f} MB")


def _cell(method: str, layers: int, neurons: int, together: int, rate: float) -> str:
    experiment = Experiment(a=method, b=method, layers=layers, neurons=neurons, sampler="explicit")
    weights = experiment.network.weights
    affordable = int(SECONDS * rate / (2 * weights))
    if affordable < 1:
        return "-"
    runs = 1 if together == 1 else min(max(affordable, 2), 2000)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        simulate(experiment.with_(runs=runs), threads=1)
        times.append((time.perf_counter() - start) / (2 * runs))
        if sum(times) * 2 * runs > SECONDS:
            break
    return f"{min(times) * 1e6:,.0f} ({min(times) * 1e9 / weights:.1f})"
