"""Advice: the cause named is the one the numbers show, and the gain advised does what it promises."""

from __future__ import annotations

from functools import cache

import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.engine.results import Results
from tui_initflow.findings.advice import Advice, advise
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import summarise
from tui_initflow.model.pair import Side
from tui_initflow.theory.outlook import outlook_of


@cache
def results(experiment: Experiment) -> Results:
    return simulate(experiment)


def advice(experiment: Experiment, side: Side = "a") -> Advice:
    method = summarise(results(experiment)).methods[side]
    return advise(experiment, method, outlook_of(experiment, side, TRAINABLE))


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (Experiment(runs=50), ["Uniform", "falls 1.8", "weights are too small", "gain 1.73", "12 layers of 50"]),
        (Experiment(runs=50, a="rand"), ["non-zero mean", "saturates", "no gain preserves it", "1 layer of"]),
        (Experiment(runs=50, a="normal", gain_a=8.0), ["weights are too large", "grows", "gain 1 "]),
        (Experiment(runs=50, a="normal"), ["slowly", "edge of chaos", "1,000 layers of 50 still pass"]),
        (
            Experiment(runs=50, a="he-normal", activation="relu", layers=30),
            ["is preserved", "its gain is the one on the edge"],
        ),
        (
            Experiment(runs=50, a="he-normal", activation="relu", layers=30, neurons=3),
            ["are off", "widen the layers (the narrowest has 3)"],
        ),
        (Experiment(runs=50, a="he-normal", activation="gelu", layers=30), ["no gain suits gelu at every depth"]),
        (Experiment(runs=50, layers=1), ["1 layer leaves 9."]),
        (Experiment(runs=50, widths=(30, 20, 20, 5), activation="elu", a="he-normal"), ["layers of 20"]),
    ],
)
def test_the_cause_is_the_one_the_numbers_show(experiment: Experiment, words: list[str]) -> None:
    sentence = advice(experiment).sentence
    for word in words:
        assert word in sentence
    if "too small" in sentence:
        assert "saturates" not in sentence
    assert sentence.count(".\n") == 0


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(runs=100, layers=30),
        Experiment(runs=100, layers=30, activation="gelu", a="lecun-normal"),
        Experiment(runs=100, layers=30, activation="sigmoid", a="he-normal", neurons=100),
        Experiment(runs=100, layers=30, activation="relu", a="torch-linear", neurons=200),
        Experiment(runs=100, layers=30, a="orthogonal", gain_a=5.0),
    ],
)
def test_the_gain_advised_brings_the_gradient_back(experiment: Experiment) -> None:
    before = results(experiment).a.log10_final.mean()
    after = results(experiment.with_(gain_a=advice(experiment).gain)).a.log10_final.mean()
    # on the edge of chaos the gradient may still fall, but as a power of the depth
    assert abs(before) > 1.5
    assert abs(after) < 0.4 * abs(before)


def test_advice_for_a_good_gain_keeps_it() -> None:
    experiment = Experiment(runs=20, a="orthogonal", activation="relu", gain_a=2**0.5)
    assert advice(experiment).gain == 2**0.5
