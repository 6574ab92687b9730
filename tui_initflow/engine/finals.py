"""Final gradients of many networks at once, for sweeps and grids, which need nothing else of a run.

Networks that differ only in depth or in features have layers in common: these are drawn once, and the backward pass
starts at every depth wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_initflow.engine.passes import Float64s
from tui_initflow.engine.pool import Stop
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.simulator import Simulator, Workspace
from tui_initflow.model.experiment import Experiment

BATCH_WEIGHTS = 1 << 22
BATCH_NEURONS = 1 << 17
"""Most weights and neurons of the networks and runs that are computed together."""


def runs_together(experiments: Sequence[Experiment]) -> int:
    """Runs of these experiments, which have layers in common, that are computed together."""
    deepest, variants = experiments[-1].network, len({each.features for each in experiments})
    neurons = variants * deepest.neurons
    return max(1, min(BATCH_WEIGHTS // deepest.weights, BATCH_NEURONS // neurons))


def log10_finals(experiments: Sequence[Experiment], slot: Slot, stop: Stop, workspace: Workspace) -> Float64s:
    """log10 of one method's final gradients, (experiments, runs).

    The experiments differ in depth, rising, or in features; the last one is the deepest.
    """
    by_features = {each.features: Simulator(each, slot, stop.checkpoint, workspace) for each in experiments}
    *_, deepest = by_features.values()
    depths = sorted({each.layers for each in experiments}, reverse=True)
    total, size = experiments[-1].runs, runs_together(experiments)

    def batch(runs: range) -> Float64s:
        z_1 = np.stack([simulator.first_layer(runs) for simulator in by_features.values()])
        finals = deepest.log10_finals(z_1, runs, depths)
        return finals[::-1].reshape(len(experiments), len(runs))

    batches = [range(first, min(first + size, total)) for first in range(0, total, size)]
    return np.concatenate([batch(runs) for runs in batches], axis=1)
