"""The weights and inputs of single runs, read from the streams run by run and layer by layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.streams import Slot, Stream, draw
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Distribution, Uniform


def numbers(seed: int, slot: Slot, layer: int, run: int, distribution: Distribution, count: int) -> NDArray[np.float64]:
    """What a layer of a run is made of, where its weights are one block."""
    words = (count + 1) // 2
    out = np.empty(2 * words, np.float32)
    draw(distribution, Stream(seed, slot).words(layer, run * words, words), out)
    return out[:count].astype(np.float64)


def matrices(experiment: Experiment, slot: Slot, run: int) -> list[NDArray[np.float64]]:
    """W_1 … W_L of a run."""
    initialiser = experiment.methods[slot.side].initialiser
    drawn = []
    for layer, (fan_out, fan_in) in enumerate(experiment.network.shapes, 1):
        d = numbers(experiment.seed, slot, layer, run, initialiser.distribution, fan_out * fan_in)
        drawn.append(initialiser.scale((fan_out, fan_in)) * d.reshape(fan_out, fan_in))
    return drawn


def inputs(experiment: Experiment, run: int) -> NDArray[np.float64]:
    """x of a run."""
    return numbers(experiment.seed, Slot.X, 0, run, Uniform(0.25, 0.75), experiment.features)
