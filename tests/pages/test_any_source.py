"""Layers from any source: one series as well as two, names of any length, and numbers of any kind."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.charts.samples import lines
from tests.pages.samples import SIZES, layers, stub, words
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.layers import Layers
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.panes import layer_painters

THREE = ("encoder.0.fc1", "encoder.1.fc1", "head")
LONG = tuple(f"model.encoder.layers.{unit}.self_attn.out_proj" for unit in range(200))
HOSTILE = stub(THREE, gradient=[-math.inf, math.nan, math.inf], std=[0.0, math.nan, math.inf])


def two(source: Layers) -> Layers:
    """The source beside itself."""
    (one,) = source.series
    return replace(source, series=(one, replace(one, name="redrawn")))


def test_one_series_of_three_layers_shows_in_every_pane() -> None:
    shown = {pane: words(paint(80, 23, DARK)) for pane, paint in layer_painters(stub(THREE)).items()}
    assert shown.keys() == {"gradient", "layers", "preactivations"}
    for pane, text in shown.items():
        assert "probe" in text, pane
        assert "encoder.0.fc1" in text, pane
        # nothing stands for a second method
        assert "╍" not in text, pane
        assert "╱" not in text, pane
    assert "The gradient flows right to left: from the output to encoder.0.fc1, the first layer" in shown["gradient"]
    assert "encoder.1.fc1 5.62e-02 ×0.18 25%" in shown["layers"]
    assert "1 run; factor to next layer; flat: units with |f'| < 0.1" in shown["layers"]
    assert shown["preactivations"].count("|z|.80 σ1.0 10%") == 3


@pytest.mark.parametrize("size", SIZES)
def test_one_series_has_the_whole_width(size: tuple[int, int]) -> None:
    row = next(line for line in lines(layer_painters(stub(THREE))["layers"](*size, DARK)) if line.startswith("head"))
    assert row.rstrip().endswith("healthy")
    assert len(row.rstrip()) == size[0]


@pytest.mark.parametrize(
    "source", [stub(THREE), HOSTILE, stub(["only"]), stub(LONG), two(stub(THREE)), two(HOSTILE), two(stub(LONG))]
)
@pytest.mark.parametrize("size", [(40, 10), *SIZES])
def test_any_names_and_numbers_fill_the_rows(source: Layers, size: tuple[int, int]) -> None:
    for pane, paint in layer_painters(source).items():
        assert {len(line) for line in lines(paint(*size, DARK))} == {size[0]}, pane


def test_what_was_not_measured_is_not_judged() -> None:
    shown = {pane: words(paint(80, 23, DARK)) for pane, paint in layer_painters(HOSTILE).items()}
    assert "encoder.0.fc1 0 " in shown["layers"]
    assert "encoder.1.fc1 ? – 25% –" in shown["layers"]
    assert "exploding" in shown["layers"]
    assert "0/nan" in shown["gradient"]
    # the unit between has no distribution
    assert [name in shown["preactivations"] for name in THREE] == [True, False, True]
    without = replace(HOSTILE, series=(replace(HOSTILE.series[0], z=None, share=None),))
    assert words(layer_painters(without)["preactivations"](80, 23, DARK)) == "No pre-activations were measured."
    assert "25%" not in words(layer_painters(without)["layers"](80, 23, DARK))


def test_a_unit_that_one_of_two_has_keeps_its_place() -> None:
    pair = two(stub(THREE))
    first = replace(pair.series[0], z=stub(THREE, std=[1.0, math.nan, 2.0]).series[0].z)
    text = words(layer_painters(replace(pair, series=(first, pair.series[1])))["preactivations"](120, 30, DARK))
    assert "encoder.1.fc1" in text
    assert text.count("not measured") == 1
    without = replace(pair, series=(replace(first, z=None), pair.series[1]))
    text = words(layer_painters(without)["preactivations"](120, 30, DARK))
    assert "━ redrawn" in text
    assert "█ probe" not in text


def test_tables_with_long_names_are_one_below_the_other() -> None:
    for width, columns in ((80, 1), (200, 2)):
        rows = lines(layer_painters(two(stub(THREE)))["layers"](width, 23, DARK))
        assert max(row.count("status") for row in rows) == columns
    (name, *_) = LONG
    rows = lines(layer_painters(two(stub(LONG)))["layers"](80, 23, DARK))
    assert sum(row.startswith(name) for row in rows) == 2


def test_more_series_than_there_are_colours_are_refused() -> None:
    source = stub(THREE)
    with pytest.raises(ValueError, match="zip"):
        gradient(replace(source, series=source.series * 3), 80, 16, DARK)


def test_a_note_is_told_below() -> None:
    source = replace(layers("one run"), note="There is more to say.")
    for pane in ("gradient", "layers"):
        assert "There is more to say." in words(layer_painters(source)[pane](80, 23, DARK))
