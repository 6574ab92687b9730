"""Base distributions: what they say of themselves, against what is drawn and against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

from tui_initflow.engine.streams import Slot, Stream, draw
from tui_initflow.model.initialisers import INITIALISERS, TRUNCATED_STD, Initialiser, Normal, TruncatedNormal, Uniform

COUNT = 1_000_000


def drawn(initialiser: Initialiser, count: int = COUNT, seed: int = 5) -> NDArray[np.float64]:
    out = np.empty(count, np.float32)
    draw(initialiser.distribution, Stream(seed, Slot.A).words(0, 0, count // 2), out)
    return out.astype(np.float64)


def test_kurtoses_and_truncation_are_those_of_scipy() -> None:
    truncated = scipy.stats.truncnorm(-2.0, 2.0)
    assert truncated.std() == pytest.approx(TRUNCATED_STD, rel=1e-9)
    for distribution, scipys in (
        (Uniform(0.0, 3.0), scipy.stats.uniform),
        (Normal(2.0), scipy.stats.norm),
        (TruncatedNormal(), truncated),
    ):
        assert distribution.excess_kurtosis == pytest.approx(float(scipys.stats(moments="k")), abs=1e-9)


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
