"""What is said of training follows from its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.training.samples import training
from tui_initflow.findings.learning import has_learned, learning_claims, verdict
from tui_initflow.findings.notation import scientific
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import load_data
from tui_initflow.training.results import RateSearch, TrainingResult
from tui_initflow.training.runs import train

SMALL = Experiment(layers=2, neurons=16, runs=3, seed=2)


@pytest.fixture(scope="module")
def learned() -> TrainingResult:
    return train(SMALL, TrainingSettings(steps=120, lr=0.3), load_data("digits"))


def test_a_method_that_learns_has_its_rate_and_the_steps_it_took(learned: TrainingResult) -> None:
    _, normal = verdict(learned)
    steps = sorted(at for at in learned.b.steps_to_90 if at is not None)
    first = f"Normal learns: 90% of the test rows right after {steps[1]} steps ({steps[0]} to {steps[-1]}), 9"
    assert normal.startswith(first)
    assert normal.endswith("%) after 120 steps of SGD at rate 0.3 (chance 10%).")
    late = replace(learned.b, curves=replace(learned.b.curves, accuracy=learned.b.curves.accuracy * 0.9))
    assert "90% of the test rows right in no run, " in verdict(replace(learned, b=late))[1]


def test_a_rate_at_the_edge_of_those_tried_is_called_one(learned: TrainingResult) -> None:
    for loss, is_said in (((0.3, 0.2, 0.1), True), ((0.3, 0.1, 0.2), False)):
        found = replace(learned.b, search=RateSearch((0.1, 0.3, 1.0), loss, 120, 2))
        assert ("no rate beyond this one was tried" in verdict(replace(learned, b=found))[1]) == is_said


def test_a_method_that_is_right_by_chance_has_not_learned(learned: TrainingResult) -> None:
    nothing = train(SMALL.with_(layers=30, runs=1), TrainingSettings(steps=4, lr=0.01), load_data("digits"))
    uniform, _ = verdict(nothing)
    assert uniform.startswith("Uniform has not learned in 4 steps of SGD at rate 0.01: ")
    searched = replace(nothing.a, search=learned.a.search)
    assert searched.search is None
    some = train(SMALL.with_(layers=30, runs=1), TrainingSettings(steps=4), load_data("digits"))
    assert "has not learned in 4 steps of SGD at any rate tried: " in verdict(some)[0]


def test_runs_that_diverge_are_counted(learned: TrainingResult) -> None:
    partly = replace(learned, a=replace(learned.a, diverged_at=(5, None, None)))
    assert verdict(partly)[0].endswith("; 1 of 3 runs diverged.")


def test_a_gradient_that_vanishes_is_checked_against_what_was_learned() -> None:
    claims = list(learning_claims(training("vanished")))
    assert [claim.statement for claim in claims] == [
        "Uniform's gradient vanishes, so SGD cannot train it",
        "Normal ×0.5's gradient vanishes, so SGD cannot train it",
        "Matching the variance cures it",
    ]
    assert [claim.holds for claim in claims] == [True, True, None]
    result = training("vanished")
    before = np.median(result.a.curves.log10_gradient.filled(np.nan)[:, 0], axis=0)
    assert f"{scientific(before[0] - before[-1])} of the last layer's gradient reaches L0" in claims[0].measured
    # had it learned nevertheless, the claim would not hold
    learned = replace(result, a=replace(result.a, curves=training("learned").a.curves))
    relative = replace(result.a.curves, accuracy=learned.a.curves.accuracy[:, -len(result.a.steps) :])
    but_learned = replace(result, a=replace(result.a, curves=relative))
    assert has_learned(but_learned.a)
    assert next(iter(learning_claims(but_learned))).holds is False


def test_equal_variance_is_a_cure_if_both_learn() -> None:
    *_, cure = learning_claims(training("matched"))
    assert (cure.statement, cure.holds) == ("Matching the variance cures it: both methods learn", True)
    assert all(claim.statement.endswith("survives, so it learns") for claim in learning_claims(training("learned")))


@pytest.mark.parametrize(("chance", "accuracy", "learns"), [(0.1, 0.2, False), (0.1, 0.23, True), (0.5, 0.9, True)])
def test_to_have_learned_is_to_be_clearly_beyond_chance(chance: float, accuracy: float, learns: bool) -> None:
    result = training("learned").a
    flat = np.ma.masked_array(np.full(result.curves.accuracy.shape, accuracy))
    assert has_learned(replace(result, chance=chance, curves=replace(result.curves, accuracy=flat))) is learns


def test_a_rate_that_makes_all_runs_diverge_says_nothing_of_the_gradient() -> None:
    result = training("diverged")
    assert all(at is not None for at in result.a.diverged_at)
    claim = next(iter(learning_claims(result)))
    assert claim.holds is None
    assert "all runs diverged at rate 1000" in claim.measured
