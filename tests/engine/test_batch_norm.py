"""Batch norm: runs against the reference with the engine's draws, and what inputs share."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine import drawn_networks, reference_runs
from tui_initflow.engine import products, reference
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.simulator import Simulator
from tui_initflow.engine.streams import Slot
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INPUT, Distribution, Uniform
from tui_initflow.model.settings import SettingError

Floats = NDArray[np.float64]
BLOCKS: tuple[dict[str, Any], ...] = (
    {},
    {"block_a": "pre-norm", "branch_scale_a": 0.3},
    {"block_a": "post-norm"},
)

pytestmark = pytest.mark.slow

SMALL = Experiment(layers=5, neurons=9, features=6, norm_a="batch", batch=7, runs=6, seed=8)


def every_input(experiment: Experiment, slot: Slot, run: int, distribution: Distribution, count: int) -> Floats:
    """Numbers of each input, (batch, count)."""
    seed, batch = experiment.seed, range(experiment.batch)
    return np.stack([drawn_networks.numbers(seed, slot, i, run, distribution, count) for i in batch])


def reference_run(experiment: Experiment, run: int) -> tuple[list[Floats], Floats]:
    """h_1 … h_L of method a, (batch, n_l) each, and log10 of the gradients."""
    network, method = experiment.network, experiment.methods.a
    drawn = reference_runs.engine_weights(method.initialiser, network.shapes, range(run, run + 1), experiment.seed)
    weights, biases = [w[0] for w in drawn], reference_runs.biases(experiment, Slot.A, run)
    x = every_input(experiment, Slot.X, run, INPUT, network.features)
    h = reference.preactivations(x, weights, biases, network.activation, method.block)
    g = np.ones_like(h[-1])
    if experiment.start == "signs":
        drawn_signs = every_input(experiment, Slot.OUTPUT_GRADIENT, run, Uniform(-1.0, 1.0), network.widths[-1])
        g = np.where(drawn_signs < 0, -1.0, 1.0)
    delta = reference.deltas(h, weights, g, network.activation, method.block, biases)
    return h, reference.log10_gradient(delta)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"activation": "relu", "start": "signs"},
        {"activation": "gelu", "sigma_b": 0.5, "start": "signs"},
        {"activation": "selu", "batch": 2, "neurons": 20, "start": "signs"},
    ],
    ids=str,
)
def test_a_run_is_the_reference(block: dict[str, Any], settings: dict[str, Any]) -> None:
    experiment = SMALL.with_(**block, **settings)
    results = simulate(experiment)
    measured = results.a.preactivation
    layers = []
    for run in range(experiment.runs):
        h, log10_gradient = reference_run(experiment, run)
        # over two inputs a norm passes on what eps leaves, a difference of two numbers of size 1
        tolerance = 1e-4 if experiment.batch > 2 else 0.02
        np.testing.assert_allclose(10 ** (results.a.log10_gradient[run] - log10_gradient), 1.0, rtol=tolerance)
        layers.append(h)
    together = np.array(layers)
    assert measured.count.tolist() == [experiment.runs * experiment.batch * n for n in experiment.network.widths]
    np.testing.assert_allclose(measured.mean_abs, np.abs(together).mean(axis=(0, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(measured.std, together.std(axis=(0, 2, 3)), rtol=1e-4)


def test_networks_of_any_widths() -> None:
    experiment = SMALL.with_(widths=(6, 12, 3, 8))
    for run, log10_gradient in enumerate(simulate(experiment).a.log10_gradient):
        np.testing.assert_allclose(log10_gradient, reference_run(experiment, run)[1], atol=1e-4)


def test_beside_batch_norm_the_other_method_is_what_it_was() -> None:
    """It gets the first input alone, and so does batch norm of another batch size."""
    without = simulate(SMALL.with_(norm_a="none", start="signs"))
    beside = simulate(SMALL.with_(start="signs"))
    np.testing.assert_array_equal(beside.b.log10_gradient, without.b.log10_gradient)
    for sums in ("histogram", "count"):
        np.testing.assert_array_equal(getattr(beside.b.preactivation, sums), getattr(without.b.preactivation, sums))
    one, several = (Simulator(at, Slot.A, lambda: None).first_layer(range(4)) for at in (without.experiment, SMALL))
    np.testing.assert_allclose(several[:, :9], one, rtol=1e-5)


def test_without_batch_norm_the_batch_does_not_count() -> None:
    one, other = (simulate(Experiment(norm_a="layer", runs=3, batch=batch)) for batch in (1, 256))
    np.testing.assert_array_equal(one.a.log10_gradient, other.a.log10_gradient)


def test_runs_are_the_same_in_any_batch_of_runs_and_thread() -> None:
    experiment = Experiment(neurons=70, norm_a="batch", norm_b="batch", runs=90, layers=4)
    together = simulate(experiment, threads=2)
    parts = simulate(experiment, earlier=simulate(experiment.with_(runs=13)), threads=1)
    for side in ("a", "b"):
        np.testing.assert_array_equal(together.methods[side].log10_gradient, parts.methods[side].log10_gradient)
        whole, joined = (results.methods[side].preactivation for results in (together, parts))
        np.testing.assert_array_equal(whole.mean, joined.mean)


def test_large_products_are_taken_in_pieces() -> None:
    """Of rows, of inputs, and of columns on the way back."""
    for shape, batch in (((5, 4000), 200), ((300, 900), 32), ((900, 300), 7)):
        experiment = Experiment(widths=(shape[1], shape[0]), norm_a="batch", batch=batch)
        plan = Simulator(experiment, Slot.A, lambda: None)
        weights = plan._matrices(range(2))
        several = products.ForSeveral(weights, batch)
        (_, w), *_ = [(rows, d.copy()) for rows, d in weights.tiles(1)]
        rows = w.shape[1]
        a = np.random.default_rng(0).standard_normal((2, batch * shape[1])).astype(np.float32)
        out = np.empty((2, batch * shape[0]), np.float32)
        several.product(1, a, out)
        scaled = products.by_input(a, batch) * np.float32(weights.scales[0])
        np.testing.assert_allclose(products.by_input(out, batch)[..., :rows], scaled @ w.swapaxes(1, 2), atol=1e-3)
        back = several.transposed_product(1, out)
        one_by_one = [weights.transposed_product(1, products.by_input(out, batch)[:, i]) for i in range(batch)]
        largest = np.abs(back).max()
        np.testing.assert_allclose(products.by_input(back, batch), np.stack(one_by_one, axis=1), atol=1e-5 * largest)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_thousand_layers_stay_in_range(block: dict[str, Any], activation: str) -> None:
    settings = {"a": "he-normal", "activation": activation, "batch": 8, "runs": 2, **block}
    experiment = Experiment(layers=1000, neurons=16, norm_a="batch", start="signs").with_(**settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = simulate(experiment)
    assert np.isfinite(results.a.log10_gradient).all()
    assert np.isfinite(results.a.preactivation.log10_std).all()
    if "block_a" not in block:
        assert results.a.log10_gradient[:, 0].min() > 40


def test_relu_over_a_large_batch_multiplies_the_squared_gradient_by_pi_over_pi_minus_one() -> None:
    """Yang et al. 2019, section 4.2: at infinite width, as the batch grows."""
    experiment = Experiment(
        layers=24, neurons=500, a="he-normal", norm_a="batch", activation="relu", batch=128, runs=6, start="signs"
    )
    squared = 2 * simulate(experiment).a.log10_gradient[:, 2:14].mean(axis=0) * math.log(10)
    factor = math.exp((squared[0] - squared[-1]) / (len(squared) - 1))
    assert factor == pytest.approx(math.pi / (math.pi - 1), rel=0.03)


def test_a_batch_of_one_and_one_too_large_are_refused() -> None:
    with pytest.raises(SettingError, match="a batch of 1 has variance 0; a whole number from 2 to 256") as caught:
        Experiment(norm_b="batch", batch=1)
    assert caught.value.field == "batch"
    with pytest.raises(SettingError, match="at most 102 with this network") as caught:
        Experiment(norm_b="batch", batch=103, layers=10, neurons=2048)
    assert caught.value.field == "batch"
    assert Experiment(batch=1).inputs == 1
    assert not SMALL.allows(batch=1)
    assert SMALL.allows(batch=2)
    assert replace(SMALL, batch=3).signals == 3 * 45
