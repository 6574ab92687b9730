"""Raw bits to normals: no hole at the edges, right moments, right tails."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from tui_initflow.engine.streams import Floats32, Slot, Stream, draw
from tui_initflow.model.initialisers import Normal, Uniform

EDGES = np.array([0, 1, 2**31 - 1, 2**31, 2**32 - 1], np.uint32)


KOLMOGOROV = 1.95
"""Beyond this, times the root of the count, a gap has probability 0.001."""


def largest_gap(cumulative: NDArray[np.float64]) -> float:
    """Between a sorted sample's cumulative probabilities and those of its distribution (Kolmogorov & Smirnov)."""
    steps = np.arange(len(cumulative) + 1) / len(cumulative)
    return float(max((steps[1:] - cumulative).max(), (cumulative - steps[:-1]).max()))


def normals(count: int, seed: int = 1) -> Floats32:
    out = np.empty(count, np.float32)
    draw(Normal(), Stream(seed, Slot.B).words(0, 0, count // 2), out)
    return out


def test_every_combination_of_extreme_bits_gives_a_finite_normal() -> None:
    u, t = (grid.ravel() for grid in np.meshgrid(EDGES, EDGES))
    bits = np.concatenate([u, t])
    if len(bits) % 2:
        bits = np.append(bits, 0)
    out = np.empty(len(bits), np.float32)
    with np.errstate(all="raise", under="ignore"):
        draw(Normal(), bits.astype(np.uint32).view(np.uint64), out)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= math.sqrt(2 * 33 * math.log(2)) * (1 + 1e-6)


@pytest.mark.parametrize("distribution", [Uniform(-1.0, 1.0), Uniform(0.0, 1.0), Uniform(0.25, 0.75)])
def test_extreme_bits_stay_inside_the_interval(distribution: Uniform) -> None:
    out = np.empty(6, np.float32)
    draw(distribution, np.append(EDGES, 0).astype(np.uint32).view(np.uint64), out)
    assert out.min() >= distribution.low
    assert out.max() <= distribution.high


COUNT = 10_000_000


@pytest.fixture(scope="module")
def many() -> Floats32:
    return normals(COUNT)


def test_moments_to_the_fourth_order_and_tails_to_five_deviations(many: Floats32) -> None:
    power = np.ones(COUNT)
    for order, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        power *= many
        assert abs(power.mean() - moment) < 5 * math.sqrt(variance / COUNT), order
    for deviations in (3.0, 4.0, 4.5, 5.0):
        expected = COUNT * special.ndtr(-deviations)
        for tail in (many > deviations, many < -deviations):
            assert abs(np.count_nonzero(tail) - expected) < 5 * math.sqrt(expected), deviations


@pytest.mark.slow
def test_distribution_is_normal(many: Floats32) -> None:
    assert largest_gap(special.ndtr(np.sort(many).astype(np.float64))) < KOLMOGOROV / math.sqrt(COUNT)


@pytest.mark.parametrize("distribution", [Uniform(-1.0, 1.0), Uniform(0.25, 0.75)])
def test_distribution_is_uniform(distribution: Uniform) -> None:
    count = COUNT // 10
    out = np.empty(count, np.float32)
    draw(distribution, Stream(2, Slot.A).words(0, 0, count // 2), out)
    share = (np.sort(out).astype(np.float64) - distribution.low) / (distribution.high - distribution.low)
    assert largest_gap(share) < KOLMOGOROV / math.sqrt(count)


def test_both_numbers_of_a_pair_are_independent(many: Floats32) -> None:
    for power in (1, 2):
        left, right = many[: COUNT // 2] ** power, many[COUNT // 2 :] ** power
        correlation = np.corrcoef(left, right)[0, 1]
        assert abs(correlation) < 5 / math.sqrt(COUNT // 2), power


def test_far_tail_is_right_beyond_six_deviations() -> None:
    # bits that stand for a given probability; a 24-bit uniform could not even represent these
    for probability in (1e-7, 1e-8, 2.0**-31):
        bits = np.array([probability * 2**32, 0], np.uint32)
        out = np.empty(2, np.float32)
        draw(Normal(), bits.view(np.uint64), out)
        radius = math.sqrt(-2 * math.log((bits[0] + 0.5) / 2**32))
        assert math.hypot(*out) == pytest.approx(radius, rel=1e-5)


@pytest.mark.parametrize("distribution", [Uniform(-1.0, 1.0), Normal()])
@pytest.mark.parametrize("numbers", [2, 6, 34, 1000])
def test_rows_drawn_together_are_what_they_are_alone(distribution: Normal | Uniform, numbers: int) -> None:
    words = Stream(3, Slot.A).words(0, 0, 7 * numbers // 2).reshape(7, numbers // 2)
    together, alone = np.empty((2, 7, numbers), np.float32)
    draw(distribution, words, together)
    for row in range(7):
        draw(distribution, words[row : row + 1], alone[row : row + 1])
    assert np.array_equal(together, alone)


def test_deviation_scales() -> None:
    words = Stream(3, Slot.A).words(0, 0, 50)
    one, three = np.empty((2, 100), np.float32)
    draw(Normal(), words, one)
    draw(Normal(3.0), words, three)
    np.testing.assert_allclose(three, 3 * one, rtol=1e-6)
