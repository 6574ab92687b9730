"""The plain-text summary: ASCII, short, and with the verdict of the runs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.export.conftest import EXPERIMENT, with_gradients
from tests.export.writing import to_text
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.run import MOST_ROWS
from tui_initflow.findings.intervals import mean_interval
from tui_initflow.model.experiment import Experiment


def points_of(text: str) -> list[str]:
    """The first column of the table by layer."""
    return [line.split()[0] for line in text.splitlines() if line.startswith("L") and line[1].isdigit()]


def test_text_is_ascii_and_fits_a_terminal(results: Results, swept: SweepResult) -> None:
    for text in (to_text(results), to_text(swept)):
        assert text.isascii()
        assert text.endswith("\n")
        assert max(map(len, text.splitlines())) <= 110


def test_text_has_both_gradients_their_ratio_and_a_row_per_point(results: Results) -> None:
    text = to_text(results)
    lines = text.splitlines()
    assert any(line.split()[:1] == ["Uniform"] for line in lines)
    assert any(line.startswith("Ratio Normal/Uniform") for line in lines)
    assert points_of(text) == ["L0", "L1", "L2", "L3", "L4"]


def test_the_table_of_a_deep_network_stays_short() -> None:
    text = to_text(simulate(Experiment(layers=300, neurons=3, features=3)))
    points = points_of(text)
    assert len(points) == MOST_ROWS
    assert points[0] == "L0"
    assert points[-1] == "L300"
    assert "21 of 301 points; --csv lists them all" in text


def test_there_is_no_winner_where_the_interval_contains_one() -> None:
    results = simulate(EXPERIMENT.with_(a="glorot-uniform"))
    interval = mean_interval(results.log10_ratio)
    assert interval is not None
    assert ("no significant difference" in to_text(results)) == (0.0 in interval)


@pytest.mark.parametrize(("a", "b"), [(-math.inf, 0.5), (0.5, -math.inf), (-math.inf, -math.inf)])
def test_gradients_that_are_zero_are_written_as_0(results: Results, a: float, b: float) -> None:
    lines = to_text(with_gradients(results, a, b)).splitlines()
    for name, value in (("Uniform", a), ("Normal", b)):
        assert f"  {name:<7}  {'0' if math.isinf(value) else '3.16e+00'}" in lines


def test_sweep_points_without_a_number_are_written() -> None:
    point = SweepPoint(1, np.array([-math.inf, math.nan, math.inf]))
    assert to_text(SweepResult(EXPERIMENT, "layers", (point,))).splitlines()[-1].split()[0] == "1"
