"""Statistics against scipy, against values from the literature and at the edges."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from tui_initflow.findings import intervals
from tui_initflow.findings.intervals import (
    Interval,
    Share,
    Verdict,
    band,
    band_of_known,
    log10_mean,
    mean_interval,
    quantile,
    verdict,
)

finite = st.floats(-1e3, 1e3)


@given(st.lists(finite, min_size=2, max_size=40), st.sampled_from([0.8, 0.95, 0.99]))
def test_mean_interval_is_the_one_of_scipy(values: list[float], confidence: float) -> None:
    array = np.array(values)
    error = array.std(ddof=1) / math.sqrt(len(array))
    interval = mean_interval(array, confidence)
    assert interval is not None
    if error > 1e-9:
        half = special.stdtrit(len(array) - 1, (1 + confidence) / 2) * error
        low, high = array.mean() - half, array.mean() + half
        assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-7, abs=1e-9)
    assert interval.low <= array.mean() <= interval.high


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.inf], [-math.inf, 0.0, 1.0], [math.nan, 1.0]])
def test_mean_interval_does_not_exist_for_too_few_or_infinite_values(values: list[float]) -> None:
    assert mean_interval(np.array(values)) is None


def test_equal_values_have_an_interval_of_no_width() -> None:
    assert mean_interval(np.full(5, 0.5)) == Interval(0.5, 0.5)


@given(st.integers(1, 500), st.data())
def test_wilson_interval_holds_the_shares_that_a_score_test_accepts(n: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(0, n))
    interval = Share(wins, n).interval
    # its ends are where the share is just z standard errors away
    z2 = special.ndtri(0.975) ** 2
    for end in (interval.low, interval.high):
        # at the ends of the scale, both are zero
        assert (wins / n - end) ** 2 == pytest.approx(z2 * end * (1 - end) / n, rel=1e-9, abs=1e-12)
    assert 0.0 <= interval.low <= wins / n <= interval.high <= 1.0


def test_no_win_in_thirty_is_not_zero_percent() -> None:
    interval = Share(0, 30).interval
    assert interval.low == 0.0
    assert interval.high == pytest.approx(0.1135, abs=5e-5)


def test_a_band_of_many_runs_is_that_of_its_columns_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(4).standard_normal((50, 400))
    whole = band(values)
    monkeypatch.setattr(intervals, "SORTED_TOGETHER", 350)
    tracemalloc.start()
    try:
        parts = band(values)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(parts, whole)
    assert peak < values.nbytes / 2


@given(st.lists(st.lists(finite, min_size=3, max_size=3), min_size=1, max_size=30))
def test_band_is_the_one_of_numpy(rows: list[list[float]]) -> None:
    values = np.array(rows)
    spread = band(values)
    for computed, share in ((spread.median, 0.5), (spread.p10, 0.1), (spread.p90, 0.9)):
        np.testing.assert_allclose(computed, np.quantile(values, share, axis=0), rtol=1e-9, atol=1e-9)


@given(st.lists(st.one_of(finite, st.just(-math.inf)), min_size=1, max_size=30), st.floats(0, 1))
def test_quantiles_of_exact_zeros_are_never_nan(values: list[float], share: float) -> None:
    array = np.array(values)
    value = float(quantile(np.sort(array), share))
    assert array.min() <= value <= array.max()
    if (array > -math.inf).all():
        assert value == pytest.approx(np.quantile(array, share), rel=1e-9, abs=1e-9)


def test_more_than_half_zeros_have_a_zero_median() -> None:
    assert band(np.array([-math.inf, -math.inf, 0.0])).median == -math.inf
    assert band(np.array([-math.inf, 1.0, 2.0])).median == 1.0


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=30), st.sampled_from([-5000.0, 0.0, 5000.0]))
def test_arithmetic_mean_at_any_size(values: list[float], shift: float) -> None:
    expected = math.log10(float(np.mean(10.0 ** np.array(values))))
    assert log10_mean(np.array(values) + shift) == pytest.approx(expected + shift, abs=1e-9)


def test_arithmetic_mean_with_exact_zeros() -> None:
    assert log10_mean(np.array([-math.inf, 0.0])) == pytest.approx(math.log10(0.5))
    assert log10_mean(np.array([-math.inf, -math.inf])) == -math.inf


def test_the_average_of_the_ratios_of_equal_methods_is_not_one() -> None:
    """Two methods that are statistically the same, with the spread of the demo: an average sees a win of 12 %."""
    ratios = np.random.default_rng(0).normal(0.0, 0.483 / math.log(10), 4000)
    assert 10 ** log10_mean(ratios) == pytest.approx(1.12, abs=0.03)
    assert 10 ** ratios.mean() == pytest.approx(1.0, abs=0.03)
    assert verdict(ratios).larger is None


@pytest.mark.parametrize("ratio", [0.3, -30.0, 0.0, math.inf])
def test_one_run_decides_nothing_and_has_no_interval(ratio: float) -> None:
    assert verdict(np.array([ratio])) == Verdict(None, ratio, None)


def test_a_clear_win_either_way() -> None:
    ratios = 1.8 + 0.2 * np.random.default_rng(1).standard_normal(20)
    for sign, larger in ((1, "b"), (-1, "a")):
        decision = verdict(sign * ratios)
        assert decision.larger == larger
        assert decision.interval is not None
        assert decision.log10_factor in decision.interval
        assert 0.0 not in decision.interval


def test_few_runs_of_little_difference_decide_nothing() -> None:
    assert verdict(np.array([0.5, -0.4, 0.1])).larger is None


@pytest.mark.parametrize(
    ("of_b", "of_a", "ties", "larger"),
    # p of the sign test: 1/32 for 6 of 6, 1/16 for 5 of 5, 0.039 for 8 of 9 and 1e-3 for 26 of 33
    [
        (6, 0, 0, "b"),
        (0, 6, 9, "a"),
        (5, 0, 3, None),
        (8, 1, 0, "b"),
        (26, 7, 67, "b"),
        (3, 3, 1, None),
        (0, 0, 4, None),
    ],
)
def test_with_exact_zeros_the_signs_decide_and_ties_do_not_count(
    of_b: int, of_a: int, ties: int, larger: str | None
) -> None:
    ratios = np.array([math.inf] * of_b + [-math.inf] * of_a + [math.nan] * ties)
    decision = verdict(ratios)
    assert (decision.larger, decision.interval) == (larger, None)


def test_nine_in_ten_intervals_of_ninety_percent_contain_the_mean() -> None:
    samples = np.random.default_rng(2).normal(0.7, 0.2, (2000, 5))
    covered = sum(
        0.7 in interval for interval in (mean_interval(sample, 0.9) for sample in samples) if interval is not None
    )
    assert abs(covered / 2000 - 0.9) < 5 * math.sqrt(0.09 / 2000)


def test_a_band_leaves_out_what_is_masked() -> None:
    values = np.array([[1.0, 4.0, -math.inf], [2.0, 5.0, -math.inf], [9.0, 6.0, 3.0]])
    mask = np.array([[False, True, False], [False, True, False], [True, True, False]])
    known = band_of_known(np.ma.masked_array(values, mask))
    assert known.median[0] == 1.5
    assert np.isnan([part[1] for part in known]).all()
    assert known.median[2] == -math.inf
    whole = band_of_known(np.ma.masked_array(values))
    for part, expected in zip(whole, band(values), strict=True):
        np.testing.assert_array_equal(part, expected)
