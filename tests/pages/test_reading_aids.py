"""Explanations of panes and words say what the code does, and numbers are written in one style."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

import tui_initflow
from tests.pages.samples import EXPERIMENTS, with_theory, words
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.status import STATUSES
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.pages.glossary import GLOSSARY
from tui_initflow.pages.panes import EXPLAINED, PANES, painters
from tui_initflow.pages.train import REACH

ROOT = Path(tui_initflow.__file__).parent


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


def test_the_glossary_explains_words_that_the_program_uses() -> None:
    texts = [
        file.read_text(encoding="utf-8")
        for room in ("docs", "findings", "pages", "story")
        for file in ROOT.joinpath(room).iterdir()
        if file.suffix in {".py", ".md"} and file.name not in {"glossary.py", "changes.md"}
    ]
    for entry in GLOSSARY:
        for word in entry.split(", "):
            # mean-field is mean field, and pre-activations z are each a pre-activation z
            used = re.compile(r"s?[\s-]+".join(map(re.escape, re.split(r"[\s-]", word))), re.IGNORECASE)
            assert any(used.search(text) for text in texts), word


@pytest.mark.slow
@pytest.mark.parametrize("name", ["demo", "deep", "rand", "fp16"])
def test_numbers_are_written_in_one_style(name: str) -> None:
    assert name in EXPERIMENTS
    for pane, paint in painters(with_theory(name)).items():
        text = words(paint(118, 37, DARK))
        exponents = re.findall(r"\d[eE][+-]?\d+", text)
        assert all(re.fullmatch(r"\de[+-]\d\d+", exponent) for exponent in exponents), (pane, exponents)
        assert not re.search(r"[·×x] ?10(\^|[⁻⁰¹²³⁴-⁹])", text), pane
