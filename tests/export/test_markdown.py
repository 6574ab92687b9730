"""The Markdown report has every part, and the numbers of the runs."""

from __future__ import annotations

import shlex

import pytest

from tests.export.writing import to_markdown
from tui_initflow import Experiment, simulate, sweep
from tui_initflow.cli.commands import parsers
from tui_initflow.cli.settings import experiment_of
from tui_initflow.findings.notation import factor, scientific

EXPERIMENTS = (
    Experiment(runs=30, layers=4),
    Experiment(runs=1, layers=1),
    Experiment(runs=5, widths=(9, 8, 7, 3), activation="relu", a="he-normal", b="rand", sigma_b=0.1, start="signs"),
    Experiment(runs=10, layers=30, neurons=2, activation="relu", a="he-normal", b="orthogonal"),
)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_a_report_has_every_part_and_the_numbers(experiment: Experiment) -> None:
    results = simulate(experiment)
    report = to_markdown(results)
    for heading in ("Gradient by layer", "Pre-activations", "Runs", "Why", "Theory and advice", "Reproduce"):
        assert f"\n## {heading}\n" in report
    assert scientific(float(results.b.log10_final.mean())) in report
    assert "torch.nn.init." in report
    assert report.count("```") % 2 == 0
    assert "press" not in report
    command = report.split("```sh\n")[1].split("\n```")[0]
    assert experiment_of(vars(parsers()[None].parse_args(shlex.split(command)[1:]))) == experiment


def test_a_sweep_has_its_chart_its_points_and_its_command() -> None:
    result = sweep(Experiment(layers=4, neurons=9, features=6, runs=3), "layers", [1, 2, 5])
    report = to_markdown(result)
    assert "| Layers | 1 to 5 |" in report
    assert "Neurons=9 and Features=6, Layers from 1 to 5" in report
    for point in result.points:
        assert f"\n| {point.value} | {factor(point.mean)} | " in report
    command = shlex.split(report.split("```sh\n")[1].split("\n```")[0])
    options = parsers()["sweep"].parse_args(command[2:])
    assert experiment_of(vars(options)) == result.experiment
    assert (options.over, options.values) == ("layers", "1,2,5")


def test_claims_come_with_what_was_measured() -> None:
    report = to_markdown(simulate(EXPERIMENTS[0]))
    assert "“Normal passes more gradient to L0 than Uniform”: **holds**" in report
    assert "“Uniform pushes more neurons into saturation than Normal”: **does not hold**" in report
