"""A network is healthy if its median gradient is neither too small nor too large."""

from __future__ import annotations

import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.findings.health import examine
from tui_initflow.theory.outlook import outlook_of


@pytest.mark.parametrize(
    ("experiment", "problem", "within"),
    [
        (Experiment(layers=5, neurons=20, runs=10), None, 1.0),
        (Experiment(layers=40, neurons=20, runs=10), "vanishing", 0.0),
        (Experiment(layers=20, neurons=20, runs=10, activation="relu", gain_a=10.0), "exploding", 0.0),
        (Experiment(layers=30, neurons=2, runs=10, activation="relu"), "vanishing", 0.0),
    ],
)
def test_what_is_wrong_is_said_in_a_word(experiment: Experiment, problem: str | None, within: float) -> None:
    health = examine(simulate(experiment), 1e-3, outlook_of(experiment, "a", 1e-3))
    assert health.problem == problem
    assert health.within.value == within
    assert health.advice.sentences.startswith("Uniform")


def test_a_stricter_threshold_is_harder_to_pass() -> None:
    results = simulate(Experiment(layers=8, neurons=20, runs=10))
    for threshold, problem in ((1e-6, None), (0.5, "vanishing")):
        assert examine(results, threshold, outlook_of(results.experiment, "a", threshold)).problem == problem
