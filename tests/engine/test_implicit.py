"""Networks without weights: of the same law as those with weights, and what each matrix does exactly.

Two-sample Kolmogorov-Smirnov tests compare runs with and without weights of small networks, far from the limit of wide
layers, where any other law shows: each layer by itself, and what several of them do together.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

from tui_initflow.engine import implicit
from tui_initflow.engine.implicit import ImplicitWeights, law_of
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.simulator import Simulator
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import WeightPlan
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS, Shape
from tui_initflow.model.network import Sampler, has_implicit
from tui_initflow.theory.outlook import outlook_of

Floats = NDArray[np.float64]

RECTANGULAR = (20, 30, 10, 25, 25, 8)
"""Layers that widen, narrow and keep their width."""
SMALL = Experiment(layers=5, neurons=4, features=3)
CASES = {
    "rectangular": Experiment(widths=RECTANGULAR),
    "biases": Experiment(widths=(6, 9, 4, 7), sigma_b=0.5, activation="gelu", start="signs", gain_a=1.5),
    # of three or four neurons all may be off: a = 0
    "off": SMALL.with_(neurons=3, activation="relu", gain_a=1.5, gain_b=1.5),
    "one neuron": Experiment(widths=(3, 1, 4, 1, 1, 5), activation="gelu"),
    "residual": SMALL.with_(block_a="residual", block_b="residual", branch_scale_a=0.5, sigma_b=0.2),
    "layer norm": SMALL.with_(norm_a="layer", norm_b="layer", start="signs", layers=4),
    "pre-norm": SMALL.with_(
        block_a="pre-norm", norm_a="layer", block_b="pre-norm", norm_b="rms", activation="selu", start="signs"
    ),
    "post-norm": SMALL.with_(
        block_a="post-norm", norm_a="rms", block_b="post-norm", norm_b="layer", activation="silu", start="signs"
    ),
}
LAWS = {Slot.A: "he-normal", Slot.B: "orthogonal"}
RUNS = 8000
FAMILY_ALPHA = 1e-3
"""Probability that any of the tests fails by chance with other seeds; each has its share of it (Bonferroni)."""


@dataclass(frozen=True)
class Measured:
    """Numbers of every run, (RUNS,): of each layer alone, and pairs of those of several layers."""

    alone: dict[str, Floats]
    pairs: dict[str, tuple[Floats, Floats]]


def measured(experiment: Experiment, slot: Slot, sampler: Sampler) -> Measured:
    # the two samples are independent
    seed = 11 if sampler == "explicit" else 12
    at = experiment.with_(a=LAWS[Slot.A], b=LAWS[Slot.B], sampler=sampler, seed=seed)
    passes = Simulator(at, slot, lambda: None).passes(range(RUNS))
    # an exact zero has no logarithm
    gradient = list(np.maximum(passes.log10_gradient[:, :-1].T, -20.0))
    z = passes.preactivations.by_layer(passes.preactivations.signals.astype(np.float64))
    size = [np.log10(np.maximum(np.sqrt(np.square(layer).mean(axis=1)), 1e-20)) for layer in z]
    alone = {"sum": np.sum(gradient, axis=0), "span": gradient[0] - gradient[-1]}
    pairs = {"first and last": (gradient[0], gradient[-1])}
    for layer in range(experiment.layers):
        alone |= {f"gradient {layer}": gradient[layer], f"size {layer}": size[layer], f"neuron {layer}": z[layer][:, 0]}
        pairs[f"both ways {layer}"] = gradient[layer], size[layer]
    for layer in range(1, experiment.layers):
        alone[f"step {layer}"] = gradient[layer] - gradient[layer - 1]
        pairs[f"size and gradient below {layer}"] = size[layer], gradient[layer - 1]
    return Measured(alone, pairs)


def p_values(experiment: Experiment, slot: Slot) -> dict[str, float]:
    """Of pairs, the numbers are products about common centres: their mean is a covariance."""
    one, other = (measured(experiment, slot, sampler) for sampler in ("explicit", "implicit"))
    samples = {name: (one.alone[name], other.alone[name]) for name in one.alone}
    for name, (first, second) in one.pairs.items():
        centres = np.median(first), np.median(second)
        samples[name] = covariance(first, second, centres), covariance(*other.pairs[name], centres)
    return {name: float(scipy.stats.ks_2samp(*both, method="asymp").pvalue) for name, both in samples.items()}


def covariance(first: Floats, second: Floats, centres: tuple[float, float]) -> Floats:
    return np.asarray((first - centres[0]) * (second - centres[1]))


def test_every_law_that_needs_no_weights_is_compared() -> None:
    distributions = {type(row.distribution) for row in INITIALISERS.values() if has_implicit(row.distribution, 1)}
    assert distributions == {type(INITIALISERS[name].distribution) for name in LAWS.values()}


@pytest.mark.slow
@pytest.mark.parametrize("slot", LAWS, ids=LAWS.values())
@pytest.mark.parametrize("case", CASES)
def test_runs_have_the_law_of_those_with_weights(case: str, slot: Slot) -> None:
    p = p_values(CASES[case], slot)
    tests = len(CASES) * len(LAWS) * len(p)
    least = min(p, key=p.__getitem__)
    assert p[least] > FAMILY_ALPHA / tests, least


@pytest.mark.slow
@pytest.mark.parametrize("slot", LAWS, ids=LAWS.values())
def test_another_law_would_be_seen(slot: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that gradients meet as if they had never been used forward."""
    monkeypatch.setattr(implicit, "_part_across", lambda u, v: v)
    p = p_values(CASES["rectangular"], slot)
    assert min(p.values()) < FAMILY_ALPHA / (len(CASES) * len(LAWS) * len(p))


