"""Training starts from what `simulate` draws."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine import drawn_networks, reference_runs
from tests.engine.reference_runs import EXPERIMENTS
from tui_initflow.engine import reference
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.streams import Slot
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES
from tui_initflow.training.classifier import SLOTS, shapes_of, starting_parameters


def nothing() -> None:
    """No stop."""


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_the_weights_are_those_that_every_run_draws(experiment: Experiment) -> None:
    shapes = shapes_of(experiment, 3)
    for side in SIDES:
        theta = starting_parameters(experiment, side, range(experiment.runs), 3, nothing)
        initialiser = experiment.methods[side].initialiser
        drawn = reference_runs.engine_weights(
            initialiser, shapes, range(experiment.runs), experiment.seed, SLOTS[side][0]
        )
        for mine, theirs in zip(theta.weights, drawn, strict=True):
            np.testing.assert_array_equal(mine, theirs.astype(np.float32))


@pytest.mark.parametrize("method", ["uniform", "normal", "truncated-normal"])
def test_the_weights_are_those_read_run_by_run(method: str) -> None:
    experiment = Experiment(layers=4, neurons=9, features=5, a=method, gain_a=1.3, seed=6, runs=4)
    theta = starting_parameters(experiment, "a", range(1, 4), 3, nothing)
    for run in range(1, 4):
        expected = drawn_networks.matrices(experiment, Slot.A, run)
        for mine, theirs in zip(theta.weights[:-1], expected, strict=True):
            np.testing.assert_allclose(mine[run - 1], theirs, rtol=1e-6)


def test_the_gradient_of_a_run_is_that_of_simulate() -> None:
    experiment = Experiment(layers=6, neurons=10, features=5, sigma_b=0.2, runs=3, a="orthogonal", activation="gelu")
    results = simulate(experiment)
    for side in SIDES:
        theta = starting_parameters(experiment, side, range(3), 4, nothing)
        for run in range(3):
            weights, biases = ([of[run].astype(np.float64) for of in all_] for all_ in (theta.weights, theta.biases))
            f = experiment.network.activation
            h = reference.preactivations(drawn_networks.inputs(experiment, run), weights[:-1], biases[:-1], f)
            delta = reference.deltas(h, weights[:-1], np.ones(10), f)
            expected = results.methods[side].log10_gradient[run]
            np.testing.assert_allclose(reference.log10_gradient(delta), expected, atol=1e-5)


def test_the_read_out_is_the_next_layer_without_bias() -> None:
    experiment = Experiment(widths=(5, 7, 6), sigma_b=0.4, runs=2)
    deeper = experiment.with_(widths=(5, 7, 6, 3))
    theta, expected = (
        starting_parameters(at, "b", range(2), classes, nothing) for at, classes in ((experiment, 3), (deeper, 2))
    )
    np.testing.assert_array_equal(theta.weights[2], expected.weights[2])
    assert not theta.biases[2].any()
    assert all(b.all() for b in theta.biases[:2])
