"""Each claim holds, fails or stays undecided where it should, with the numbers that decide it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.findings.claims import claims
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.findings.wording import Claim
from tui_initflow.model.presets import PRESETS


@cache
def results(preset: str, layers: int = 10, runs: int = 100) -> Summary:
    experiment = PRESETS[preset].applied_to(Experiment(runs=runs, seed=5)).with_(layers=layers)
    return summarise(simulate(experiment))


def claim(summary: Summary, words: str) -> Claim:
    (match,) = (checked for checked in claims(summary) if words in checked.statement)
    return match


@pytest.mark.parametrize(
    ("preset", "layers", "words", "holds"),
    [
        ("demo", 10, "Normal passes more gradient to L0 than Uniform", True),
        ("demo", 10, "Uniform pushes more neurons into saturation", False),
        ("demo", 10, "higher variance", False),
        ("demo", 10, "Uniform: each backward step multiplies the gradient by about σ_w", True),
        ("demo", 10, "nn.Linear", True),
        ("demo", 1, "nn.Linear", False),
        ("demo", 10, "made by depth", True),
        ("demo", 10, "Averaging the ratios", False),
        ("demo", 1, "Normal passes more gradient to L0 than Uniform", False),
        ("demo", 1, "At depth 1 Normal has the smaller gradient", True),
        ("matched", 10, "With equal variance the shape", True),
        ("matched", 10, "Normal passes more gradient to L0 than Glorot-uniform", None),
        ("matched", 10, "Averaging the ratios", False),
        ("rand", 10, "Normal passes more gradient to L0 than Rand", True),
        ("rand", 10, "Rand pushes more neurons into saturation", True),
        ("rand", 10, "non-zero mean", True),
        ("skips", 50, "grows like a power of depth", True),
        ("scales", 50, "skips alone keep", False),
        ("scales", 50, "branches scaled by 1/sqrt(L) keep", True),
        ("norms", 50, "grows like a power of depth", True),
        ("norms", 50, "normalising every layer keeps", True),
    ],
)
def test_what_holds_and_what_does_not(preset: str, layers: int, words: str, holds: bool | None) -> None:
    assert claim(results(preset, layers), words).holds is holds


def test_the_spread_of_matched_methods_is_undecided() -> None:
    assert claim(results("matched"), "higher variance").holds is None


def test_one_run_decides_no_comparison() -> None:
    for words in ("Normal passes more gradient to L0 than Uniform", "Averaging the ratios"):
        assert claim(results("demo", runs=1), words).holds is None
    assert claim(results("demo", 1, 1), "At depth 1").holds is None


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("layers", [1, 2, 10, 300])
@pytest.mark.parametrize("runs", [1, 3])
def test_every_measured_value_is_a_number(preset: str, layers: int, runs: int) -> None:
    for checked in claims(results(preset, layers, runs)):
        assert re.search(r"\d", checked.measured), checked
        assert "nan" not in checked.measured, checked


def test_gradients_of_exactly_zero_decide_no_comparison() -> None:
    narrow = Experiment(layers=30, neurons=2, activation="relu", a="he-normal", runs=20)
    dead = summarise(simulate(narrow))
    assert claim(dead, "Normal passes more gradient to L0 than He-normal").holds is None
    assert not any("?" in checked.measured or "inf" in checked.measured for checked in claims(dead))


BLOCKS = Experiment(layers=50, runs=20, seed=5)
STRONG = {"a": "he-normal", "activation": "relu", "gain_a": 3.0}


@pytest.mark.parametrize(
    ("settings", "words", "holds"),
    [
        # exponential growth, which skips do not stop, and neither does a norm where it is on the way
        ({"a": "he-normal", "activation": "relu", "block_a": "residual"}, "skips alone keep", False),
        ({"a": "lecun-normal", "norm_a": "layer"}, "normalising every layer keeps", False),
        ({"a": "lecun-normal", "norm_a": "layer", "layers": 10}, "normalising every layer keeps", True),
        # strong branches explode though they are scaled; 1/L is enough for them
        ({**STRONG, "block_a": "residual", "branch_scale_a": "1/sqrt(L)"}, "scaled by 1/sqrt(L) keep", False),
        ({**STRONG, "block_a": "residual", "branch_scale_a": "1/L"}, "scaled by 1/L keep", True),
        ({"block_a": "pre-norm", "norm_a": "rms", "layers": 200}, "grows like a power of depth", True),
        # the branches are so weak that h hardly grows: the first half of an exponential and of a power look alike
        ({"block_a": "pre-norm", "norm_a": "rms", "branch_scale_a": 0.1}, "grows like a power of depth", None),
    ],
)
def test_claims_about_skips_and_norms(settings: dict[str, Any], words: str, holds: bool | None) -> None:
    assert claim(summarise(simulate(BLOCKS.with_(**settings))), words).holds is holds


def test_one_run_decides_nothing_about_blocks() -> None:
    once = summarise(simulate(BLOCKS.with_(runs=1, block_a="residual")))
    assert claim(once, "skips alone keep").holds is None
