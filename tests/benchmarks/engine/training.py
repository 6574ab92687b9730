"""Training: the default beside the same in PyTorch, the map of gains and depths, stops, and memory."""

from __future__ import annotations

import resource
import sys
import time
from functools import partial
from importlib.util import find_spec

import numpy as np

from tests.benchmarks.engine.stops import MOST_MILLIS, delays
from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow.engine.pool import Progress
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import load_data
from tui_initflow.training.runs import train
from tui_initflow.training.trainability import DEPTHS, GAINS, coarse_to_fine, trainability_map

THREADS = 2
TURNS = 5
DEFAULT, SETTINGS = Experiment(runs=5), TrainingSettings(lr=0.1)
COMPARED = SETTINGS.with_(steps=100)
MOST_SECONDS, LEAST_OVER_PYTORCH = 4.0, 3.0
MAPPED, MAP_SETTINGS = Experiment(neurons=100), TrainingSettings(steps=400)
MOST_MAP_SECONDS, MOST_COARSE_SECONDS = 20.0, 3.0
MOST_MEGABYTES = 300.0


def main() -> None:
    _default()
    _map()
    _stops()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"\n  peak memory of the process: {megabytes:.0f} MB, at most {MOST_MEGABYTES:.0f} without PyTorch")


def _default() -> None:
    digits = load_data("digits")
    whole = in_turns({"engine": stopwatch(partial(train, DEFAULT, SETTINGS, digits, threads=THREADS))}, TURNS)["engine"]
    alternatives = {"engine": stopwatch(partial(train, DEFAULT, COMPARED, digits, threads=THREADS))}
    if find_spec("torch"):
        import torch

        from tests.benchmarks.engine import training_in_pytorch

        torch.set_num_threads(THREADS)
        for name, work in (
            ("PyTorch, all runs as one batch", training_in_pytorch.batched),
            ("PyTorch, one network at a time", training_in_pytorch.one_by_one),
        ):
            alternatives[name] = stopwatch(partial(work, DEFAULT, COMPARED, digits))
    times = in_turns(alternatives, TURNS)
    rows = [("engine, 500 steps", f"{whole.median:.2f}", "", *_most(whole.median, MOST_SECONDS))]
    for name, taken in times.items():
        gain = taken.over(times["engine"])
        target = (
            ("", "")
            if name == "engine"
            else (f"at least {LEAST_OVER_PYTORCH:.0f}", verdict(gain >= LEAST_OVER_PYTORCH))
        )
        rows.append((f"{name}, 100 steps", f"{taken.median:.2f}", f"{gain:.1f}", *target))
    show(
        f"Training both methods, 5 runs, {THREADS} threads", ("", "seconds", "engine is faster by", "target", ""), rows
    )


def _map() -> None:
    digits, coarse = load_data("digits"), (0.0, 0.0)
    cells = sum(len(some.columns) for some in coarse_to_fine((len(DEPTHS), len(GAINS)), DEPTHS, 1)[0])
    start, processor = time.perf_counter(), time.process_time()

    def on_progress(progress: Progress[object]) -> None:
        nonlocal coarse
        if coarse == (0.0, 0.0) and progress.done >= cells:
            coarse = since_start()

    def since_start() -> tuple[float, float]:
        return time.perf_counter() - start, (time.process_time() - processor) / THREADS

    trainability_map(MAPPED, "b", MAP_SETTINGS, digits, on_progress=on_progress, threads=THREADS)
    rows = [
        (name, f"{seconds:.1f}", f"{of_processor:.1f}", *_most(seconds, most))
        for name, (seconds, of_processor), most in (
            ("coarse picture", coarse, MOST_COARSE_SECONDS),
            ("all cells", since_start(), MOST_MAP_SECONDS),
        )
    ]
    title = f"Map of 10 gains and 8 depths, 100 neurons, {MAP_SETTINGS.steps} steps, {THREADS} threads"
    show(title, ("", "seconds", "of processor, each thread", "target", ""), rows)


def _most(seconds: float, most: float) -> tuple[str, str]:
    return f"at most {most:.0f}", verdict(seconds <= most)


def _stops() -> None:
    digits = load_data("digits")
    works = {
        "default, with the search": lambda cancel: train(DEFAULT, TrainingSettings(), digits, cancel=cancel),
        "20 layers of 512": lambda cancel: train(Experiment(layers=20, neurons=512), SETTINGS, digits, cancel=cancel),
        "2 layers of 2048, batch 256": lambda cancel: train(
            Experiment(layers=2, neurons=2048), SETTINGS.with_(batch_size=256), digits, cancel=cancel
        ),
        "map": lambda cancel: trainability_map(MAPPED, "b", MAP_SETTINGS, digits, cancel=cancel),
    }
    rows = []
    for name, work in works.items():
        millis = [1e3 * delay for delay in delays(work)] or [0.0]
        middle, worst = float(np.median(millis)), max(millis)
        rows.append((name, str(len(millis)), f"{middle:.1f}", f"{worst:.1f}", verdict(worst <= MOST_MILLIS)))
    head = ("work", "stops", "median, ms", "worst, ms", f"at most {MOST_MILLIS:.0f} ms")
    show("From a stop to the return, all threads", head, rows)
