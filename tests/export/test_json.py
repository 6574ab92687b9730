"""JSON against the engine's own numbers; `test_schemas` holds it against its contract."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.export.conftest import EXPERIMENT, holding, parsed, with_gradients
from tests.export.writing import to_json, to_json_lines
from tui_initflow import __version__
from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.findings.health import examine
from tui_initflow.findings.intervals import Share, mean_interval
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.outlook import outlook_of

SETTINGS = {
    "layers": 4,
    "neurons": 9,
    "features": 6,
    "activation": "tanh",
    "scale": "glorot",
    "a": "uniform",
    "b": "normal",
    "runs": 25,
    "seed": 3,
}


def test_runs_have_the_version_and_the_settings(results: Results) -> None:
    run = holding(to_json(results), "run")
    assert run["settings"] == SETTINGS
    assert (run["version"], run["numpy"]) == (__version__, np.__version__)


def test_runs_have_the_numbers_of_the_engine(results: Results) -> None:
    run = parsed(to_json(results))
    for side, method in (("a", results.a), ("b", results.b)):
        written = run[side]
        assert written["name"] == method.name
        assert written["log10_final"] == method.log10_gradient[:, 0].tolist()
        gradient = written["log10_gradient"]
        assert gradient["layer"] == [0, 1, 2, 3, 4]
        assert_allclose(gradient["median"], np.median(method.log10_gradient, axis=0), atol=1e-12)
        assert_allclose(gradient["p10"], np.quantile(method.log10_gradient, 0.1, axis=0), atol=1e-12)
        assert_allclose(gradient["p90"], np.quantile(method.log10_gradient, 0.9, axis=0), atol=1e-12)
        assert_allclose(gradient["mean"], np.mean(method.log10_gradient, axis=0), atol=1e-12)
        assert gradient["mean"][-1] == 0
        assert written["preactivation"]["layer"] == [1, 2, 3, 4]
        for name in ("mean_abs", "std", "saturated"):
            assert written["preactivation"][name] == getattr(method.preactivation, name).tolist()
    ratio = results.b.log10_final - results.a.log10_final
    comparison = run["comparison"]
    interval = mean_interval(ratio)
    assert interval is not None
    assert comparison["log10_ratio"]["mean"] == pytest.approx(float(np.mean(ratio)))
    assert comparison["log10_ratio"]["ci95"] == [interval.low, interval.high]
    wins = int(np.sum(ratio > 0))
    share = Share(wins, 25).interval
    assert comparison["b_wins"] == {"share": wins / 25, "ci95": [share.low, share.high]}


def test_one_run_has_no_interval_of_the_ratio() -> None:
    run = parsed(to_json(simulate(Experiment(layers=2, neurons=4, features=3))))
    assert run["comparison"]["log10_ratio"]["ci95"] is None
    assert len(run["a"]["log10_final"]) == 1


@pytest.mark.parametrize(("a", "b"), [(-math.inf, 0.5), (0.5, -math.inf), (-math.inf, -math.inf)])
def test_zero_gradients_are_null(results: Results, a: float, b: float) -> None:
    run = parsed(to_json(with_gradients(results, a, b)))
    assert run["comparison"]["log10_ratio"] == {"mean": None, "ci95": None}
    for side, value in (("a", a), ("b", b)):
        expected = value if math.isfinite(value) else None
        assert run[side]["log10_final"] == [expected] * 25
        assert run[side]["log10_gradient"]["median"][0] == expected


def test_stopped_runs_are_counted_as_complete(results: Results) -> None:
    stopped = Results(EXPERIMENT.with_(runs=1000), results.a, results.b)
    assert parsed(to_json(stopped))["settings"]["runs"] == 25


def test_a_line_per_run_has_both_final_gradients(results: Results) -> None:
    run = parsed(to_json(results))
    lines = [parsed(line) for line in to_json_lines(results).splitlines()]
    assert len(lines) == 25
    for number, line in enumerate(lines):
        a, b = (run[side]["log10_final"][number] for side in ("a", "b"))
        assert line == {"run": number + 1, "log10_final_a": a, "log10_final_b": b, "log10_ratio": b - a}


def test_lines_continue_where_they_ended(results: Results) -> None:
    def part(method: MethodResult) -> MethodResult:
        return MethodResult(method.name, method.log10_gradient[:10], method.statistics)

    first = Results(EXPERIMENT, part(results.a), part(results.b))
    assert to_json_lines(first) + to_json_lines(results, 10) == to_json_lines(results)


def test_a_run_without_a_gradient_is_null(results: Results) -> None:
    line = parsed(to_json_lines(with_gradients(results, -math.inf, -math.inf)).splitlines()[0])
    assert line == {"run": 1, "log10_final_a": None, "log10_final_b": None, "log10_ratio": None}


def test_sweeps_have_the_numbers_of_the_engine(swept: SweepResult) -> None:
    written = parsed(to_json(swept))
    assert written["over"] == "layers"
    assert written["settings"]["runs"] == 25
    assert [point["value"] for point in written["points"]] == [1, 3, 5]
    for entry, point in zip(written["points"], swept.points, strict=True):
        assert entry["sampler"] == {"a": "explicit", "b": "explicit"}
        ratio = entry["log10_ratio"]
        interval = mean_interval(point.log10_ratio)
        assert interval is not None
        assert ratio["mean"] == pytest.approx(float(np.mean(point.log10_ratio)))
        assert ratio["p10"] == pytest.approx(float(np.quantile(point.log10_ratio, 0.1)))
        assert ratio["p90"] == pytest.approx(float(np.quantile(point.log10_ratio, 0.9)))
        assert ratio["ci95"] == [interval.low, interval.high]


def test_sweep_points_without_a_number_are_null() -> None:
    point = SweepPoint(1, np.array([-math.inf, math.nan, math.inf]))
    written = parsed(to_json(SweepResult(EXPERIMENT, "layers", (point,))))
    assert written["points"][0]["log10_ratio"]["mean"] is None


def test_a_number_format_has_its_shares_by_layer() -> None:
    results = simulate(EXPERIMENT.with_(layers=30, gain_a=0.5, format="fp16"))
    document, elements = parsed(to_json(results)), results.a.elements
    assert elements is not None
    assert document["settings"]["format"] == "fp16"
    lost = document["a"]["format"]
    assert lost["name"] == "fp16"
    assert lost["layer"] == list(range(30))
    assert_allclose(lost["zero"], elements.flushed / elements.nonzero)
    assert lost["zero"][0] > 0.9
    assert lost["lost"] == pytest.approx(elements.flushed.sum() / elements.nonzero.sum())
    assert lost["lost_with_loss_scale"] < lost["lost"]
    health = examine(results, TRAINABLE, outlook_of(results.experiment, "a", TRAINABLE))
    assert parsed(to_json(health))["format"] == lost
    plain = parsed(to_json(simulate(EXPERIMENT)))
    assert "format" not in plain["a"]
    assert "format" not in plain["settings"]
