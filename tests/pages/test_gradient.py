"""The text under the gradient chart: how to read it, and how far theory is off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.pages.samples import EXPERIMENTS, layers, summary, with_theory, words
from tui_initflow.charts.cells import Picture
from tui_initflow.charts.description import LineChart
from tui_initflow.charts.palette import DARK
from tui_initflow.charts.render import render
from tui_initflow.findings.layers import of_runs, of_theory
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.pages import gradient as module
from tui_initflow.pages.gradient import gradient, notes, prediction_chart
from tui_initflow.theory.outlook import theory_of


def test_it_says_how_to_read_the_chart_and_which_averages_it_shows() -> None:
    text = words(gradient(layers("demo"), 80, 16, DARK))
    assert "Gradients flow right to left" in text
    assert "the one that matters. Line: median; shade: 10-90%." in text
    assert "median" not in words(gradient(layers("one run"), 80, 16, DARK))


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
    note = words(notes(of_runs(with_theory(name)), 118, DARK))
    assert note.startswith("Line: median; ○◇: predicted; shade, ┬┴: 10-90%")
    assert text in note


def test_the_chart_keeps_most_of_a_small_pane() -> None:
    assert len(notes(of_runs(with_theory("demo")), 80, DARK)) <= 5
    assert len(gradient(of_runs(with_theory("demo")), 80, 16, DARK)) == 16


def predicted(name: str) -> LineChart:
    return prediction_chart(of_theory(theory_of(EXPERIMENTS[name], TRAINABLE)))


def test_a_prediction_has_medians_with_bands_and_only_the_limit_where_these_are_not_reliable() -> None:
    theory = theory_of(EXPERIMENTS["deep"], TRAINABLE)
    for side, series in zip("ab", prediction_chart(of_theory(theory)).series, strict=True):
        prediction = theory.outlooks.a.prediction if side == "a" else theory.outlooks.b.prediction
        sure = prediction.reliable
        assert series.role == side
        assert series.x.tolist() == list(range(101))
        assert np.array_equal(series.y[sure], prediction.log10_median[sure])
        assert np.array_equal(series.y[~sure], prediction.log10_gradient[~sure])
        low, high = series.band
        assert np.isnan([low[~sure], high[~sure]]).all()
        assert np.all(low[sure] <= series.y[sure])
        assert np.all(high[sure] >= series.y[sure])
    assert not all(outlook.prediction.reliable.all() for outlook in theory.outlooks)


def test_what_theory_does_not_know_is_left_out() -> None:
    chart = predicted("softplus")
    assert not any(np.isnan(series.y).any() for series in chart.series)
    assert chart.x_ticks[0][0] == min(series.x[0] for series in chart.series)
    assert chart.x_ticks[-1] == (40.0, "L40")
    assert len(render(chart, 40, 12, DARK)) == 12


def test_layers_are_named_from_first_to_last() -> None:
    ticks = predicted("deep").x_ticks
    assert (ticks[0], ticks[-1]) == ((0.0, "L0"), (100.0, "L100"))
    assert len(ticks) < 70


def test_a_number_format_says_what_it_holds_and_what_it_loses() -> None:
    text = words(gradient(layers("fp16"), 118, 37, DARK))
    assert "fp16: below 6.0e-08 elements become 0, below 6.1e-05 they lose digits, above 6.6e+04 they overflow." in text
    assert "Normal: In fp16, no gradient elements are lost." in text
    assert "Uniform: In fp16, " in text
    assert text.count("fp16: becomes 0") == text.count("fp16: loses digits") == 1
    assert "overflows" not in text
    assert "fp16" not in words(gradient(layers("demo"), 118, 37, DARK))


def test_a_result_that_was_kept_is_drawn_thin_behind_and_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[LineChart] = []

    def remembered(chart: LineChart, *size: Any, **options: Any) -> Picture:
        drawn.append(chart)
        return render(chart, *size, **options)

    monkeypatch.setattr(module, "render", remembered)
    picture = gradient(layers("one layer"), 80, 16, DARK, kept=layers("demo"))
    assert "── kept" in words(picture)
    assert "L10" in words(picture)
    for side, ghost in zip("ab", drawn[0].ghosts, strict=True):
        assert ghost.role == side
        np.testing.assert_array_equal(ghost.y, getattr(summary("demo").methods, side).band.median)
    assert "kept" not in words(gradient(layers("one layer"), 80, 16, DARK))
