"""Everything the story says, held against its runs and against runs of other seeds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.story.played import played, titled
from tui_initflow import simulate
from tui_initflow.findings.learning import accuracy, has_learned
from tui_initflow.findings.notation import scientific
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.story.outcome import facts
from tui_initflow.story.steps import STEPS
from tui_initflow.training.data import load_data
from tui_initflow.training.runs import train

pytestmark = pytest.mark.slow

RIGHT = (
    "about a third",
    "uniform",
    "half a percent",
    "next to none",
    "less than a millionth",
    "next to nothing",
    "nearly all",
    "two",
    "no more than by guessing",
)
"""What the explanations take for granted."""


def test_the_runs_give_the_answers_that_the_texts_explain() -> None:
    assert tuple(step.answers[played(step).right].text for step in STEPS) == RIGHT


def test_other_seeds_give_the_same_answers() -> None:
    for step, right in zip(STEPS[:-1], RIGHT, strict=False):
        other = played(replace(step, experiment=step.experiment.with_(seed=2)))
        assert step.answers[other.right].text == right, step.title


def test_texts_have_the_numbers_of_the_runs() -> None:
    for step in STEPS:
        outcome = played(step)
        assert "{" not in outcome.explanation
        results = simulate(step.experiment)
        finals = [scientific(float(np.mean(result.log10_final))) for result in results.methods]
        assert [facts(outcome)[side] for side in "ab"] == finals
        for field, final in zip(("{a}", "{b}"), finals, strict=True):
            assert (final in outcome.explanation) == (field in step.explanation)


def test_a_factor_per_layer() -> None:
    outcome = titled("A factor per layer")
    assert "is 35%; these runs measure 35%" in outcome.explanation
    assert round(0.9**10, 2) == 0.35
    a, b = outcome.summary.methods
    # a factor of exactly one: from the bend on, the second curve is flat within the scatter of 50 means of 50 neurons
    assert np.ptp(b.geometric_mean[:10]) < math.log10(1.1)
    for method in (a, b):
        assert method.geometric_mean[10] == method.geometric_mean[11] == 0.0
        assert method.geometric_mean[9] < math.log10(0.85)


def test_one_layer() -> None:
    outcome = titled("One layer")
    interval = outcome.summary.verdict.interval
    assert interval is not None
    assert interval.high < 0
    assert facts(outcome)["variances"] == "3"
    a, b = outcome.summary.methods
    assert b.preactivation.std[0] > 1.5 * a.preactivation.std[0]


def test_ten_layers() -> None:
    a, b = titled("Ten layers").summary.methods
    assert a.log10_step is not None
    assert b.log10_step is not None
    assert a.log10_step < b.log10_step < 0
    # the curves start together
    assert a.geometric_mean[10] == b.geometric_mean[10] == 0.0


def test_what_the_web_says() -> None:
    a, b = titled("What the web says").summary.methods
    assert np.all(a.preactivation.std < b.preactivation.std)
    assert a.flat <= b.flat < 0.001
    assert a.log10_step is not None
    assert a.log10_step == pytest.approx(math.log10(a.sigma_w), abs=math.log10(1.1))


def test_thirty_layers_of_the_default() -> None:
    outcome = titled("Thirty layers of PyTorch's default")
    shape = outcome.step.experiment.network.shapes[-1]
    assert INITIALISERS["uniform"].draws_as(INITIALISERS["torch-linear"], shape)
    assert facts(outcome)["a_sigma_w2"] == facts(outcome)["demo_sigma_w2"] == "0.333"
    curve = outcome.summary.methods.a.geometric_mean[:-1]
    # a straight line
    assert np.corrcoef(np.arange(len(curve)), curve)[0, 1] > 0.999


def test_the_same_variance() -> None:
    outcome = titled("The same variance")
    assert outcome.step.experiment.has_same_variance
    a = outcome.summary.methods.a
    assert a.sigma_w == pytest.approx(1.0)
    assert math.sqrt(3) == pytest.approx(INITIALISERS["glorot-uniform"].bound((50, 50)) * math.sqrt(50))
    interval = outcome.summary.verdict.interval
    assert interval is not None
    assert 0.0 in interval


def test_a_literal_rand() -> None:
    a, b = titled("A literal rand()").summary.methods
    assert a.weight_mean > 0 == b.weight_mean
    assert a.preactivation.mean_abs[-1] > 3 > 2 > b.largest_z


def test_relu_he_and_the_edge_of_chaos() -> None:
    outcome = titled("ReLU, He, and the edge of chaos")
    assert "By 2: that is He's rule" in outcome.explanation
    a, b = outcome.summary.methods
    # half of the neurons are off: 3 runs of 1500 neurons, which are not independent
    assert b.flat == pytest.approx(0.5, abs=0.05)
    shape = outcome.step.experiment.network.shapes[-1]
    assert shape[1] * a.method.initialiser.variance(shape) == pytest.approx(1.0)
    assert shape[1] * b.method.initialiser.variance(shape) == pytest.approx(2.0)
    assert outcome.grid is not None
    place = outcome.grid.plan.place(outcome.step.experiment, "b")
    assert place is not None
    assert outcome.grid.plan.settings(place, "b") == {"gain_b": 1.0, "layers": 30}
    gradients = outcome.grid.log10("b")
    # the cell of the text is the run of the text
    assert gradients[place.row, place.column] == pytest.approx(b.final)
    # less vanishes, more explodes, the faster the deeper
    deep, shallow = gradients[place.row], gradients[place.row - 4]
    assert deep[0] < shallow[0] < -1
    assert deep[-1] > shallow[-1] > 1


def test_the_proof_and_its_other_cures() -> None:
    outcome = titled("The proof: learning to read digits")
    result, settings = outcome.training, outcome.step.training
    assert result is not None
    assert settings is not None
    assert [has_learned(method) for method in result.methods] == [False, True]
    assert accuracy(result.b) > 0.8
    # the signal is lost as the gradient is
    vanished, kept = (method.preactivation.std[-1] for method in outcome.summary.methods)
    assert vanished < 1e-4 < 0.03 < kept
    data, experiment = load_data(settings.data), outcome.step.experiment
    adam = train(experiment, settings.with_(optimizer="adam", lr=0.001), data)
    skips = train(experiment.with_(b="uniform", block_b="pre-norm", norm_b="layer"), settings.with_(lr=0.1), data)
    # Adam helps a little, skips with norms help a lot
    assert accuracy(result.a) + 0.05 < accuracy(adam.a) < accuracy(result.b) - 0.1
    assert accuracy(skips.b) > 0.85
