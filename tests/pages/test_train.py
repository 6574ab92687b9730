"""The page of a training: its sentences, charts and claims, for trainings of every outcome at every size."""

from __future__ import annotations

import numpy as np
import pytest

from tests.charts.samples import lines
from tests.pages.samples import SIZES, words
from tests.training.samples import TRAININGS, training
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.findings.learning import verdict
from tui_initflow.pages import train


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAININGS)
def test_it_fills_its_rows_and_cuts_nothing(name: str) -> None:
    result = training(name)
    paint = train.training(result)
    for size in ((78, 17), *SIZES):
        picture = paint(*size, LIGHT)
        rows, text = lines(picture), words(picture)
        assert {len(row) for row in rows} == {size[0]}
        assert not any("…" in row for row in rows)
        for word in ("nan", "None", "?x"):
            assert word not in text
        for sentence in verdict(result):
            assert " ".join(sentence.split()) in text


def test_the_charts_show_what_was_measured() -> None:
    result = training("learned")
    loss, accuracy, gradient, update, saturated, spread, ratio = train.charts(result)
    assert loss.series[0].x.tolist() == result.a.steps.tolist()
    np.testing.assert_allclose(
        loss.series[1].y, np.median(np.log10(result.b.curves.loss.filled(np.nan)), axis=0), rtol=1e-12
    )
    assert accuracy.reference == result.chance
    np.testing.assert_allclose(accuracy.series[0].y[-1], np.median(result.a.final_accuracy))
    for chart, curve in ((gradient, result.a.curves.log10_gradient), (spread, result.a.curves.log10_spread)):
        for at, series in ((0, chart.expected[0]), (-1, chart.series[0])):
            np.testing.assert_allclose(series.y, np.median(curve.filled(np.nan)[:, at], axis=0))
    assert saturated.series[0].x.tolist() == [1, 2]
    assert ratio.series[0].x.tolist() == [1, 2, 3]
    by_layer = np.median(result.b.curves.log10_update_ratio.filled(np.nan), axis=0)
    low, high = update.series[1].band
    np.testing.assert_allclose([low, high], [by_layer.min(axis=1), by_layer.max(axis=1)])
    assert update.reference == -3.0


def test_the_search_is_a_curve_with_infinity_where_a_run_diverged() -> None:
    result = training("vanished")
    *_, search = train.charts(result)
    assert search.short_title == "Loss by rate"
    assert result.a.search is not None
    np.testing.assert_allclose(10 ** search.series[0].x, result.a.search.rates)
    np.testing.assert_allclose(10 ** search.series[0].y, result.a.search.loss)
    assert [series.name for series in search.series] == [f"{side.rate:g}" for side in result.methods]


def test_without_flat_units_there_is_no_chart_of_them() -> None:
    titles = [chart.short_title for chart in train.charts(training("nowhere flat"))]
    assert titles == ["Loss", "Test accuracy", "Gradient", "Update / weight", "Gradient spread", "Gradient / weight"]


def test_a_small_pane_has_the_sentences_and_the_first_charts() -> None:
    picture = train.training(training("learned"))(78, 17, DARK)
    first = "\n".join(lines(picture)[:17])
    assert "Test accuracy by step" in first
    assert "Step" in lines(picture)[16]
