"""The statistics over runs: every average has its name."""

from __future__ import annotations

import pytest

from tests.charts.samples import lines
from tests.pages.samples import EXPERIMENTS, summary, words
from tui_initflow import Experiment, simulate
from tui_initflow.charts.palette import DARK
from tui_initflow.findings import wording
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.summary import summarise
from tui_initflow.pages.runs import finals, statistics


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", [72, 80, 118])
def test_every_average_has_its_name_and_both_numbers(name: str, width: int) -> None:
    runs_summary = summary(name)
    text = words(statistics(runs_summary, width, 20, DARK))
    a, b = runs_summary.methods
    for average, first, second in (
        ("geometric mean", a.final, b.final),
        ("median", a.median, b.median),
        ("arithmetic mean", a.arithmetic_mean, b.arithmetic_mean),
    ):
        assert f"{average} {scientific(first)} {scientific(second)}" in text
    assert wording.by_run(runs_summary) in text
    assert wording.ratio(runs_summary) in text


def test_one_run_is_called_one() -> None:
    text = words(statistics(summary("one run"), 80, 20, DARK))
    assert "1 run Uniform Normal gradient at L0" in text
    assert "one run has no confidence interval" in text
    assert "dominated" not in text


def test_the_last_hundred_runs_keep_their_numbers() -> None:
    many = summarise(simulate(Experiment(layers=1, neurons=1, features=1, runs=250)))
    last = lines(finals(many, 120, 20, DARK))[-1].split()
    assert (last[1], last[-1]) == ("151", "250")
