"""Predictions beside simulations of 500 neurons: the means of |delta| at infinite width, layer by layer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow import Experiment, simulate
from tui_initflow.model.pair import SIDES, Side
from tui_initflow.theory.outlook import laws_of
from tui_initflow.theory.prediction import predict

pytestmark = pytest.mark.slow

RUNS = 80


def predicted(experiment: Experiment, side: Side = "a") -> NDArray[np.float64]:
    """The expected gradient at every point, at infinite width."""
    log10 = predict(laws_of(experiment, side), experiment.network.activation, experiment.start).log10_gradient
    return 10.0**log10


def assert_predicted(expected: NDArray[np.float64], log10_gradient: NDArray[np.float64]) -> None:
    """The mean over runs at every point, but for what 500 neurons differ from infinitely many and three errors."""
    measured = 10**log10_gradient
    mean = measured.mean(axis=0)
    error = measured.std(axis=0) / np.sqrt(len(measured))
    np.testing.assert_array_less(np.abs(expected - mean), 0.01 * mean + 3.0 * error + 1e-12)


@pytest.mark.parametrize(
    ("a", "b", "activation"),
    [
        ("uniform", "normal", "tanh"),
        ("he-normal", "torch-linear", "relu"),
        ("lecun-normal", "lecun-uniform", "selu"),
        ("he-normal", "he-uniform", "gelu"),
    ],
)
def test_means_at_500_neurons(a: str, b: str, activation: str) -> None:
    experiment = Experiment(a=a, b=b, activation=activation, neurons=500, runs=RUNS, seed=2)
    results = simulate(experiment)
    for side in SIDES:
        assert_predicted(predicted(experiment, side), results.methods[side].log10_gradient)


def test_orthogonal_weights_at_200_neurons() -> None:
    # they scatter so little that fewer neurons and runs tell as much
    experiment = Experiment(a="orthogonal", neurons=200, runs=30)
    measured = np.mean(10 ** simulate(experiment).a.log10_gradient, axis=0)
    np.testing.assert_allclose(predicted(experiment), measured, rtol=0.03)


def test_orthogonal_weights_beside_biases() -> None:
    """Lengths are those of W a, not of z: of relu's signal, a part returns along a, and less than all of z is that."""
    experiment = Experiment(a="orthogonal", activation="relu", neurons=100, layers=8, runs=300, sigma_b=1.0)
    logs = simulate(experiment).a.log10_gradient
    medians = predict(laws_of(experiment, "a"), experiment.network.activation).log10_median
    error = logs.std(axis=0) / np.sqrt(experiment.runs)
    assert np.all(np.abs(medians - logs.mean(axis=0)) <= 0.01 + 4.0 * error)


def test_rand_at_500_neurons() -> None:
    # its gradient at L0 and L1 has a heavy tail at this width: means of any number of runs wander
    experiment = Experiment(a="rand", neurons=500, runs=RUNS, seed=2)
    assert_predicted(predicted(experiment)[2:], simulate(experiment).a.log10_gradient[:, 2:])
