"""The text under the gradient chart: how to read it, and how far theory is off."""

from __future__ import annotations

import pytest

from tests.pages.samples import summary, with_theory, words
from tui_initflow.charts.palette import DARK
from tui_initflow.pages.gradient import gradient, theory_note


def test_it_says_how_to_read_the_chart_and_which_averages_it_shows() -> None:
    text = words(gradient(summary("demo"), 80, 16, DARK))
    assert "Gradients flow right to left" in text
    assert "the one that matters. Line: median; shade: 10-90%." in text
    assert "median" not in words(gradient(summary("one run"), 80, 16, DARK))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("demo", "Uniform: ordered phase, chi 0.333, depth scale 0.910 layers · prediction off by "),
        ("one layer", "prediction off by at worst "),
        ("softplus", "no prediction: layer "),
        ("deep", "unreliable where unmarked: the network is too deep for its width"),
        ("dead", "every measured median is 0"),
    ],
)
def test_theory_says_its_phase_and_how_far_it_is_off(name: str, text: str) -> None:
    note = words(theory_note(with_theory(name), 118, DARK))
    assert note.startswith("Line: median; ○◇: predicted; shade, ┬┴: 10-90%")
    assert text in note


def test_the_chart_keeps_most_of_a_small_pane() -> None:
    assert len(theory_note(with_theory("demo"), 80, DARK)) <= 5
    assert len(gradient(with_theory("demo"), 80, 16, DARK)) == 16
