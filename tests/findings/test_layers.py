"""What panes draw, from each source: arrays of what was measured, under labels of the layers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.checkpoints.samples import inspection, measured
from tests.pages.samples import layers, summary, with_theory
from tests.training.samples import training
from tui_initflow import Experiment
from tui_initflow.charts.cells import to_text
from tui_initflow.charts.palette import DARK
from tui_initflow.checkpoints.chain import find_chain, propagate
from tui_initflow.findings.layers import of_chain, of_runs, of_training
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.pages.panes import layer_painters


def test_runs_have_their_medians_shares_and_distributions() -> None:
    shown, runs = layers("demo"), summary("demo")
    assert shown.points == tuple(f"L{point}" for point in range(11))
    assert shown.units == shown.points[1:]
    assert (shown.runs, shown.symbol, shown.number_format) == (20, "z", None)
    for (side, one), method in zip(shown.sides, runs.methods, strict=True):
        assert side == method.method.side
        assert one.gradient is method.band
        assert one.share is not None
        np.testing.assert_array_equal(one.share.median, method.preactivation.saturated)
        assert one.z is not None
        outside = one.z.outside * method.preactivation.count
        np.testing.assert_allclose(one.z.histogram.sum(axis=1) + outside, method.preactivation.count)
        assert one.predicted is None
    predicted = [one.predicted for one in of_runs(with_theory("demo")).series]
    assert all(one is not None and " phase, chi " in one.remark for one in predicted)


def test_a_number_format_has_another_share_and_a_sentence() -> None:
    shown, runs = layers("fp16"), summary("fp16")
    assert shown.number_format is not None
    for one, method in zip(shown.series, runs.methods, strict=True):
        assert method.elements is not None
        assert one.share is not None
        np.testing.assert_array_equal(one.share.median, method.elements.lost)
        assert one.lost.startswith("In fp16, ")


def test_a_chain_stands_beside_what_is_drawn_of_its_size() -> None:
    found = inspection()
    assert found.layers is not None
    file, fresh = found.layers.series
    assert (file.name, fresh.name) == ("file", "He-normal")
    assert (file.origin, fresh.origin) == ("a checkpoint", "He et al. 2015")
    # the numbers of its own weights, not those of an initialiser that would be like it
    last = found.tensors[-1].measured
    assert file.weights == (f"σ_w² {last.sigma_w2:.3g}", f"std {last.std:.3g}")
    assert file.predicted is not None
    assert found.propagated is not None
    np.testing.assert_array_equal(file.gradient.median, np.median(found.propagated.method.log10_gradient, axis=0))


def test_a_chain_beyond_the_limits_stands_alone() -> None:
    chain = find_chain([*measured(weight=np.ones((2049, 2)) * 0.1).values()])
    shown = of_chain(propagate(chain, Experiment(runs=3), "file"), ACTIVATIONS["relu"], None)
    assert [one.name for one in shown.series] == ["file"]
    assert shown.share == ("off", "neurons with |f'(z)| < 0.1")
    text = " ".join(to_text(layer_painters(shown)["gradient"](80, 16, DARK)).split())
    assert "There is no fresh draw beside it: " in text


@pytest.mark.parametrize("at", [0, -1])
def test_a_training_at_a_step_has_its_diagnostics(at: int) -> None:
    result = training("learned")
    shown = of_training(result, at)
    assert shown.units == tuple(f"L{unit}" for unit in range(1, len(shown.points) + 1))
    for one, method in zip(shown.series, result.methods, strict=True):
        curves = method.curves
        for spread, values in (
            (one.gradient, curves.log10_gradient),
            (one.spread, curves.log10_spread),
            (one.gradient_ratio, curves.log10_gradient_ratio),
        ):
            assert spread is not None
            np.testing.assert_allclose(spread.median, np.median(values[:, at].filled(np.nan), axis=0))
        assert one.share is not None
        # all layers but the one that reads out
        np.testing.assert_allclose(one.share.median[:-1], np.median(curves.saturated[:, at].filled(np.nan), axis=0))
        assert np.isnan(one.share.median[-1])
    for paint in layer_painters(shown).values():
        assert paint(80, 23, DARK)
