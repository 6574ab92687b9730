"""Exports against the contract and against the engine's own numbers."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tui_initflow import __version__
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import SweepPoint, SweepResult, sweep
from tui_initflow.export.csv import to_csv, to_csv_by_run
from tui_initflow.export.json import run_lines, to_json, to_json_lines
from tui_initflow.export.text import to_text
from tui_initflow.export.values import MOST_ROWS
from tui_initflow.findings.intervals import mean_interval, wilson_interval
from tui_initflow.model.experiment import Experiment

EXPERIMENT = Experiment(layers=4, neurons=9, features=6, runs=25, seed=3)


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate(EXPERIMENT)


@pytest.fixture(scope="module")
def swept() -> SweepResult:
    return sweep(EXPERIMENT, "layers", [1, 5, 3])


def with_gradients(results: Results, a: float, b: float) -> Results:
    """The results with all final gradients replaced."""

    def filled(method: MethodResult, value: float) -> MethodResult:
        gradient = method.log10_gradient.copy()
        gradient[:, 0] = value
        return MethodResult(method.name, gradient, method.preactivation)

    return Results(results.experiment, filled(results.a, a), filled(results.b, b))


def parsed(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_has_the_keys_of_the_contract_in_their_order(results: Results) -> None:
    found = parsed(to_json(results))
    assert list(found) == ["version", "settings", "a", "b", "comparison"]
    assert list(found["settings"].items()) == [
        ("layers", 4),
        ("neurons", 9),
        ("features", 6),
        ("activation", "tanh"),
        ("scale", "glorot"),
        ("a", "uniform"),
        ("b", "normal"),
        ("runs", 25),
        ("seed", 3),
    ]
    for side in ("a", "b"):
        assert list(found[side]) == ["name", "log10_gradient", "log10_final", "preactivation"]
        assert list(found[side]["log10_gradient"]) == ["layer", "median", "p10", "p90", "mean"]
        assert list(found[side]["preactivation"]) == ["layer", "mean_abs", "std", "saturated"]
    assert list(found["comparison"]) == ["log10_ratio", "b_wins"]
    assert list(found["comparison"]["log10_ratio"]) == ["mean", "ci95"]
    assert list(found["comparison"]["b_wins"]) == ["share", "ci95"]
    assert found["version"] == __version__


def test_json_has_the_numbers_of_the_engine(results: Results) -> None:
    found = parsed(to_json(results))
    for side, method in (("a", results.a), ("b", results.b)):
        said = found[side]
        assert said["name"] == method.name
        assert said["log10_final"] == method.log10_gradient[:, 0].tolist()
        gradient = said["log10_gradient"]
        assert gradient["layer"] == [0, 1, 2, 3, 4]
        assert_allclose(gradient["median"], np.median(method.log10_gradient, axis=0), atol=1e-12)
        assert_allclose(gradient["p10"], np.quantile(method.log10_gradient, 0.1, axis=0), atol=1e-12)
        assert_allclose(gradient["p90"], np.quantile(method.log10_gradient, 0.9, axis=0), atol=1e-12)
        assert_allclose(gradient["mean"], np.mean(method.log10_gradient, axis=0), atol=1e-12)
        assert gradient["mean"][-1] == 0
        assert said["preactivation"]["layer"] == [1, 2, 3, 4]
        for name in ("mean_abs", "std", "saturated"):
            assert said["preactivation"][name] == getattr(method.preactivation, name).tolist()
    ratio = results.b.log10_final - results.a.log10_final
    comparison = found["comparison"]
    interval = mean_interval(ratio)
    assert interval is not None
    assert comparison["log10_ratio"]["mean"] == pytest.approx(float(np.mean(ratio)))
    assert comparison["log10_ratio"]["ci95"] == [interval.low, interval.high]
    wins = int(np.sum(ratio > 0))
    share = wilson_interval(wins, 25)
    assert comparison["b_wins"] == {"share": wins / 25, "ci95": [share.low, share.high]}


def test_one_run_has_no_interval_of_the_ratio() -> None:
    found = parsed(to_json(simulate(Experiment(layers=2, neurons=4, features=3))))
    assert found["comparison"]["log10_ratio"]["ci95"] is None
    assert len(found["a"]["log10_final"]) == 1


@pytest.mark.parametrize(("a", "b"), [(-math.inf, 0.5), (0.5, -math.inf), (-math.inf, -math.inf)])
@pytest.mark.filterwarnings("error")
def test_zero_gradients_are_null_and_break_nothing(results: Results, a: float, b: float) -> None:
    zeros = with_gradients(results, a, b)
    found = parsed(to_json(zeros))
    assert found["comparison"]["log10_ratio"] == {"mean": None, "ci95": None}
    for side, value in (("a", a), ("b", b)):
        expected = value if math.isfinite(value) else None
        assert found[side]["log10_final"] == [expected] * 25
        assert found[side]["log10_gradient"]["median"][0] == expected
    rows = list(csv.DictReader(io.StringIO(to_csv(zeros))))
    assert not {row["value"] for row in rows} & {"nan", "inf", "-inf"}
    to_text(zeros)


def test_stopped_runs_are_counted_as_done(results: Results) -> None:
    stopped = Results(Experiment(layers=4, neurons=9, features=6, runs=1000, seed=3), results.a, results.b)
    assert parsed(to_json(stopped))["settings"]["runs"] == 25


def test_csv_has_a_row_per_method_layer_and_statistic(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(results))))
    assert list(rows[0]) == ["side", "method", "layer", "statistic", "value"]
    assert len(rows) == 2 * (4 * 5 + 3 * 4)
    assert len({(row["side"], row["layer"], row["statistic"]) for row in rows}) == len(rows)
    found = parsed(to_json(results))
    for row in rows:
        group, name = row["statistic"].split(".")
        values = found[row["side"]][group]
        assert row["method"] == found[row["side"]]["name"]
        assert float(row["value"]) == values[name][values["layer"].index(int(row["layer"]))]


def test_runs_have_a_row_and_a_line_each(results: Results) -> None:
    found = parsed(to_json(results))
    lines = [parsed(line) for line in to_json_lines(results).splitlines()]
    rows = list(csv.DictReader(io.StringIO(to_csv_by_run(results))))
    assert len(lines) == len(rows) == 25
    for run, (line, row) in enumerate(zip(lines, rows, strict=True)):
        a, b = (found[side]["log10_final"][run] for side in ("a", "b"))
        assert line == {"run": run + 1, "log10_final_a": a, "log10_final_b": b, "log10_ratio": b - a}
        assert {name: float(value) for name, value in row.items()} == line


def test_lines_go_on_where_they_ended(results: Results) -> None:
    assert run_lines(results, 0) == to_json_lines(results)
    parts = [run_lines(Results(EXPERIMENT, *(part(m, 10) for m in (results.a, results.b))), 0)]
    parts.append(run_lines(results, 10))
    assert "".join(parts) == to_json_lines(results)


def part(method: MethodResult, runs: int) -> MethodResult:
    return MethodResult(method.name, method.log10_gradient[:runs], method.preactivation)


@pytest.mark.filterwarnings("error")
def test_runs_without_a_gradient_are_null(results: Results) -> None:
    zeros = with_gradients(results, -math.inf, -math.inf)
    line = parsed(to_json_lines(zeros).splitlines()[0])
    assert line == {"run": 1, "log10_final_a": None, "log10_final_b": None, "log10_ratio": None}
    assert to_csv_by_run(zeros).splitlines()[1] == "1,,,"


def test_sweep_json(swept: SweepResult) -> None:
    found = parsed(to_json(swept))
    assert list(found) == ["version", "settings", "over", "points"]
    assert found["over"] == "layers"
    assert found["settings"]["runs"] == 25
    assert [point["value"] for point in found["points"]] == [1, 3, 5]
    for said, point in zip(found["points"], swept.points, strict=True):
        assert list(said) == ["value", "log10_ratio"]
        ratio = said["log10_ratio"]
        assert list(ratio) == ["mean", "p10", "p90", "ci95"]
        interval = mean_interval(point.log10_ratio)
        assert interval is not None
        assert ratio["mean"] == pytest.approx(float(np.mean(point.log10_ratio)))
        assert ratio["p10"] == pytest.approx(float(np.quantile(point.log10_ratio, 0.1)))
        assert ratio["p90"] == pytest.approx(float(np.quantile(point.log10_ratio, 0.9)))
        assert ratio["ci95"] == [interval.low, interval.high]


def test_sweep_csv_has_a_row_per_point(swept: SweepResult) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(swept))))
    assert [row["value"] for row in rows] == ["1", "3", "5"]
    said = parsed(to_json(swept))["points"]
    for row, point in zip(rows, said, strict=True):
        assert float(row["log10_ratio.mean"]) == point["log10_ratio"]["mean"]
        assert [float(row["ci95.low"]), float(row["ci95.high"])] == point["log10_ratio"]["ci95"]
        assert row["runs"] == "25"


@pytest.mark.filterwarnings("error")
def test_sweep_points_without_a_number_are_null() -> None:
    point = SweepPoint(1, np.array([-math.inf, math.nan, math.inf]))
    swept = SweepResult(EXPERIMENT, "layers", (point,))
    assert parsed(to_json(swept))["points"][0]["log10_ratio"]["mean"] is None
    assert "nan" not in to_csv(swept)
    to_text(swept)


def test_text_is_ascii_and_fits_a_terminal(results: Results, swept: SweepResult) -> None:
    for text in (to_text(results), to_text(swept)):
        assert text.isascii()
        assert text.endswith("\n")
        assert max(map(len, text.splitlines())) <= 110


def test_text_names_both_gradients_and_a_row_per_point(results: Results) -> None:
    lines = to_text(results).splitlines()
    assert any(line.split()[:1] == ["Uniform"] for line in lines)
    assert any(line.startswith("Ratio Normal/Uniform") for line in lines)
    assert [line.split()[0] for line in lines if line.startswith("L") and line[1].isdigit()] == [
        f"L{point}" for point in range(5)
    ]


def test_the_table_of_a_deep_network_stays_short() -> None:
    text = to_text(simulate(Experiment(layers=300, neurons=3, features=3)))
    points = [line.split()[0] for line in text.splitlines() if line.startswith("L") and line[1].isdigit()]
    assert len(points) == MOST_ROWS
    assert points[0] == "L0"
    assert points[-1] == "L300"
    assert "21 of 301 points" in text


def test_no_verdict_where_the_interval_contains_one() -> None:
    same = Experiment(layers=4, neurons=9, features=6, runs=25, seed=3, a="glorot-uniform")
    results = simulate(same)
    interval = mean_interval(results.log10_ratio)
    assert interval is not None
    assert ("no significant difference" in to_text(results)) == (0.0 in interval)
