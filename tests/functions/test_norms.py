"""Norms over either axis: what they are, and N' against differences."""

from __future__ import annotations

import numpy as np
import pytest

from tui_initflow.functions.norms import EPSILON, normalised

H, V = np.random.default_rng(2).standard_normal((2, 3, 5, 4))

AXES = pytest.mark.parametrize("axis", [-1, -2])
CENTRED = pytest.mark.parametrize("centred", [True, False])


@AXES
@CENTRED
def test_vectors_have_mean_zero_and_size_one(axis: int, centred: bool) -> None:
    norm = normalised(10.0 * H + 3.0, axis, centred=centred)
    np.testing.assert_allclose(np.mean(norm.n**2, axis=axis), 1.0, rtol=1e-5)
    np.testing.assert_allclose(norm.n * norm.deviation + norm.mean, 10.0 * H + 3.0, rtol=1e-12)
    assert bool(np.abs(np.mean(norm.n, axis=axis)).max() < 1e-15) == centred
    assert bool(norm.mean.any()) == centred


@AXES
@CENTRED
def test_the_way_back_is_the_derivative(axis: int, centred: bool) -> None:
    step, computed = 1e-6, normalised(H, axis, centred=centred).back(V)
    for index in np.ndindex(H.shape):
        unit = np.zeros_like(H)
        unit[index] = step
        up, down = (float(np.sum(V * normalised(H + of, axis, centred=centred).n)) for of in (unit, -unit))
        assert computed[index] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-8)


def test_eps_is_in_the_variance() -> None:
    tiny = np.array([1.0, -1.0]) * 1e-6
    np.testing.assert_allclose(normalised(tiny, -1, centred=True).n, tiny / np.sqrt(1e-12 + EPSILON), rtol=1e-12)


def test_another_array_takes_the_result_in_its_dtype() -> None:
    out = np.empty_like(H)
    norm = normalised(H.astype(np.float32), -1, centred=True, out=out)
    assert norm.n is out
    np.testing.assert_allclose(out, normalised(H, -1, centred=True).n, atol=1e-6)


@AXES
def test_what_changes_only_the_mean_is_taken_away_whole(axis: int) -> None:
    norm = normalised(H, axis, centred=True)
    ones = np.ones_like(H)
    assert np.abs(norm.back(ones)).max() < 1e-14
    assert not norm.back_without_rounding(ones).any()
    np.testing.assert_array_equal(norm.back_without_rounding(V), norm.back(V))
