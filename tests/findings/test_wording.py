"""The shared phrases: who wins, by how much, and which average a number is."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import Interval, Verdict
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.model.pair import Pair
from tui_initflow.theory.outlook import Outlook, outlook_of

SMALL = Experiment(layers=3, neurons=8, features=6, runs=20)
NAMES = Pair("Uniform", "Normal")


@cache
def measured() -> Summary:
    return summarise(simulate(SMALL))


def with_verdict(verdict: Verdict, runs: int = 20) -> Summary:
    return replace(measured(), verdict=verdict, runs=runs)


@pytest.mark.parametrize(
    ("log10", "words"),
    [
        (2.0, "Normal is larger by 100x"),
        (-0.5, "Uniform is larger by 3.16x"),
        (17.0, "Normal is larger by 1.00e+17x"),
        (math.inf, "Uniform is 0"),
        (-math.inf, "Normal is 0"),
        (0.0, "both are equal"),
        (math.nan, "both are equal"),
    ],
)
def test_which_is_larger_by_how_much(log10: float, words: str) -> None:
    assert wording.larger_by(NAMES, log10) == words


DEEP = {"activation": "relu", "layers": 75}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "Normal wins by "),
        ({"runs": 1}, "79.6x in one run"),
        ({"a": "glorot-uniform"}, "no significant difference"),
        ({**DEEP, "gain_b": 1.7}, "Uniform vanishes, Normal ×1.7 explodes"),
        ({"activation": "relu", "layers": 6, "gain_b": 5.0}, "Uniform is weak, Normal ×5 explodes"),
        (
            {"activation": "relu", "layers": 75, "gain_a": 2.45, "gain_b": 1.7},
            "Uniform ×2.45 wins: Normal ×1.7 explodes",
        ),
        ({"activation": "relu", "layers": 75, "gain_a": 2.7, "gain_b": 1.7}, "both explode, Normal ×1.7 more by "),
        ({"layers": 30, "activation": "identity", "gain_b": 0.6}, "Normal ×0.6 wins by "),
    ],
)
def test_who_wins_is_a_matter_of_health_first(settings: dict[str, Any], words: str) -> None:
    assert wording.outcome(summarise(simulate(Experiment(**{"runs": 20, **settings})))).startswith(words)


@pytest.mark.parametrize(
    ("verdict", "badge", "interval"),
    [
        (Verdict("b", 2.0, Interval(1.0, 3.0)), "NORMAL WINS BY 100x", "95% CI 10.0x to 1000x"),
        (Verdict("b", 17.0, Interval(16.0, 18.0)), "NORMAL WINS BY 1.00e+17x", "95% CI 1.00e+16x to 1.00e+18x"),
        # the interval is that of the factor on the badge, also where that is the inverse of b/a
        (Verdict("a", -2.0, Interval(-3.0, -1.0)), "UNIFORM WINS BY 100x", "95% CI 10.0x to 1000x"),
        (Verdict(None, 0.0, Interval(-1.0, 1.0)), "no significant difference", "ratio 95% CI 0.100x to 10.0x"),
        (Verdict("b", math.inf, None), "NORMAL WINS: UNIFORM IS 0", "no 95% CI"),
        (Verdict("b", math.nan, None), "NORMAL WINS IN MORE RUNS", "no 95% CI"),
        (Verdict(None, math.nan, None), "no significant difference", "no 95% CI"),
    ],
)
def test_the_badge_and_its_interval(verdict: Verdict, badge: str, interval: str) -> None:
    assert wording.badge(with_verdict(verdict)) == badge
    assert wording.badge_interval(with_verdict(verdict)) == interval


def test_a_ratio_says_which_average_it_is_and_how_certain() -> None:
    sure = Verdict("b", 2.0, Interval(1.0, 3.0))
    assert wording.ratio(with_verdict(sure)) == "Normal/Uniform 100x (geometric mean), 95% CI 10.0x to 1000x"
    once = with_verdict(Verdict("b", 2.0, None), runs=1)
    assert wording.ratio(once) == "Normal/Uniform 100x; one run has no confidence interval"
    for undefined in (math.nan, math.inf, -math.inf):
        text = wording.ratio(with_verdict(Verdict(None, undefined, None)))
        assert text == "Normal/Uniform undefined: some gradients are exactly 0"


def test_the_basis_of_a_number_is_an_average_or_one_run() -> None:
    assert wording.basis(1) == "1 run"
    assert wording.basis(100_000) == "geometric mean of 100,000 runs"
    assert wording.sweep_caption(SMALL, "layers", 1, 20, 3).endswith("; geometric mean and 10-90% of 3 runs")
    assert wording.sweep_caption(SMALL, "layers", 1, 20, 1).endswith("; 1 run")


@pytest.mark.parametrize(
    ("experiment", "phase", "depth"),
    [
        (Experiment(), "ordered phase, chi 0.333, depth scale 0.910 layers", "at most 12 wide layers pass 1e-03"),
        (Experiment(a="rand"), "ordered phase, chi 1.", "at most 1 wide layer passes 1e-03"),
        (Experiment(a="normal"), "critical phase, chi 1.00, infinite depth scale", "1,000 wide layers still pass"),
        (Experiment(a="normal", gain_a=2.0), "chaotic phase, chi ", "wide layers the gradient exceeds 1000"),
        (Experiment(widths=(30, 20, 20, 5), a="lecun-normal", gain_a=0.5), "ordered phase", "wide layers pass"),
    ],
)
def test_theory_in_words(experiment: Experiment, phase: str, depth: str) -> None:
    outlook: Outlook = outlook_of(experiment, "a", TRAINABLE)
    assert wording.phase(outlook).startswith(phase)
    assert depth in wording.trainable_depth(outlook)


def lost(experiment: Experiment) -> str:
    elements = summarise(simulate(experiment)).methods.a.elements
    assert elements is not None
    return wording.lost_elements(elements)


@pytest.mark.parametrize(
    ("settings", "pattern"),
    [
        ({"format": "bf16"}, r"In bf16, no gradient elements are lost\."),
        (
            {"format": "fp16", "layers": 30},
            r"In fp16, 2% of the gradient elements are lost, \d\d% at L0: 2% become 0, 0% overflow\. "
            r"A loss scale of 2\^\d+ saves them all\.",
        ),
        ({"format": "fp8-e5m2", "layers": 10}, r"In fp8-e5m2, only <?0\.\d+% of the gradient elements are lost\."),
        # gradients from 1 to 1e-60: no scale has both ends in range
        ({"format": "fp8-e4m3", "layers": 60, "gain_a": 0.2}, r"In fp8-e4m3, 9\d% .*: 9\d% become 0, 0% overflow\. .*"),
        (
            {"format": "fp8-e4m3", "activation": "relu", "a": "normal", "gain_a": 30.0},
            r".*: 0% become 0, \d\d% overflow\. .*",
        ),
    ],
)
def test_what_a_number_format_loses(settings: dict[str, Any], pattern: str) -> None:
    assert re.fullmatch(pattern, lost(Experiment(runs=50, seed=1).with_(**settings)))
