"""Runs of an experiment by the reference equations, with the weights, biases and signs that the engine draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.engine import drawn_networks
from tui_initflow.engine import reference
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import DrawnWeights, WeightPlan
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Initialiser, Normal, Shape, Uniform

Floats = NDArray[np.float64]

EXPERIMENTS = {
    "plain": Experiment(layers=5, neurons=6, features=3, runs=8, seed=77),
    "one neuron": Experiment(runs=5, layers=1, neurons=1, features=1),
    "one neuron a layer": Experiment(runs=9, layers=3, neurons=1, features=5),
    "widths": Experiment(widths=(7, 12, 3, 3, 9, 1, 5), runs=6, seed=3),
    "one layer": Experiment(widths=(3, 5), runs=6, start="signs", sigma_b=0.5),
    "biases": Experiment(layers=5, neurons=9, features=6, sigma_b=0.3, runs=6, seed=4, activation="gelu"),
    "signs": Experiment(layers=5, neurons=9, features=6, start="signs", runs=6, seed=5, activation="selu"),
    "gains": Experiment(layers=5, neurons=9, features=6, gain_a=2.5, gain_b=0.4, runs=6, activation="softsign"),
    "all": Experiment(
        widths=(6, 20, 4, 11),
        sigma_b=1.5,
        start="signs",
        gain_a=1.3,
        gain_b=0.7,
        a="truncated-normal",
        b="orthogonal",
        activation="silu",
        runs=6,
        seed=6,
    ),
}


def engine_weights(
    initialiser: Initialiser, shapes: Sequence[Shape], runs: range, seed: int = 0, slot: Slot = Slot.A
) -> list[Floats]:
    """W_1 … W_L, each (runs, fan_out, fan_in), as the engine draws them."""
    plan = WeightPlan(initialiser, shapes)
    buffer = np.empty(len(runs) * plan.numbers(keep=True), np.float32)
    drawn = DrawnWeights(plan, Stream(seed, slot), runs, buffer, lambda: None, keep=True)
    weights = []
    for layer, (scale, shape) in enumerate(zip(drawn.scales, shapes, strict=True), 1):
        w = np.empty((len(runs), *shape))
        for rows, d in drawn.tiles(layer):
            # the engine multiplies in float32, too
            w[:, rows] = np.float32(scale) * d
        weights.append(w)
    return weights


@dataclass(frozen=True)
class Run:
    """z_1 … z_L, and log10 of mean |delta| at the points L0 … L{L-1}."""

    z: list[Floats]
    log10_gradient: Floats


def biases(experiment: Experiment, slot: Slot, run: int) -> list[Floats]:
    """b_1 … b_L of a run."""
    stream, deviation = (Slot.BIAS_A if slot is Slot.A else Slot.BIAS_B), experiment.sigma_b
    return [
        drawn_networks.numbers(experiment.seed, stream, layer, run, Normal(deviation), fan_out)
        for layer, (fan_out, _) in enumerate(experiment.network.shapes, 1)
    ]


def signs(experiment: Experiment, run: int) -> Floats:
    """The random output gradient of a run, the same for both methods."""
    numbers = drawn_networks.numbers(
        experiment.seed, Slot.OUTPUT_GRADIENT, 0, run, Uniform(-1.0, 1.0), experiment.network.sizes[-1]
    )
    return np.where(numbers < 0, -1.0, 1.0)


def reference_run(experiment: Experiment, slot: Slot, run: int) -> Run:
    """Both passes of one run."""
    network, initialiser = experiment.network, experiment.methods[slot.side].initialiser
    drawn = engine_weights(initialiser, network.shapes, range(run, run + 1), experiment.seed, slot)
    weights = [w[0] for w in drawn]
    x = drawn_networks.inputs(experiment, run)
    z = reference.preactivations(x, weights, biases(experiment, slot, run), network.activation)
    g = np.ones(network.widths[-1]) if network.start == "ones" else signs(experiment, run)
    delta = reference.deltas(z, weights, g, network.activation)
    return Run(z, reference.log10_gradient(delta)[:-1])
