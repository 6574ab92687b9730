"""Initialisers: what they say of their weights, and whether what is drawn agrees."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow.engine.sampling.numbers import draw
from tui_initflow.engine.sampling.streams import Slot, Stream
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import GLOROT, INITIALISERS, Initialiser
from tui_initflow.model.presets import PRESETS

COUNT = 1_000_000


def drawn(initialiser: Initialiser, count: int = COUNT, seed: int = 5) -> NDArray[np.float64]:
    out = np.empty(count, np.float32)
    draw(initialiser.distribution, Stream(seed, Slot.A).words(0, 0, count // 2), out)
    return out.astype(np.float64)


def test_glorot_scale() -> None:
    assert GLOROT((50, 64)) == math.sqrt(2 / 114)


@pytest.mark.parametrize(
    ("name", "mean", "variance", "bound"),
    [
        ("uniform", 0.0, 1 / 3, 1.0),
        ("normal", 0.0, 1.0, math.inf),
        ("glorot-uniform", 0.0, 1.0, math.sqrt(3)),
        ("rand", 0.5, 1 / 12, 1.0),
    ],
)
def test_moments_of_one_weight(name: str, mean: float, variance: float, bound: float) -> None:
    shape = (50, 64)
    s = math.sqrt(2 / 114)
    initialiser = INITIALISERS[name]
    assert initialiser.mean(shape) == pytest.approx(s * mean)
    assert initialiser.variance(shape) == pytest.approx(s * s * variance)
    assert initialiser.std(shape) == pytest.approx(s * math.sqrt(variance))
    assert initialiser.bound(shape) == pytest.approx(s * bound)


def test_uniform_on_square_layers_is_the_default_of_torch() -> None:
    n = 77
    assert INITIALISERS["uniform"].bound((n, n)) == pytest.approx(1 / math.sqrt(n))


@pytest.mark.parametrize("name", INITIALISERS)
def test_drawn_numbers_have_the_stated_mean_variance_and_bound(name: str) -> None:
    distribution = INITIALISERS[name].distribution
    values = drawn(INITIALISERS[name])
    std = math.sqrt(distribution.variance)
    assert abs(values.mean() - distribution.mean) < 5 * std / math.sqrt(COUNT)
    fourth = np.mean((values - distribution.mean) ** 4)
    spread_of_variance = math.sqrt((fourth - distribution.variance**2) / COUNT)
    assert abs(values.var() - distribution.variance) < 5 * spread_of_variance
    assert np.abs(values).max() <= np.float32(distribution.bound)
    assert np.abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 5 / math.sqrt(COUNT)
    # the two halves of what is drawn together are made of the same pairs
    assert np.abs(np.corrcoef(values[: COUNT // 2], values[COUNT // 2 :])[0, 1]) < 5 / math.sqrt(COUNT // 2)


@pytest.mark.parametrize("name", ["uniform", "glorot-uniform", "rand"])
def test_uniform_numbers_reach_both_ends(name: str) -> None:
    distribution = INITIALISERS[name].distribution
    low = 2 * distribution.mean - distribution.bound
    values = drawn(INITIALISERS[name])
    assert low <= values.min() < low + 1e-4 * (distribution.bound - low)
    assert values.max() > distribution.bound - 1e-4 * (distribution.bound - low)


def test_presets_are_known_pairs() -> None:
    assert set(PRESETS) == {"demo", "matched", "rand"}
    for preset in PRESETS.values():
        experiment = preset.applied_to(Experiment(layers=3, gain_a=2.0))
        assert preset.is_shown_by(experiment)
        assert (experiment.layers, experiment.gain_a) == (3, 1.0)
    a, b = (method.initialiser for method in PRESETS["matched"].applied_to(Experiment()).methods)
    assert a.variance((9, 4)) == pytest.approx(b.variance((9, 4)))
