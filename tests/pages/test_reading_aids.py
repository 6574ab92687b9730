"""Explanations of panes and words say what the code does, and numbers are written in one style."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from tests.pages.samples import EXPERIMENTS, with_theory, words
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.status import STATUSES
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.pages.panes import EXPLAINED, PANES, painters
from tui_initflow.pages.train import REACH


def test_every_pane_and_map_is_explained_in_three_sentences() -> None:
    assert EXPLAINED.keys() == PANES.keys() | {"phase", "trained", "tensors", "tensor"}
    for name, pane in EXPLAINED.items():
        for sentence in pane.aid:
            assert sentence[0].isupper(), name
            assert sentence.endswith("."), name
            # one sentence each, which fits the dialogue
            assert len(re.findall(r"[.!?](?: |$)", sentence)) == 1, sentence
            assert len(sentence) <= 190, sentence


def test_explanations_name_the_limits_of_the_code() -> None:
    limits = {word: scientific(limit, 0) for word, limit in STATUSES if math.isfinite(limit)}
    said = EXPLAINED["layers"].aid.read
    assert f"dead below {limits['dead']}, weak below {limits['weak']} and exploding above {limits['healthy']}" in said
    assert f"at {REACH:g} of theory's depth scales" in EXPLAINED["trained"].aid.read


def test_tanh_hardly_passes_a_gradient_where_the_explanation_says_so() -> None:
    assert "beyond ±2" in EXPLAINED["preactivations"].aid.read
    assert float(ACTIVATIONS["tanh"].derivative(np.array([2.0]))[0]) < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "deep", "rand", "fp16"])
def test_numbers_are_written_in_one_style(name: str) -> None:
    assert name in EXPERIMENTS
    for pane, paint in painters(with_theory(name)).items():
        text = words(paint(118, 37, DARK))
        exponents = re.findall(r"\d[eE][+-]?\d+", text)
        assert all(re.fullmatch(r"\de[+-]\d\d+", exponent) for exponent in exponents), (pane, exponents)
        assert not re.search(r"[·×x] ?10(\^|[⁻⁰¹²³⁴-⁹])", text), pane
