"""The table of tensors: columns by width, rows by the cursor, and each tensor in words."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.charts.samples import lines
from tests.checkpoints.samples import measured
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.checkpoints.scan import histogram
from tui_initflow.findings.inspection import TensorFinding, judged
from tui_initflow.pages.tensors import COLUMNS, described, distribution, table, tensor

NORMAL = np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32)


@cache
def many() -> tuple[TensorFinding, ...]:
    """Two thousand tensors of the same numbers, which are measured once."""
    (one,) = measured(weight=NORMAL[:2, :2]).values()
    names = (f"layer.{at}.weight" for at in range(2000))
    return judged([replace(one, tensor=replace(one.tensor, name=name)) for name in names], "tanh")


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_it_fills_its_place_and_keeps_the_cursor_in_sight(width: int) -> None:
    for cursor in (0, 11, 12, 999, 1999):
        picture = table(many(), cursor, "name", width, 13, LIGHT)
        assert [len(line) for line in lines(picture)] == [width] * 13
        assert any(line.startswith(f"layer.{cursor}.weight ") for line in lines(picture))
    assert lines(table((), 0, "name", width, 5, DARK))[0].startswith("no tensor matches")


def test_wider_tables_have_more_columns() -> None:
    for width, least in ((40, 1), (80, 4), (160, len(COLUMNS))):
        heading = lines(table(many(), 0, "std", width, 5, DARK))[0]
        assert sum(column.title in heading for column in COLUMNS) >= least
    assert "std▾" in heading


def test_moving_the_cursor_changes_two_rows() -> None:
    before, after = (table(many(), cursor, "name", 80, 20, DARK) for cursor in (3, 4))
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 2


@pytest.mark.parametrize(("mean", "std", "status"), [(0.5, 0.001, "large"), (0.0, 0.001, "small"), (0.5, 0.0, "large")])
def test_the_mean_of_weights_counts_in_their_size(mean: float, std: float, status: str) -> None:
    weights = (mean + std * np.random.default_rng(0).standard_normal((300, 300))).astype(np.float32)
    (one,) = judged([*measured(weight=weights).values()], "tanh")
    assert one.status == status
    assert one.gain_ratio == pytest.approx(math.sqrt(300) * math.hypot(mean, std), rel=0.01)


def test_a_tensor_is_described() -> None:
    without_a_row = NORMAL * (np.arange(40) > 0)[:, None]
    arrays = {"a__weight": NORMAL, "b__weight": NORMAL.copy(), "c__weight": without_a_row}
    a, b, c = judged([*measured(**arrays).values()], "tanh")
    text = " ".join(described(a))
    for part in ("a.weight: untouched; looks like normal:std=1", "linear, 40×50, float32, fan_in 50, fan_out 40"):
        assert part in text
    assert f"std {NORMAL.std():.3g}" in text
    assert "the same numbers as a.weight" in " ".join(described(b))
    assert "zeros" in " ".join(described(c))
    assert "1 dead row" in " ".join(described(c))


def test_the_histogram_counts_every_number_under_the_density_of_the_initialiser() -> None:
    (one,) = judged([*measured(weight=NORMAL).values()], "tanh")
    drawn = histogram(one.measured)
    assert drawn.counts.sum() == NORMAL.size
    np.testing.assert_array_equal(drawn.counts, np.histogram(NORMAL, len(drawn.counts), (drawn.low, drawn.high))[0])
    assert drawn.law == "normal:std=1"
    # chi squared over bins that expect ten or more, five standard deviations
    many = drawn.expected >= 10
    chi2 = float((((drawn.counts - drawn.expected) ** 2) / drawn.expected)[many].sum())
    assert abs(chi2 - many.sum()) < 5 * np.sqrt(2 * many.sum())
    assert "━ normal:std=1" in lines(distribution(one, drawn, 80, 12, DARK))[0]
    assert [len(line) for line in lines(distribution(one, drawn, 80, 12, DARK))] == [80] * 12
    assert lines(tensor(one, drawn, 80, 30, DARK))[-1].strip().startswith("spectral norm")


def test_what_has_no_numbers_has_no_histogram() -> None:
    constant, broken = judged([*measured(a=np.ones(8, np.float32), b=np.full(8, np.nan, np.float32)).values()], "tanh")
    assert histogram(constant.measured).counts.max() == 8
    drawn = histogram(broken.measured)
    assert "no finite numbers" in lines(distribution(broken, drawn, 60, 10, DARK))[0]
