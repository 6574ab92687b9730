"""Final gradients of many networks at once, for sweeps and grids, which need nothing else.

Networks that differ only in depth or in features share layers: these are drawn once, and the backward pass starts at
every depth asked for. Where a branch scale depends on the depth, networks of different depth have no layer in common.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui_initflow.engine.pool import Stop
from tui_initflow.engine.sampling.streams import Slot
from tui_initflow.engine.signals import Float64s
from tui_initflow.engine.simulator import Simulator, Workspace
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side

BATCH_WEIGHTS = 1 << 22
BATCH_SIGNALS = 1 << 20
"""Most numbers drawn and signals of the networks and runs that are computed together."""
BATCH_GRADIENTS = 1 << 22
"""Most gradients of theirs that are kept meanwhile, at every point of the network of every depth."""


def runs_together(experiments: Sequence[Experiment]) -> int:
    """How many runs of these experiments, which share layers, are computed together."""
    deepest, variants = experiments[-1], len({experiment.features for experiment in experiments})
    signals, gradients = variants * deepest.signals, len(experiments) * (deepest.layers + 1)
    return max(1, min(BATCH_WEIGHTS // deepest.drawn, BATCH_SIGNALS // signals, BATCH_GRADIENTS // gradients))


def log10_finals(experiments: Sequence[Experiment], slot: Slot, stop: Stop, workspace: Workspace) -> Float64s:
    """log10 of one method's final gradients, (experiments, runs).

    The experiments differ in depth, rising, or in features; the last one is the deepest.
    """
    # a gradient of each network goes back through the layers they share
    most = max(1, BATCH_SIGNALS // experiments[-1].network.widest)
    step = most if _share_layers(experiments, slot.side) else 1
    finals = np.empty((len(experiments), experiments[-1].runs))
    for first in range(0, len(experiments), step):
        part = slice(first, first + step)
        _fill(finals[part], experiments[part], slot, stop, workspace)
    return finals


def _share_layers(experiments: Sequence[Experiment], side: Side) -> bool:
    """Whether this method's networks of these depths or features have the same layers, as far as they have them."""
    return len({at.methods[side].block for at in experiments}) == 1


def _fill(finals: Float64s, experiments: Sequence[Experiment], slot: Slot, stop: Stop, workspace: Workspace) -> None:
    """Write those of experiments that are computed together."""
    by_features = {at.features: at for at in experiments}
    simulators = [Simulator(at, slot, stop.checkpoint, workspace) for at in by_features.values()]
    depths = sorted({at.layers for at in experiments}, reverse=True)
    total, size = experiments[-1].runs, runs_together(experiments)
    for first in range(0, total, size):
        runs = range(first, min(first + size, total))
        z_1 = np.stack([simulator.first_layer(runs) for simulator in simulators])
        batch = simulators[-1].log10_finals(z_1, runs, depths)
        finals[:, runs.start : runs.stop] = batch[::-1].reshape(len(experiments), len(runs))
