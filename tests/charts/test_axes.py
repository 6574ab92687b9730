"""Where values go, the limits that hold them, and the ticks that are labelled."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.charts.description import LABEL_GAP, Scale, x_labels, y_limits, y_ticks
from tui_initflow.charts.palette import ASCII, UNICODE, Glyphs

anything = st.floats(allow_nan=True, allow_infinity=True)
GLYPHS = st.sampled_from([UNICODE, ASCII])
limits = st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)).map(sorted)


@given(limits, st.integers(1, 300), anything)
def test_every_finite_value_has_a_cell(ends: list[float], cells: int, value: float) -> None:
    scale = Scale(ends[0], ends[1], cells)
    if math.isfinite(value):
        assert 0 <= scale.cell(value) < cells
        assert 0 <= Scale(ends[1], ends[0], cells).cell(value) < cells


@given(limits, st.integers(1, 300), st.lists(anything, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(ends: list[float], cells: int, values: list[float]) -> None:
    for scale in (Scale(ends[0], ends[1], cells), Scale(ends[1], ends[0], cells)):
        for value, place in zip(values, scale.positions(np.array(values)), strict=True):
            if math.isfinite(value):
                assert place == pytest.approx(scale.position(value), abs=1e-9)
            else:
                assert math.isnan(place)


def test_ends_are_cell_centres() -> None:
    scale = Scale(0.0, 10.0, 11)
    assert [scale.position(x) for x in (0.0, 5.0, 10.0)] == [0.5, 5.5, 10.5]
    assert [Scale(10.0, 0.0, 11).cell(x) for x in (0.0, 10.0)] == [10, 0]


@given(st.lists(anything, max_size=30))
def test_limits_hold_what_is_finite(values: list[float]) -> None:
    low, high = y_limits(np.array(values))
    assert -math.inf < low < high < math.inf
    assert high - low > 0.2
    for value in values:
        if math.isfinite(value) and abs(value) < 1e12:
            assert low <= value <= high


def test_a_constant_sits_in_the_middle_of_a_decade() -> None:
    assert y_limits(np.array([-3.0, -3.0])) == (-3.5, -2.5)


def texts(low: float, high: float, cells: int, unit: str = "", glyphs: Glyphs = UNICODE) -> list[str]:
    return [text for _, text in y_ticks(Scale(high, low, cells), glyphs, unit)]


@given(st.floats(-400, 50), st.floats(0.25, 500), st.integers(1, 60), st.sampled_from(["", "x"]), GLYPHS)
def test_y_labels_have_rows_of_their_own(low: float, span: float, cells: int, unit: str, glyphs: Glyphs) -> None:
    axis = Scale(low + span, low, cells)
    ticks = y_ticks(axis, glyphs, unit)
    places = [axis.cell(value) for value, _ in ticks]
    assert all(above - below >= (2 if cells > 4 else 1) for above, below in pairwise(places))
    assert len({text for _, text in ticks}) == len(ticks)
    assert all(low - 1e-6 <= value <= low + span + 1e-6 for value, _ in ticks)
    assert glyphs is UNICODE or all(text.isascii() for _, text in ticks)


@given(st.floats(-30, 3), st.floats(0.3, 400), st.integers(8, 60))
def test_a_chart_of_eight_rows_has_a_label(low: float, span: float, cells: int) -> None:
    assert texts(low, low + span, cells)


@pytest.mark.parametrize(
    ("low", "high", "cells", "labels"),
    [
        (-3.2, 0.2, 12, ["10⁻³", "10⁻²", "10⁻¹", "1"]),
        (-18.5, 0.5, 12, ["10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1"]),
        (-240.0, 0.0, 12, ["10⁻²⁰⁰", "10⁻¹⁵⁰", "10⁻¹⁰⁰", "10⁻⁵⁰", "1"]),
        (-0.125, 0.145, 11, ["0.8", "1.0", "1.2"]),
        (-5.5, -4.6, 12, ["5·10⁻⁶", "7·10⁻⁶", "10⁻⁵", "1.5·10⁻⁵", "2·10⁻⁵"]),
    ],
)
def test_labels_people_expect(low: float, high: float, cells: int, labels: list[str]) -> None:
    assert texts(low, high, cells) == labels


def test_ratios_are_written_out() -> None:
    assert texts(-0.1, 3.1, 12, "x") == ["1x", "10x", "100x", "1000x"]
    assert texts(-0.1, 4.1, 12, "x") == ["1x", "10x", "100x", "1000x", "10⁴x"]


def test_ascii_powers() -> None:
    assert texts(-3.2, 0.2, 12, glyphs=ASCII) == ["1e-3", "1e-2", "1e-1", "1"]


ticks_on_x = st.lists(st.integers(0, 2000), min_size=1, max_size=80, unique=True).map(sorted)


@given(ticks_on_x, st.integers(1, 200), st.data())
def test_x_labels_never_touch(values: list[int], width: int, data: st.DataObject) -> None:
    ticks = tuple((float(value), f"L{value}") for value in values)
    keep = data.draw(st.lists(st.sampled_from(values).map(float), max_size=2))
    labels = x_labels(ticks, Scale(float(values[0]), float(values[-1]), width), keep)
    assert all(label.start >= 0 and label.start + len(label.text) <= width for label in labels)
    assert all(b.start - a.start - len(a.text) >= LABEL_GAP for a, b in pairwise(labels))
    if keep and len(f"L{keep[0]:g}") <= width:
        assert keep[0] in {label.value for label in labels}


def values_on_x(values: list[int], area: int, keep: list[float] | None = None) -> list[float]:
    ticks = tuple((float(value), str(value)) for value in values)
    columns = Scale(float(values[0]), float(values[-1]), area)
    return [label.value for label in x_labels(ticks, columns, keep or [])]


def test_x_labels_are_round() -> None:
    assert values_on_x(list(range(1, 21)), 22) == [1, 5, 10, 15, 20]
    assert values_on_x(list(range(1, 21)), 66) == [1, 5, 10, 15, 20]
    assert values_on_x([1, 16, 32, 48, 64, 80, 96, 112, 128], 24) == [1, 32, 64, 96, 128]
    assert values_on_x(list(range(0, 1001, 20)), 70) == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]


def test_the_current_value_displaces_its_neighbours() -> None:
    assert values_on_x([1, 10, 20, 30, 40, 45, 50, 60, 70, 80, 90, 100], 24, [45.0]) == [1, 45, 100]


def test_edges_of_a_scale_are_half_a_cell_outside() -> None:
    scale = Scale.over(0.0, 10.0, 5)
    assert (scale.first, scale.last) == (1.0, 9.0)
    assert [scale.value_at(place) for place in (0.0, 2.5, 5.0)] == [0.0, 5.0, 10.0]


@given(st.floats(-50, 50), st.floats(0.1, 100), st.integers(2, 200), st.floats(0, 1))
def test_a_place_has_its_value(low: float, span: float, cells: int, share: float) -> None:
    scale = Scale(low, low + span, cells)
    value = low + share * span
    assert scale.value_at(scale.position(value)) == pytest.approx(value, abs=1e-9 * (1 + abs(low) + span))
    assert scale.cell(scale.value_at(cells - 0.5)) == cells - 1


def test_round_labels_come_before_a_last_one_that_is_in_their_way() -> None:
    ticks = [(float(layer), f"L{layer}") for layer in range(13)]
    assert [label.text for label in x_labels(ticks, Scale(0.0, 12.0, 22), [])] == ["L0", "L5", "L10"]
