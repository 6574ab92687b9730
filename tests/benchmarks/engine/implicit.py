"""Networks without weights: what they cost beside those with weights, and how far that goes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate
from tui_initflow.engine.grid import AXES, compute_grid, plan_grid

TURNS = 7
NORMAL = Experiment(a="normal", b="normal")
ORTHOGONAL = Experiment(a="orthogonal", b="orthogonal")
BESIDE_WEIGHTS = {
    "normal, 10 x 50": (NORMAL, 1000, 200),
    "normal, 10 x 1000": (NORMAL.with_(neurons=1000), 100, 1),
    "orthogonal, 10 x 50": (ORTHOGONAL, 1000, 50),
    "orthogonal, 10 x 500": (ORTHOGONAL.with_(neurons=500), 200, 1),
}
"""The networks, and how many runs are timed without weights and with them."""
MOST_MICROS = 20.0
"""For a run of the default."""
LEAST_GAIN = 100.0
"""With 1000 normal neurons."""
COMMAND = "run --widths 784-512x20-10 --a he-normal --b orthogonal --activation gelu --runs 20 --json"
WIDEST = {"a": "normal", "neurons": 1 << 20, "layers": 10}
MOST_MEGABYTES = 300.0


def main() -> None:
    _beside_weights()
    _large()


def _beside_weights() -> None:
    rows = []
    for name, (experiment, many, few) in BESIDE_WEIGHTS.items():
        without = experiment.with_(sampler="implicit", runs=many)
        with_weights = experiment.with_(sampler="explicit", runs=few)
        alternatives = {
            "without": stopwatch(partial(simulate, without, threads=1)),
            "with": stopwatch(partial(simulate, with_weights, threads=1)),
        }
        times = in_turns(alternatives, TURNS)
        # both methods are the same
        micros = min(times["without"].seconds) / (2 * many) * 1e6
        gain = times["with"].over(times["without"]) * many / few
        target, met = "", ""
        if name == "normal, 10 x 50":
            target, met = f"at most {MOST_MICROS:.0f} us", verdict(micros <= MOST_MICROS)
        if name == "normal, 10 x 1000":
            target, met = f"{LEAST_GAIN:.0f} times faster", verdict(gain >= LEAST_GAIN)
        rows.append((name, f"{micros:,.1f}", f"{micros * gain:,.0f}", f"{gain:.0f}", target, met))
    head = ("networks", "run, us", "with weights, us", "faster by", "target", "")
    show("Runs without weights, one thread, 64 features", head, rows)


def _large() -> None:
    wide = NORMAL.with_(neurons=4096, layers=100, runs=16)
    at = Experiment(a="he-normal", b="orthogonal", activation="relu", neurons=4096)
    works: dict[str, tuple[Callable[[], object], float]] = {
        "16 runs of 100 x 4096, both methods": (partial(simulate, wide), 0.3)
    }
    for axes in AXES:
        plan = plan_grid(at, axes)
        works[f"phase chart at 4096, {' x '.join(axes)}"] = partial(compute_grid, plan), 2.0
    rows = []
    for name, (work, most) in works.items():
        seconds = min(in_turns({name: stopwatch(work)}, TURNS)[name].seconds)
        rows.append((name, f"{seconds:.2f}", "", f"at most {most:g} s", verdict(seconds <= most)))
    command = [sys.executable, "-m", "tui_initflow", *COMMAND.split()]
    whole = stopwatch(partial(subprocess.run, command, stdout=subprocess.DEVNULL, check=True))
    seconds = min(in_turns({"command": whole}, TURNS)["command"].seconds)
    rows.append(
        ("20 runs of 784-512x20-10, the command", f"{seconds:.2f}", "", "at most 0.5 s", verdict(seconds <= 0.5))
    )
    measured = subprocess.run([sys.executable, "-m", __spec__.name], stdout=subprocess.PIPE, text=True, check=True)
    seconds, megabytes = json.loads(measured.stdout)
    met = verdict(seconds <= 2.0 and megabytes <= MOST_MEGABYTES)
    target = f"at most 2 s, {MOST_MEGABYTES:.0f} MB"
    rows.append(("1 run of 10 x 1,048,576, both methods", f"{seconds:.2f}", f"{megabytes:.0f}", target, met))
    show("Large networks without weights, all threads", ("work", "s", "MB above the import", "target", ""), rows)


def _widest() -> tuple[float, float]:
    """Seconds and megabytes above what the imports took."""
    from tests.benchmarks.engine.memory import peak

    simulate(Experiment())
    before, start = peak(), time.perf_counter()
    simulate(Experiment().with_(**WIDEST))
    return time.perf_counter() - start, peak() - before


if __name__ == "__main__":
    print(json.dumps(_widest()))
