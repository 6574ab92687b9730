"""What the app computes when a setting changes: 20 runs and three sweeps of 3 runs a point; and a very deep network."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate, sweep
from tui_initflow.engine.sweep import SWEEP_VALUES, sweep_values

RUNS, RUNS_A_POINT = 20, 3
THREADS = 2
TURNS = 21
MOST_MILLIS = 20.0
MOST_MILLIS_DEEP = 20.0
LEAST_OVER = {"loops in JavaScript": 15.0, "autograd in PyTorch": 4.0}

DEFAULT = Experiment(runs=RUNS)
DEEP = Experiment(layers=1000, neurons=10)
POINTS = [
    DEFAULT.with_(runs=RUNS_A_POINT, **{over: value}) for over in SWEEP_VALUES for value in sweep_values(DEFAULT, over)
]


def engine() -> None:
    simulate(DEFAULT, threads=THREADS)
    for over in SWEEP_VALUES:
        sweep(DEFAULT.with_(runs=RUNS_A_POINT), over, threads=THREADS)


@contextmanager
def loops_in_javascript() -> Iterator[Callable[[], float]]:
    work = [[[at.layers, at.neurons, at.features], at.runs] for at in (DEFAULT, *POINTS)]
    command = ["node", str(Path(__file__).with_suffix(".js")), json.dumps(work)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        to_node, from_node = node.stdin, node.stdout
        assert to_node is not None
        assert from_node is not None

        def seconds() -> float:
            print(file=to_node, flush=True)
            return float(from_node.readline()) / 1e3

        # once for the compiler
        seconds()
        yield seconds
        to_node.close()


def autograd_in_pytorch() -> Callable[[], float]:
    import torch

    from tests.benchmarks.engine.autograd import comparison

    torch.set_num_threads(THREADS)

    def work() -> None:
        for at in (DEFAULT, *POINTS):
            comparison(at)

    return stopwatch(work)


def main() -> None:
    alternatives = {"engine": stopwatch(engine)}
    missing = []
    if find_spec("torch"):
        alternatives["autograd in PyTorch"] = autograd_in_pytorch()
    else:
        missing.append("autograd in PyTorch: skipped, torch is not installed (pip install tui-initflow[torch])")
    if shutil.which("node"):
        with loops_in_javascript() as alternatives["loops in JavaScript"]:
            times = in_turns(alternatives, TURNS)
    else:
        missing.append("loops in JavaScript: skipped, node is not installed")
        times = in_turns(alternatives, TURNS)
    millis = times["engine"].median * 1e3
    rows = [("engine", f"{millis:.1f}", "", f"at most {MOST_MILLIS:.0f} ms", verdict(millis <= MOST_MILLIS))]
    for name, least in LEAST_OVER.items():
        if name in times:
            gain = times[name].over(times["engine"])
            millis = times[name].median * 1e3
            rows.append((name, f"{millis:.1f}", f"{gain:.1f}", f"at least {least:.0f}", verdict(gain >= least)))
    title = f"{RUNS} runs and three sweeps of {RUNS_A_POINT} runs a point, {THREADS} threads"
    show(title, ("", "ms", "engine is faster by", "target", ""), rows)
    for line in missing:
        print(f"  {line}")
    millis = in_turns({"engine": stopwatch(partial(simulate, DEEP))}, TURNS)["engine"].median * 1e3
    row = ("engine", f"{millis:.1f}", f"at most {MOST_MILLIS_DEEP:.0f} ms", verdict(millis <= MOST_MILLIS_DEEP))
    show(f"A run of {DEEP.layers} layers of {DEEP.neurons} neurons", ("", "ms", "target", ""), [row])
