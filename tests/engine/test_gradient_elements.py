"""Gradient elements that a number format loses, against gradients of the reference that are really converted."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine.drawn_networks import inputs, matrices
from tests.model.conversions import CONVERSIONS
from tui_initflow.engine import reference
from tui_initflow.engine.gradient_elements import LOSS_SCALES, ElementCounter, ElementCounts
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.streams import Slot
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.number_formats import NUMBER_FORMATS

RUNS = 4
SMALL = Experiment(layers=8, neurons=20, runs=RUNS, seed=5)
VANISHING = SMALL.with_(b="normal:0.002/fan_in")
EXPLODING = SMALL.with_(b="normal:40/fan_in", activation="relu")
SKIPS = SMALL.with_(b="he-normal", activation="relu", block_b="residual")


def counted(experiment: Experiment) -> ElementCounts:
    elements = simulate(experiment).b.elements
    assert elements is not None
    return elements


def reference_deltas(experiment: Experiment) -> list[NDArray[np.float64]]:
    """delta_1 … delta_L of method b, each over all runs."""
    network, block = experiment.network, experiment.methods.b.block
    zeros = [np.zeros(width) for width in network.widths]
    runs = []
    for run in range(experiment.runs):
        weights = matrices(experiment, Slot.B, run)
        h = reference.preactivations(inputs(experiment, run), weights, zeros, network.activation, block)
        runs.append(reference.deltas(h, weights, np.ones(network.widths[-1]), network.activation, block))
    return [np.concatenate(layer) for layer in zip(*runs, strict=True)]


def stored(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore", under="ignore"):
        return values.astype(CONVERSIONS[name]).astype(np.float64)


@pytest.mark.parametrize("name", CONVERSIONS)
@pytest.mark.parametrize("settings", [VANISHING, EXPLODING, SKIPS], ids=["vanishing", "exploding", "skips"])
def test_counts_are_those_of_converted_elements(name: str, settings: Experiment) -> None:
    experiment = settings.with_(format=name)
    elements, deltas = counted(experiment), reference_deltas(experiment)
    smallest = 2.0 ** NUMBER_FORMATS[name].least_exponent
    for k, delta in enumerate(deltas):
        real = delta[delta != 0]
        kept = stored(name, real)
        assert elements.nonzero[k] == real.size
        assert elements.flushed[k] == np.count_nonzero(kept == 0)
        assert elements.overflowed[k] == np.count_nonzero(~np.isfinite(kept))
        assert elements.subnormal[k] == np.count_nonzero((kept != 0) & (np.abs(real) < smallest))
    for scale in (-40, -9, 0, 6, 17, 40):
        lost = sum(
            np.count_nonzero(~np.isfinite(kept) | (kept == 0))
            for kept in (stored(name, np.ldexp(delta[delta != 0], scale)) for delta in deltas)
        )
        assert elements.lost_with(scale) == pytest.approx(lost / sum(map(np.count_nonzero, deltas)), rel=1e-12)


def test_the_settings_lose_elements_either_way() -> None:
    vanishing = counted(VANISHING.with_(format="fp16"))
    exploding = counted(EXPLODING.with_(format="fp8-e4m3"))
    assert vanishing.flushed[0] > 0 == vanishing.flushed[-1]
    assert exploding.overflowed[0] > 0 == exploding.overflowed[-1]


def test_the_best_loss_scale_brings_vanishing_elements_into_range() -> None:
    elements = counted(VANISHING.with_(format="fp16"))
    every = [elements.lost_with(scale) for scale in LOSS_SCALES]
    assert elements.best_scale > 0
    assert elements.lost_with(elements.best_scale) == min(every) < elements.lost_with(0)


def test_no_loss_scale_makes_the_output_gradient_or_any_other_element_overflow() -> None:
    # upper layers near 1, lower ones far below: a scale that saves the lower ones would make the upper ones infinite
    elements = counted(Experiment(layers=60, runs=RUNS, a="normal", b="uniform", format="fp16"))
    assert elements.best_scale == elements.largest_scale == 15
    assert elements.overflowed_by_scale[LOSS_SCALES.index(15)] == 0
    assert elements.lost_with(20) < elements.lost_with(15) < elements.lost_with(0)


def test_a_loss_scale_is_not_asked_for_where_nothing_is_lost() -> None:
    elements = counted(Experiment(layers=2, runs=RUNS, b="glorot-normal", format="bf16"))
    assert not elements.lost.any()
    assert elements.best_scale == 0


def test_runs_joined_are_runs_simulated_together() -> None:
    whole = VANISHING.with_(format="fp16")
    first = simulate(whole.with_(runs=1))
    joined = simulate(whole, earlier=first).b.elements
    together = counted(whole)
    assert joined is not None
    for name in ("nonzero", "flushed", "subnormal", "overflowed", "flushed_by_scale", "overflowed_by_scale"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(together, name))


def test_gradients_do_not_depend_on_the_format() -> None:
    experiment = Experiment(layers=5, runs=RUNS)
    np.testing.assert_array_equal(
        simulate(experiment).b.log10_gradient, simulate(experiment.with_(format="fp8-e5m2")).b.log10_gradient
    )
    assert simulate(experiment).b.elements is None


def test_elements_beyond_every_loss_scale() -> None:
    # 1e-200 is flushed at any scale, 1e200 overflows at any, and 0 is none of the elements
    counter = ElementCounter(NUMBER_FORMATS["fp16"], 1)
    with np.errstate(divide="ignore"):
        counter(1, np.array([[1.0, 0.0]]), np.array([-200.0]))
        counter(1, np.array([[1.0, 0.0]]), np.array([200.0]))
    counts = counter.counts()
    assert (counts.flushed_by_scale == 1).all()
    assert (counts.overflowed_by_scale == 1).all()
    assert counts.best_scale == 0
    assert not math.isnan(counts.lost_with(0))
