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

RUNS = 150
# ln of the mean scatters by 0.1 to 0.16 at this width, over 150 runs by 0.8 to 1.3 %


def predicted(experiment: Experiment, side: Side = "a") -> NDArray[np.float64]:
    """The expected gradient at every point, at infinite width."""
    log10 = predict(laws_of(experiment, side), experiment.network.activation, experiment.start).log10_gradient
    return 10.0**log10


@pytest.mark.parametrize(
    ("a", "b", "activation", "tolerance"),
    [
        ("uniform", "normal", "tanh", 0.03),
        ("he-normal", "torch-linear", "relu", 0.04),
        ("lecun-normal", "lecun-uniform", "selu", 0.03),
        ("he-normal", "he-uniform", "gelu", 0.10),
    ],
)
def test_means_at_500_neurons(a: str, b: str, activation: str, tolerance: float) -> None:
    experiment = Experiment(a=a, b=b, activation=activation, neurons=500, sampler="explicit", runs=RUNS, seed=2)
    results = simulate(experiment)
    for side in SIDES:
        measured = np.mean(10 ** results.methods[side].log10_gradient, axis=0)
        np.testing.assert_allclose(predicted(experiment, side), measured, rtol=tolerance)


def test_orthogonal_weights_at_200_neurons() -> None:
    # they scatter so little that fewer neurons and runs tell as much
    experiment = Experiment(a="orthogonal", b="orthogonal", neurons=200, runs=30)
    measured = np.mean(10 ** simulate(experiment).a.log10_gradient, axis=0)
    np.testing.assert_allclose(predicted(experiment), measured, rtol=0.03)


def test_orthogonal_weights_beside_biases() -> None:
    """Lengths are those of W a, not of z: of relu's signal, a part returns along a, and less than all of z is that."""
    experiment = Experiment(
        a="orthogonal", b="orthogonal", activation="relu", neurons=100, layers=8, runs=300, sigma_b=1.0
    )
    logs = simulate(experiment).a.log10_gradient
    medians = predict(laws_of(experiment, "a"), experiment.network.activation).log10_median
    error = logs.std(axis=0) / np.sqrt(experiment.runs)
    assert np.all(np.abs(medians - logs.mean(axis=0)) <= 0.01 + 4.0 * error)


def test_rand_at_500_neurons() -> None:
    # its gradient at L0 and L1 has a heavy tail at this width: means of any number of runs wander
    experiment = Experiment(a="rand", neurons=500, runs=RUNS, seed=2)
    measured = np.mean(10 ** simulate(experiment).a.log10_gradient[:, 2:], axis=0)
    np.testing.assert_allclose(predicted(experiment)[2:], measured, rtol=0.03)
