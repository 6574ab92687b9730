"""Whatever is allowed gives numbers that hold together: finite logarithms, or minus infinity for an exact zero."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.writing import to_json
from tui_initflow.engine.runs import simulate
from tui_initflow.findings.intervals import band, verdict
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.blocks import DEPTH_SCALES, NORMS
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import Real

pytestmark = pytest.mark.slow

EXPRESSIONS = ("normal:2/fan_in", "uniform:0.1/fan_avg", "truncated-normal:std=3", "orthogonal:2/fan_max")
initialisers = st.sampled_from([*INITIALISERS, *EXPRESSIONS])
few = st.integers(1, 8)
scales = st.floats(0.0, 1e3) | st.sampled_from([0.0, 1.0, 1e3, *DEPTH_SCALES])
normed = st.tuples(st.sampled_from(("pre-norm", "post-norm")), st.sampled_from(("layer", "rms", "batch")), scales)
block_settings = st.one_of(
    st.tuples(st.just("plain"), st.sampled_from(tuple(NORMS)), st.just(1.0)),
    st.tuples(st.just("residual"), st.just("none"), scales),
    normed,
)


def reals(field: str) -> st.SearchStrategy[float]:
    kind = SETTINGS[field].kind
    assert isinstance(kind, Real)
    return st.floats(kind.low, kind.high) | st.sampled_from([kind.low, kind.high, 1.0])


experiments = st.builds(
    Experiment,
    layers=few,
    neurons=few,
    features=few,
    runs=st.integers(1, 5),
    seed=st.integers(0, 2**63 - 1),
    a=initialisers,
    b=initialisers,
    activation=st.sampled_from(list(ACTIVATIONS)),
    gain_a=reals("gain_a"),
    gain_b=reals("gain_b"),
    sigma_b=reals("sigma_b"),
    start=st.sampled_from(("ones", "signs")),
)
with_blocks = st.builds(
    lambda experiment, a, b: experiment.with_(
        **{
            f"{name}_{side}": value
            for side, values in (("a", a), ("b", b))
            for name, value in zip(("block", "norm", "branch_scale"), values, strict=True)
        }
    ),
    experiments,
    block_settings,
    block_settings,
)
with_widths = st.builds(
    Experiment,
    widths=st.lists(few, min_size=2, max_size=6).map(tuple),
    runs=st.integers(1, 5),
    a=initialisers,
    b=initialisers,
    activation=st.sampled_from(list(ACTIVATIONS)),
    norm_a=st.sampled_from(tuple(NORMS)),
)


@settings(max_examples=150, deadline=None)
@given(experiments | with_blocks | with_widths)
def test_numbers_hold_together(experiment: Experiment) -> None:
    results = simulate(experiment)
    for method in (results.a, results.b):
        gradient = method.log10_gradient
        assert gradient.shape == (experiment.runs, experiment.layers + 1)
        assert not np.isnan(gradient).any()
        assert (gradient < np.inf).all()
        assert (gradient[:, -1] == 0.0).all(), "1 at the output by definition"
        # an exact zero stays one on the way back
        assert (np.diff(np.isneginf(gradient).astype(int), axis=1) <= 0).all()
        spread = band(gradient)
        assert (spread.p10 <= spread.median).all()
        assert (spread.median <= spread.p90).all()
        measured = method.preactivation
        assert ((measured.saturated >= 0) & (measured.saturated <= 1)).all()
        assert not np.isnan(measured.mean_abs).any()

    content = json.loads(to_json(results))
    layers = content["a"]["log10_gradient"]["layer"]
    assert layers == list(range(experiment.layers + 1))
    with np.errstate(invalid="ignore"):
        ratio = results.b.log10_final - results.a.log10_final
    share = content["comparison"]["b_wins"]["share"]
    assert share == np.count_nonzero(ratio > 0) / experiment.runs
    low, high = content["comparison"]["b_wins"]["ci95"]
    assert low <= share <= high
    larger = verdict(results.log10_ratio).larger
    if np.isfinite(ratio).all() and larger is not None:
        assert (larger == "b") == (ratio.mean() > 0)
