"""The tables by layer: the columns are named and stay apart, the status is a word."""

from __future__ import annotations

import re

import pytest

from tests.charts.samples import lines
from tests.pages.samples import EXPERIMENTS, layers, summary, words
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.notation import percent
from tui_initflow.pages.layers import layer_tables


@pytest.mark.parametrize(
    ("name", "share"), [("demo", "sat."), ("deep", "off"), ("selu", "off"), ("rand", "sat."), ("identity", "sat.")]
)
def test_the_columns_say_what_they_are(name: str, share: str) -> None:
    text = words(layer_tables(layers(name), 80, 16, DARK))
    assert text.count(f"median factor {share} status") == 2
    runs = summary(name).runs
    assert f"Medians of {runs} runs; factor to next layer; {share}: neurons with |f'(z)| < 0.1" in text


def test_with_a_number_format_the_share_is_what_it_loses() -> None:
    picture, elements = layer_tables(layers("fp16"), 80, 16, DARK), summary("fp16").methods.a.elements
    assert elements is not None
    assert words(picture).count("median factor lost status") == 2
    assert "lost: gradient elements that become 0 or overflow in fp16" in words(picture)
    row = next(row for row in lines(picture) if row.startswith("L0"))
    assert row.split()[3] == percent(float(elements.lost[0])) != "0%"


def test_one_run_has_no_median() -> None:
    assert "1 run; factor to next layer" in words(layer_tables(layers("one run"), 80, 16, DARK))


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", [79, 80, 200])
def test_every_layer_has_its_row_with_columns_apart(name: str, width: int) -> None:
    rows = [row for row in lines(layer_tables(layers(name), width, 16, DARK)) if re.match(r"L\d", row)]
    assert len(rows) == EXPERIMENTS[name].layers + 1
    for layer, row in enumerate(rows):
        cells = re.sub("[█-▏]+", " ", row).split()
        assert cells[0] == f"L{layer}"
        statuses = [cell for cell in cells if cell in ("dead", "weak", "healthy", "exploding")]
        assert len(statuses) == 2
        assert len(cells) == 10


def test_the_weights_are_described() -> None:
    text = words(layer_tables(layers("rand"), 120, 16, DARK))
    assert "Rand σ_w² 0.0833 · std 0.0408 · mean 0.0707" in text
    assert "Normal σ_w² 1 · std 0.141" in text
    assert "a literal rand() = glorot-normal" in text
