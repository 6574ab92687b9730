"""The 95 % intervals contain the truth in 95 % of repeated experiments."""

from __future__ import annotations

import numpy as np
import pytest

from tui_initflow import Experiment, simulate
from tui_initflow.findings.intervals import Share, mean_interval

EXPERIMENTS, RUNS = 1000, 20
# binomial: 95 % of 1,000 scatters by 0.7 %, so that 93 % to 97 % is three standard deviations


@pytest.mark.parametrize("preset", [("uniform", "normal"), ("glorot-uniform", "normal"), ("he-normal", "orthogonal")])
def test_the_interval_of_the_mean_log_ratio(preset: tuple[str, str]) -> None:
    a, b = preset
    experiment = Experiment(a=a, b=b, layers=5, neurons=12, features=8, runs=EXPERIMENTS * RUNS)
    ratios = simulate(experiment).log10_ratio
    # all runs together know the truth 30 times better than one experiment does
    truth = ratios.mean()
    intervals = [mean_interval(group) for group in np.split(ratios, EXPERIMENTS)]
    covered = np.mean([interval is not None and truth in interval for interval in intervals])
    assert 0.93 <= covered <= 0.97


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_the_wilson_interval_of_the_share_of_wins(share: float) -> None:
    runs = 100
    wins = np.random.default_rng(8).binomial(runs, share, EXPERIMENTS)
    intervals = [Share(int(count), runs).interval for count in wins]
    covered = np.mean([share in interval for interval in intervals])
    # wins are whole numbers, so the coverage itself steps by up to 2 % around 95 %
    assert 0.92 <= covered <= 0.98
