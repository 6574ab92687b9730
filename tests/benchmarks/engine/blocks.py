"""What skips and norms cost beside the plain network of the same size."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.benchmarks.engine.timing import in_turns, show, stopwatch, verdict
from tui_initflow import Experiment, simulate

TURNS = 15
SIZES = {
    "1000 runs of the default": Experiment(runs=1000),
    "6 runs of 10 x 500 x 64": Experiment(neurons=500, runs=6, sampler="explicit"),
}
BLOCKS: dict[str, tuple[dict[str, Any], float]] = {
    "residual": ({"block": "residual"}, 1.15),
    "pre-norm, layer": ({"block": "pre-norm", "norm": "layer"}, 1.4),
    "pre-norm, rms": ({"block": "pre-norm", "norm": "rms"}, 1.4),
    "post-norm, layer": ({"block": "post-norm", "norm": "layer"}, 1.4),
    "plain, layer": ({"norm": "layer"}, 1.4),
    "plain, batch of 32": ({"norm": "batch"}, 0.3 * 32),
    "pre-norm, batch of 32": ({"block": "pre-norm", "norm": "batch"}, 0.3 * 32),
}
"""The settings of both methods, and the most that they may cost. The weights of a batch are drawn once."""


def main() -> None:
    rows = []
    for size, plain in SIZES.items():
        experiments = {"plain": plain}
        for name, (settings, _) in BLOCKS.items():
            experiments[name] = plain.with_(**{f"{key}_{side}": settings[key] for key in settings for side in "ab"})
        times = in_turns({name: stopwatch(partial(simulate, at, threads=1)) for name, at in experiments.items()}, TURNS)
        for name, (_, most) in BLOCKS.items():
            cost = times[name].over(times["plain"])
            millis = [f"{times[key].median * 1e3:.1f}" for key in ("plain", name)]
            rows.append((size, name, *millis, f"{cost:.2f}", f"{most}", verdict(cost <= most)))
    show("Blocks", ("work", "block", "plain, ms", "block, ms", "cost", "at most", ""), rows)
