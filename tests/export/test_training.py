"""Training in every format, against what the engine recorded."""

from __future__ import annotations

import csv
import io
import shlex
from typing import Any

import numpy as np
import pytest

from tests.export.conftest import parsed
from tests.export.writing import to_csv, to_json, to_json_lines, to_markdown, to_plot, to_text
from tests.training.samples import TRAININGS, training
from tui_initflow.charts.palette import DARK
from tui_initflow.cli.commands import parsers
from tui_initflow.cli.settings import training_of
from tui_initflow.export.render import Terminal
from tui_initflow.findings.learning import TrainedMap, learning_claims, verdict
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import load_data
from tui_initflow.training.results import Masked, TrainingResult
from tui_initflow.training.runs import train
from tui_initflow.training.trainability import trainability_map

EXPERIMENT = Experiment(layers=2, neurons=8, runs=3, seed=2)
SETTINGS = TrainingSettings(steps=12, batch_size=16)


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    return train(EXPERIMENT, SETTINGS, load_data("digits"))


def medians(curve: Masked) -> Any:
    """Over the runs, none of which diverged."""
    return np.median(curve.filled(np.nan), axis=0)


def test_json_has_what_was_recorded(result: TrainingResult) -> None:
    document = parsed(to_json(result))
    assert list(document) == ["version", "numpy", "settings", "a", "b", "chance"]
    training = {"optimizer": "sgd", "lr": "best", "steps": 12, "batch": 16, "data": "digits"}
    assert training.items() <= document["settings"].items()
    assert document["settings"]["features"] == 64
    for side, method in (("a", result.a), ("b", result.b)):
        written: dict[str, Any] = document[side]
        losses, rates = written["search"]["loss"], written["search"]["lr"]
        assert written["lr"] == method.rate == rates[losses.index(min(losses))]
        assert written["step"] == method.steps.tolist()
        np.testing.assert_allclose(written["loss"]["median"], medians(method.curves.loss))
        assert written["final_accuracy"] == list(method.final_accuracy)
        assert len(written["diverged_at"]) == len(written["steps_to_90"]) == 3
        assert len(written["log10_gradient"]["before"]) == 3
        update = written["log10_update_ratio"]
        assert np.shape(update["values"]) == (len(update["step"]), len(update["layer"])) == (len(method.steps), 3)


def test_lines_have_a_step_each_and_go_on_where_they_were(result: TrainingResult) -> None:
    lines = [parsed(line) for line in to_json_lines(result).splitlines()]
    assert [line["step"] for line in lines] == result.a.steps.tolist()
    np.testing.assert_allclose([line["loss_b"] for line in lines], medians(result.b.curves.loss))
    assert to_json_lines(result, 3).splitlines() == to_json_lines(result).splitlines()[3:]


def test_csv_has_a_row_for_each_number(result: TrainingResult) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(result))))
    points = len(result.a.steps)
    # two curves with three statistics; gradients at three points, two layers, three updates
    assert len(rows) == 2 * points * (2 * 3 + 3 + 2 + 3)
    accuracy = [float(row["value"]) for row in rows if (row["side"], row["statistic"]) == ("b", "accuracy.median")]
    np.testing.assert_allclose(accuracy, medians(result.b.curves.accuracy))


def test_text_has_a_verdict_for_each_method_and_a_table(result: TrainingResult) -> None:
    lines = to_text(result).splitlines()
    assert lines[2].startswith("Uniform ")
    assert lines[3].startswith("Normal ")
    assert "of SGD" in lines[2]
    assert any(line.split() == ["step", "loss", "accuracy", "loss", "accuracy"] for line in lines)
    assert any(line.startswith("    12  ") for line in lines)


def test_a_map_has_its_cells_and_theory() -> None:
    trained = trainability_map(EXPERIMENT, "a", SETTINGS, load_data("digits"), depths=(1, 2), gains=(0.5, 1.0))
    document = parsed(to_json(TrainedMap(EXPERIMENT, SETTINGS, trained, (0.7, float("inf")))))
    assert list(document) == ["version", "numpy", "settings", "gain", "layers", "accuracy", "theory_depth", "chance"]
    assert (document["gain"], document["layers"], document["theory_depth"]) == ([0.5, 1.0], [1, 2], [0.7, None])
    np.testing.assert_allclose(document["accuracy"], trained.accuracy)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAININGS)
def test_any_training_can_be_plotted(name: str) -> None:
    for width, unicode in ((30, False), (80, True), (130, True)):
        text = to_plot(training(name), Terminal(width, None, DARK if unicode else DARK.in_ascii))
        assert max(map(len, text.splitlines())) <= width
        assert unicode or text.isascii()
        for sentence in verdict(training(name)):
            assert sentence.translate(str.maketrans("×σ" if unicode else "×", "×σ" if unicode else "x")) in " ".join(
                text.split()
            ).replace("━━ ", "").replace("╍╍ ", "")


def test_a_report_of_a_training_can_be_reproduced() -> None:
    result = training("learned")
    report = to_markdown(result)
    for sentence in verdict(result):
        assert f"**{sentence}**" in report
    for claim in learning_claims(result):
        assert f"“{claim.statement}”: **holds**" in report
    command = shlex.split(report.split("```sh\n")[1].split("\n```")[0])
    assert training_of(vars(parsers()[None].parse_args(command[1:]))) == (result.experiment, result.settings)
