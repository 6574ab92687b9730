"""What training starts from: the weights and biases of the runs that `engine.runs.simulate` measures, in float32.

Where these runs draw no weights (`model.samplers`), they are those of other runs of the same law.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tui_initflow.engine.sampling.streams import Slot, Stream
from tui_initflow.engine.sampling.weights import DrawnWeights, WeightPlan, drawn_numbers
from tui_initflow.model.distributions import Normal
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Shape
from tui_initflow.model.pair import Pair, Side
from tui_initflow.training.classifier import Parameters, parameter_count

SLOTS = Pair((Slot.A, Slot.BIAS_A), (Slot.B, Slot.BIAS_B))
"""The weights and the biases of each method."""


def shapes_of(experiment: Experiment, classes: int) -> tuple[Shape, ...]:
    """(fan_out, fan_in) of the hidden layers and the read-out."""
    return (*experiment.network.shapes, (classes, experiment.network.widths[-1]))


def starting_parameters(
    experiment: Experiment, side: Side, runs: range, classes: int, checkpoint: Callable[[], None]
) -> Parameters:
    """The networks that a method draws for `runs`, and their read-out: layer L+1 of the same streams, without bias."""
    shapes = shapes_of(experiment, classes)
    theta = Parameters.of(np.zeros((len(runs), parameter_count(shapes)), np.float32), shapes)
    weight_slot, bias_slot = SLOTS[side]
    plan = WeightPlan(experiment.methods[side].initialiser, shapes)
    buffer = np.empty(len(runs) * plan.numbers(keep=False), np.float32)
    drawn = DrawnWeights(plan, Stream(experiment.seed, weight_slot), runs, buffer, checkpoint, keep=False)
    for layer, (scale, w) in enumerate(zip(drawn.scales, theta.weights, strict=True), 1):
        for rows, d in drawn.blocks(layer):
            np.multiply(d, np.float32(scale), out=w[:, rows])
    if experiment.sigma_b:
        stream, distribution = Stream(experiment.seed, bias_slot), Normal(experiment.sigma_b)
        for layer, b in enumerate(theta.biases[:-1], 1):
            b[...] = drawn_numbers(stream, layer, runs, distribution, b.shape[1], checkpoint)
    return theta
