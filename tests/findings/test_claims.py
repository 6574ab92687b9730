"""The claims: true and false where they have to be, and an explanation that the numbers do not contradict."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.findings.claims import Claim, claims, explanation
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.model.presets import PRESETS


@cache
def results(preset: str, layers: int = 10, runs: int = 400) -> Summary:
    experiment = PRESETS[preset].applied_to(Experiment(layers=layers, runs=runs, seed=5))
    return summarise(simulate(experiment))


def claim(found: Summary, words: str) -> Claim:
    matching = [each for each in claims(found) if words in each.statement]
    assert len(matching) == 1, [each.statement for each in claims(found)]
    return matching[0]


@pytest.mark.parametrize(
    ("preset", "layers", "words", "holds"),
    [
        ("demo", 10, "Normal beats Uniform", True),
        ("demo", 10, "Uniform pushes more neurons into saturation", False),
        ("demo", 10, "higher variance", False),
        ("demo", 10, "Uniform: each backward step multiplies the gradient by about σ_w", True),
        ("demo", 10, "nn.Linear", True),
        ("demo", 10, "made by depth", True),
        ("demo", 10, "Averaging the ratios", False),
        ("demo", 1, "Normal beats Uniform", False),
        ("demo", 1, "At depth 1 Normal has the smaller gradient", True),
        ("matched", 10, "With equal variance the shape", True),
        ("matched", 10, "Normal beats Glorot-uniform", False),
        ("matched", 10, "Averaging the ratios", False),
        ("rand", 10, "Normal beats Rand", True),
        ("rand", 10, "Rand pushes more neurons into saturation", True),
        ("rand", 10, "non-zero mean", True),
    ],
)
def test_what_holds_and_what_does_not(preset: str, layers: int, words: str, holds: bool) -> None:
    assert claim(results(preset, layers), words).holds is holds


def test_matched_methods_differ_in_no_spread() -> None:
    assert claim(results("matched"), "higher variance").holds is None


def test_one_run_decides_no_comparison() -> None:
    found = results("demo", runs=1)
    for words in ("Normal beats Uniform", "Averaging the ratios"):
        assert claim(found, words).holds is None
    assert claim(results("demo", 1, 1), "At depth 1").holds is None


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("layers", [1, 2, 10, 300])
@pytest.mark.parametrize("runs", [1, 3])
def test_every_measured_value_is_a_number(preset: str, layers: int, runs: int) -> None:
    found = results(preset, layers, runs)
    for each in claims(found):
        assert re.search(r"\d", each.measured), each
        assert "nan" not in each.measured, each
    text = explanation(found)
    assert "nan" not in text
    assert "inf" not in text
    assert text.count(".") <= 14


def test_the_demo_is_explained_by_weights_that_are_too_small() -> None:
    text = explanation(results("demo"))
    assert "too small" in text
    assert "0.577" in text
    assert "Saturation is not the cause" in text


def test_rand_is_explained_by_its_mean_and_saturation() -> None:
    text = explanation(results("rand"))
    assert "non-zero mean" in text
    assert "saturated" in text


def test_matched_methods_are_not_explained_apart() -> None:
    text = explanation(results("matched"))
    assert "do not differ significantly" in text
    assert "same variance" in text


def test_one_layer_is_not_explained_by_steps() -> None:
    assert "mean of f'(z)" in explanation(results("demo", 1))
