"""What is said of training follows from its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui_initflow.findings.learning import verdict
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import load
from tui_initflow.training.results import TrainingResult
from tui_initflow.training.runs import train

SMALL = Experiment(layers=2, neurons=16, runs=3, seed=2)


@pytest.fixture(scope="module")
def learned() -> TrainingResult:
    return train(SMALL, TrainingSettings(steps=120, lr=0.3), load("digits"))


def test_a_method_that_learns_has_its_rate_and_the_steps_it_took(learned: TrainingResult) -> None:
    _, normal = verdict(learned)
    steps = sorted(at for at in learned.b.steps_to_90 if at is not None)
    assert normal.startswith("Normal learns in 120 steps of SGD at rate 0.3: 9")
    assert f"90% after {steps[1]} steps ({steps[0]} to {steps[-1]})." in normal
    assert "(chance 10%)" in normal


def test_a_method_that_is_right_by_chance_has_not_learned(learned: TrainingResult) -> None:
    nothing = train(SMALL.with_(layers=30, runs=1), TrainingSettings(steps=4, lr=0.01), load("digits"))
    uniform, _ = verdict(nothing)
    assert uniform.startswith("Uniform has not learned in 4 steps of SGD at rate 0.01: ")
    searched = replace(nothing.a, search=learned.a.search)
    assert searched.search is None
    some = train(SMALL.with_(layers=30, runs=1), TrainingSettings(steps=4), load("digits"))
    assert "has not learned in 4 steps of SGD at any rate tried: " in verdict(some)[0]


def test_runs_that_diverge_are_counted(learned: TrainingResult) -> None:
    partly = replace(learned, a=replace(learned.a, diverged_at=(5, None, None)))
    assert verdict(partly)[0].endswith("; 1 of 3 runs diverged.")
