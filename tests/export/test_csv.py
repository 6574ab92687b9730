"""CSV has the numbers of the JSON, one to a row, and nothing that is not a number."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from tests.export.conftest import EXPERIMENT, parsed, with_gradients
from tests.export.writing import to_csv, to_csv_by_run, to_json, to_json_lines
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import SweepPoint, SweepResult


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_runs_have_a_row_per_method_layer_and_statistic(results: Results) -> None:
    rows = rows_of(to_csv(results))
    assert list(rows[0]) == ["side", "method", "layer", "statistic", "value"]
    assert len(rows) == 2 * (4 * 5 + 3 * 4)
    assert len({(row["side"], row["layer"], row["statistic"]) for row in rows}) == len(rows)
    run = parsed(to_json(results))
    for row in rows:
        group, name = row["statistic"].split(".")
        values = run[row["side"]][group]
        assert row["method"] == run[row["side"]]["name"]
        assert float(row["value"]) == values[name][values["layer"].index(int(row["layer"]))]


def test_a_row_per_run_has_the_values_of_its_line(results: Results) -> None:
    lines = [parsed(line) for line in to_json_lines(results).splitlines()]
    rows = rows_of(to_csv_by_run(results))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == lines


def test_sweeps_have_a_row_per_point(swept: SweepResult) -> None:
    rows = rows_of(to_csv(swept))
    assert [row["value"] for row in rows] == ["1", "3", "5"]
    for row, point in zip(rows, parsed(to_json(swept))["points"], strict=True):
        ratio = point["log10_ratio"]
        assert [float(row[f"log10_ratio.{name}"]) for name in ("mean", "p10", "p90")] == [
            ratio["mean"],
            ratio["p10"],
            ratio["p90"],
        ]
        assert [float(row["ci95.low"]), float(row["ci95.high"])] == ratio["ci95"]
        assert row["runs"] == "25"


@pytest.mark.parametrize(("a", "b"), [(-math.inf, 0.5), (0.5, -math.inf), (-math.inf, -math.inf)])
def test_values_that_are_not_finite_are_left_empty(results: Results, a: float, b: float) -> None:
    zeros = with_gradients(results, a, b)
    assert not {row["value"] for row in rows_of(to_csv(zeros))} & {"nan", "inf", "-inf"}
    row = rows_of(to_csv_by_run(zeros))[0]
    assert [row["log10_final_a"], row["log10_final_b"]] == ["" if math.isinf(value) else str(value) for value in (a, b)]
    assert row["log10_ratio"] == ""


def test_sweep_points_without_a_number_are_left_empty() -> None:
    point = SweepPoint(1, np.array([-math.inf, math.nan, math.inf]))
    assert "nan" not in to_csv(SweepResult(EXPERIMENT, "layers", (point,)))


def test_a_number_format_has_its_shares() -> None:
    results = simulate(EXPERIMENT.with_(layers=30, gain_a=0.5, format="fp16"))
    rows = [row for row in rows_of(to_csv(results)) if row["statistic"].startswith("format.")]
    assert {row["statistic"] for row in rows} == {"format.zero", "format.subnormal", "format.overflow"}
    assert len(rows) == 2 * 3 * 30
    elements = results.b.elements
    assert elements is not None
    subnormal = [float(row["value"]) for row in rows if row["side"] == "b" and row["statistic"] == "format.subnormal"]
    assert subnormal == pytest.approx((elements.subnormal / elements.nonzero).tolist())
