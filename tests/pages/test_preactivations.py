"""The histograms: which layers are shown, and what the numbers under them are."""

from __future__ import annotations

import re

import pytest

from tests.charts.samples import lines
from tests.pages.samples import EXPERIMENTS, layers, stub, words
from tui_initflow import Experiment, simulate
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.layers import of_runs
from tui_initflow.findings.summary import summarise
from tui_initflow.pages.layers import histograms


@pytest.mark.parametrize(
    ("count", "shown"), [(1, (1,)), (3, (1, 2, 3)), (10, tuple(range(1, 11))), (1000, (1, 112, 223, 334))]
)
def test_at_most_ten_layers_are_shown_first_and_last_among_them(count: int, shown: tuple[int, ...]) -> None:
    titles = re.findall(r"L\d+", words(histograms(stub([f"L{unit}" for unit in range(1, count + 1)]), 80, 30, DARK)))
    assert titles[: len(shown)] == [f"L{unit}" for unit in shown]
    assert len(titles) == min(count, 10)
    assert titles[-1] == f"L{count}"


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", [72, 80, 200])
def test_the_numbers_are_named_and_complete(name: str, width: int) -> None:
    text = words(histograms(layers(name), width, 30, DARK))
    assert "mean |z|, std σ, % beyond ±4" in text
    count = 2 * min(EXPERIMENTS[name].layers, 10)
    assert len(re.findall(r"\|z\|\S+ σ\S+", text)) == count


def test_outliers_are_counted() -> None:
    assert re.search(r"\|z\|\S+ σ\S+ +\d+%", "\n".join(lines(histograms(layers("rand"), 80, 30, DARK))))
    assert "%" not in words(histograms(layers("demo"), 80, 30, DARK)).partition("±4")[2]


def test_pre_activations_of_blocks_are_named_h() -> None:
    results = summarise(simulate(Experiment(layers=3, runs=3, block_b="residual")))
    text = words(histograms(of_runs(results), 120, 30, DARK))
    assert "Pre-activations h by layer" in text
    assert "mean |h|, std σ" in text
    assert "z" not in text