SHAPES = ((1, 1), (7, 1), (1, 7), (2, 2), (50, 50), (30, 50), (50, 30), (400, 3))


def weights(name: str, shape: Shape, runs: int = 40) -> ImplicitWeights:
    forward, backward = (Stream(5, slot) for slot in (Slot.A, Slot.BACK_A))
    plan = WeightPlan(INITIALISERS[name], [shape])
    return law_of(plan)(plan, forward, backward, range(runs), lambda: None)


def used(name: str, shape: Shape, a: Floats, delta: Floats) -> tuple[Floats, Floats]:
    """W a and W^T delta, (runs, n_out) and (runs, n_in)."""
    w = weights(name, shape, len(a))
    product = np.empty((len(a), shape[0]), np.float32)
    w.product(1, a.astype(np.float32), product)
    back = w.transposed_product(1, delta.astype(np.float32))
    return product.astype(np.float64), w.scales[0] * back.astype(np.float64)


@pytest.mark.parametrize(("name", "shape"), itertools.product(LAWS.values(), SHAPES))
def test_both_products_are_of_one_matrix(name: str, shape: Shape) -> None:
    """delta . (W a) is (W^T delta) . a, and an orthogonal W keeps lengths where it can."""
    generator = np.random.default_rng(1)
    fan_out, fan_in = shape
    a, delta = generator.standard_normal((40, fan_in)), generator.standard_normal((40, fan_out))
    product, back = used(name, shape, a, delta)
    sizes = np.linalg.norm(back, axis=1) * np.linalg.norm(a, axis=1) + np.linalg.norm(product, axis=1)
    np.testing.assert_allclose(np.vecdot(delta, product) / sizes, np.vecdot(back, a) / sizes, atol=1e-5)
    if name != "orthogonal":
        return
    # s |W| is sqrt(fan_max) / sqrt(fan_max); float32 knows the length of what is left across to 3e-4 where that is 0
    gained = np.linalg.norm(product, axis=1) / np.linalg.norm(a, axis=1)
    kept = np.linalg.norm(back, axis=1) / np.linalg.norm(delta, axis=1)
    for factor, is_kept in ((gained, fan_out >= fan_in), (kept, fan_out <= fan_in)):
        assert factor.max() < 1 + 1e-5
        if is_kept:
            np.testing.assert_allclose(factor, 1.0, rtol=1e-5)


@pytest.mark.parametrize("name", LAWS.values())
def test_of_a_zero_signal_the_gradient_still_has_its_law(name: str) -> None:
    """Without weights that are known, |W^T delta|^2 has the mean s^2 n_in |delta|^2, of both laws."""
    runs, shape = 4000, (6, 4)
    product, back = used(name, shape, np.zeros((runs, 4)), np.ones((runs, 6)))
    assert not product.any()
    squared = np.square(back).sum(axis=1) / (INITIALISERS[name].variance(shape) * 4 * 6)
    assert abs(squared.mean() - 1.0) < 5 * squared.std() / math.sqrt(runs)
    # no direction is preferred
    assert np.abs(back.mean(axis=0)).max() < 5 * back.std() / math.sqrt(runs)


@pytest.mark.parametrize("scale", [2.0**-60, 2.0**60])
def test_signals_of_any_size_keep_their_direction(scale: float) -> None:
    a, delta = np.full((3, 5), 1.5), np.ones((3, 4))
    product, back = used("normal", (4, 5), a, delta)
    scaled_product, scaled_back = used("normal", (4, 5), scale * a, delta)
    np.testing.assert_array_equal(scaled_product, scale * product)
    np.testing.assert_array_equal(scaled_back, back)


@pytest.mark.parametrize("a", LAWS.values())
def test_a_hundred_thousand_neurons_are_the_limit_of_wide_layers(a: str) -> None:
    """The 2000 features are their narrowest part: every size has a spread of about 1 / sqrt(2000), once a layer."""
    experiment = Experiment(layers=4, neurons=1 << 17, features=2000, a=a, b="normal")
    results = simulate(experiment)
    predicted = outlook_of(experiment, "a", 1e-3).prediction.log10_gradient
    tolerance = 5 * experiment.layers / math.sqrt(2000)
    np.testing.assert_allclose(results.a.log10_gradient[0] * math.log(10), predicted * math.log(10), atol=tolerance)
