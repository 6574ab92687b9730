"""The sweeps in words: what is fixed, what varies, and what one point says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pages.samples import DEMO, words
from tui_initflow.charts.palette import DARK
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.pages.panes import no_sweep
from tui_initflow.pages.sweeps import readout, sweep

POINTS = tuple(SweepPoint(layers, np.array([0.15, 0.2, 0.25]) * layers) for layers in (1, 5, 10, 20))
RESULT = SweepResult(DEMO, "layers", POINTS)


@pytest.mark.parametrize("width", [25, 26, 38, 80])
def test_the_caption_names_what_is_fixed_and_the_averages(width: int) -> None:
    picture = sweep(RESULT, DEMO, None, width, 16, DARK)
    assert len(picture) == 16
    assert (
        "Neurons=50 and Features=64, Layers from 1 to 20; above 1x Normal is larger; "
        "geometric mean and 10-90% of 3 runs"
    ) in words(picture)


def test_a_cursor_reads_a_point_out_and_the_chart_does_not_move() -> None:
    picture = sweep(RESULT, DEMO, 2, 38, 16, DARK)
    assert "Layers 10: Normal is larger by 100x (geometric mean of 3 runs)" in words(picture)
    assert picture[0] == sweep(RESULT, DEMO, None, 38, 16, DARK)[0]


@pytest.mark.parametrize(
    ("log10_ratio", "words"),
    [
        ([-1.0], "10.0x in one run"),
        ([np.inf] * 6, "Uniform is 0 (geometric mean of 6 runs)"),
        ([np.nan, 1.0], "no significant difference (geometric mean of 2 runs)"),
    ],
)
def test_a_point_in_words(log10_ratio: list[float], words: str) -> None:
    assert readout(DEMO, "layers", SweepPoint(14, np.array(log10_ratio))) == f"Layers 14: {words}"


def test_without_a_sweep_it_says_why() -> None:
    assert words(no_sweep(DEMO, "layers", 26, 9, DARK)) == "Normal/Uniform by layers: not computed yet"
    listed = DEMO.with_(widths=(5, 4, 3))
    assert words(no_sweep(listed, "neurons", 26, 9, DARK)) == (
        "Neurons cannot be swept: the network is a list of widths"
    )
