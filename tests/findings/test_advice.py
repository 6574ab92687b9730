"""The cause named is the one the numbers show, and the advice does what it promises."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.findings.advice import MANY_FLAT, Advice, account, advise, explanation
from tui_initflow.findings.claims import claims
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.remedies import chosen, remedies
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.model.pair import Side
from tui_initflow.model.presets import PRESETS
from tui_initflow.theory.outlook import outlook_of

RELU = Experiment(activation="relu", layers=30, runs=20, a="he-normal")


@cache
def summary(experiment: Experiment) -> Summary:
    return summarise(simulate(experiment))


def preset(name: str, layers: int = 10, runs: int = 100) -> Summary:
    return summary(PRESETS[name].applied_to(Experiment(runs=runs, seed=5)).with_(layers=layers))


def advice(experiment: Experiment, side: Side = "a") -> Advice:
    return advise(experiment, summary(experiment).methods[side], outlook_of(experiment, side, TRAINABLE))


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (Experiment(runs=50), "The weights are too small: σ_w = 0.577. Saturation is not the cause: 0% of neurons"),
        (Experiment(runs=50, activation="identity"), "too small: σ_w = 0.577."),
        (Experiment(runs=50, a="normal"), "The factor is σ_w = 1.00 times an effective slope f'(z) of 0.8"),
        (Experiment(runs=50, a="normal", gain_a=8.0), "The weights are too large: σ_w = 8.00 times"),
        (Experiment(runs=50, a="normal", gain_a=100.0), "Weights with σ_w = 100 drive mean |z| up to"),
        (Experiment(runs=50, a="rand"), "The non-zero mean of the weights drives mean |z| up to 3.5"),
        (Experiment(runs=50, a="rand", gain_a=0.1), "too small, mean and spread together"),
        (Experiment(runs=50, a="rand", activation="relu"), "adds up over the 50 neurons of a layer"),
        (Experiment(runs=50, a="orthogonal", layers=40), "The gradient is preserved: σ_w = 1.00"),
        (Experiment(runs=50, activation="relu"), "50% of neurons are off"),
        (RELU, "The gradient is preserved: σ_w = 1.41 times an effective slope f'(z) of 0.7"),
        (
            RELU.with_(neurons=3),
            "of runs no gradient reaches the first layer, because all neurons of some layer are off",
        ),
        (Experiment(runs=9, layers=5, a="rand", gain_a=1000.0), "all neurons of some layer are saturated"),
        (Experiment(runs=50, layers=2), "the backward step multiplies the gradient by 0.4"),
        (Experiment(runs=50, layers=1), "with a single layer, the gradient is the mean of f'(z), 9."),
    ],
)
def test_the_cause_is_the_one_the_numbers_show(experiment: Experiment, words: str) -> None:
    method = summary(experiment).methods.a
    text = account(experiment, method)
    assert words in text
    # the sentence and the status on the screen say the same
    if "preserved" in text:
        assert 0.1 <= 10**method.final <= 10
    if "too small" in text:
        assert method.log10_step is not None
        assert method.log10_step < 0
    if "not the cause" in text:
        assert method.flat < MANY_FLAT
    if not method.dead:
        assert f"{scientific(method.final)}" in text
        assert "geometric mean" in text


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("layers", [1, 2, 10, 300])
@pytest.mark.parametrize("runs", [1, 3])
def test_every_number_in_it_is_one(name: str, layers: int, runs: int) -> None:
    text = " ".join(explanation(preset(name, layers, runs)))
    assert "nan" not in text
    assert "inf" not in text
    assert "?" not in text


def test_the_loser_is_explained_first() -> None:
    first, second = explanation(preset("demo"))
    assert first.startswith("Uniform: ")
    assert second.startswith("Normal: ")
    assert explanation(preset("demo", layers=1))[0].startswith("Normal: ")


def test_matched_methods_are_not_explained_apart() -> None:
    opening, *_ = explanation(preset("matched"))
    assert "do not differ significantly" in opening
    assert "same variance" in opening


def test_a_gradient_that_falls_slowly_through_many_layers_is_not_called_preserved() -> None:
    deep = Experiment(layers=60, neurons=10, runs=2, a="orthogonal", gain_a=0.95, activation="identity")
    method = summary(deep).methods.a
    assert method.log10_step is not None
    assert 10**method.log10_step > 0.9
    assert "preserved" not in account(deep, method)


@pytest.mark.parametrize(
    ("experiment", "remedy"),
    [
        (Experiment(runs=50), "gain 1.732 puts it on the edge of chaos (chi = 1)"),
        # where no gain helps, none is advised
        (Experiment(runs=50, layers=1), "the gradient is healthy at this depth"),
        (Experiment(runs=50, a="normal", gain_a=8.0), "gain 1 puts it on the edge of chaos (chi = 1)"),
        (Experiment(runs=50, a="normal"), "its gain is on the edge of chaos already"),
        (Experiment(runs=50, a="rand"), "no gain is critical while the weights have a non-zero mean"),
        (
            Experiment(runs=50, a="he-normal", activation="relu", layers=30),
            "its gain is on the edge of chaos already",
        ),
        (
            Experiment(runs=50, a="he-normal", activation="relu", layers=30, neurons=3),
            "widen the layers (the narrowest has 3)",
        ),
        (Experiment(runs=50, a="he-normal", activation="gelu", layers=30), "no gain is critical at every depth"),
    ],
)
def test_the_remedy_fits_the_network(experiment: Experiment, remedy: str) -> None:
    advised = advice(experiment)
    assert remedy in advised.remedy
    # the sentences start with what happened to the gradient, and end with the same remedy
    assert advised.sentences.startswith(experiment.methods.a.label)
    assert advised.sentences.lower().endswith(f"{advised.remedy.lower()}.")


@pytest.mark.parametrize(
    ("experiment", "remedy"),
    [
        (Experiment(a="rand", block_a="residual", runs=20), "draw them with mean zero (normal, gain 1)"),
        (Experiment(a="rand", block_a="residual", activation="relu", runs=20), "mean zero (normal, gain 1.414)"),
        (Experiment(block_a="post-norm", norm_a="layer", activation="identity", runs=20), "start with random signs"),
        (Experiment(sigma_b=0.5, layers=20, runs=20), "gain 2.684 puts it on the edge of chaos"),
        (Experiment(a="normal", layers=300, runs=5), "on the edge of chaos already; add skips with a norm"),
    ],
)
def test_what_is_advised_was_tried_and_helps(experiment: Experiment, remedy: str) -> None:
    method, outlook = summary(experiment).methods.a, outlook_of(experiment, "a", TRAINABLE)
    advised, found = advise(experiment, method, outlook), chosen(experiment, method, outlook)
    assert remedy in advised.remedy
    assert found is not None
    done, after = found
    assert after is not None
    # what is said is what others measure
    again = simulate(done.experiment.with_(runs=10)).a.log10_final
    assert float(np.mean(again)) == pytest.approx(after)
    assert f"tried, {scientific(after)} is left at L0" in advised.remedy
    assert abs(after) < abs(max(method.final, -400.0)) - math.log10(1.5)


def test_nothing_is_advised_that_does_not_help() -> None:
    unhelpful = Experiment(a="normal", gain_a=1000.0, activation="relu", layers=2, runs=20)
    for experiment in (unhelpful, Experiment(layers=3, activation="softsign", gain_a=2.0, runs=20)):
        method, outlook = summary(experiment).methods.a, outlook_of(experiment, "a", TRAINABLE)
        for remedy in remedies(experiment, method, outlook):
            after = remedy.tried()
            assert after is not None
            is_said = remedy.words in advise(experiment, method, outlook).remedy
            assert not is_said or abs(after) < abs(method.final) - math.log10(1.5)


def test_what_takes_long_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = Experiment(layers=5, runs=2)
    method, outlook = summary(experiment).methods.a, outlook_of(experiment, "a", TRAINABLE)
    monkeypatch.setattr("tui_initflow.findings.remedies.SECONDS", 0.0)
    assert "(chi = 1): not tried here, because it would take long" in advise(experiment, method, outlook).remedy


RESIDUAL = RELU.with_(layers=50, block_a="residual")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "remedy", "cured"),
    [
        (RESIDUAL, "scale its branches by 1/sqrt(L), here 0.141,", RESIDUAL.with_(branch_scale_a="1/sqrt(L)")),
        (
            RELU.with_(layers=200, norm_a="layer"),
            "a norm alone does not preserve the gradient: add skips (pre-norm blocks)",
            RELU.with_(layers=200, norm_a="layer", block_a="pre-norm"),
        ),
        (
            RELU.with_(layers=200, norm_a="layer", block_a="post-norm"),
            "move it into the branch (pre-norm)",
            RELU.with_(layers=200, norm_a="layer", block_a="pre-norm"),
        ),
        (
            RESIDUAL.with_(gain_a=8.0, branch_scale_a="1/sqrt(L)"),
            "give their weights a smaller gain",
            RESIDUAL.with_(gain_a=1.0, branch_scale_a="1/sqrt(L)"),
        ),
    ],
)
def test_the_remedy_for_blocks_does_what_it_promises(experiment: Experiment, remedy: str, cured: Experiment) -> None:
    assert remedy in advice(experiment).remedy
    assert "healthy at this depth" in advice(cured).remedy
    assert 0.1 <= 10 ** summary(cured).methods.a.final <= 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(runs=20, layers=30),
        Experiment(runs=20, layers=30, activation="gelu", a="lecun-normal"),
        Experiment(runs=20, layers=30, activation="sigmoid", a="he-normal", neurons=100),
        Experiment(runs=20, layers=30, activation="relu", a="torch-linear", neurons=200),
        Experiment(runs=20, layers=30, a="orthogonal", gain_a=5.0),
    ],
)
def test_the_gain_advised_brings_the_gradient_back(experiment: Experiment) -> None:
    before = summary(experiment).methods.a.final
    after = summary(experiment.with_(gain_a=advice(experiment).gain)).methods.a.final
    # on the edge of chaos the gradient may still fall, but as a power of the depth
    assert abs(before) > 1.5
    assert abs(after) < 0.4 * abs(before)


def test_advice_for_a_good_gain_keeps_it() -> None:
    experiment = Experiment(runs=20, a="orthogonal", activation="relu", gain_a=2**0.5)
    assert advice(experiment).gain == 2**0.5


@pytest.mark.parametrize(
    "settings",
    [
        {"block_a": "residual"},
        {"norm_a": "layer"},
        {"norm_a": "layer", "layers": 1},
        {"block_a": "pre-norm", "norm_a": "rms", "activation": "relu"},
        {"norm_a": "layer", "neurons": 1},
    ],
    ids=str,
)
def test_nothing_of_plain_networks_is_said_of_blocks(settings: dict[str, Any]) -> None:
    experiment = Experiment(runs=10).with_(**settings)
    text = " ".join([advice(experiment).sentences, *(claim.statement for claim in claims(summary(experiment)))])
    about_a = text.partition("Normal: each")[0]
    for word in ("σ_w =", "backward step", "too small", "too large", "drives", "because", "chi"):
        assert word not in about_a
    assert "first layer" in text
    assert not summary(experiment.with_(b="uniform")).experiment.has_same_variance
