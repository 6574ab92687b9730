"""Nodes and weights of Gaussian quadrature, at any mean and variance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_initflow.functions.special import erf
from tui_initflow.theory.neuron import gaussian_nodes


@pytest.mark.parametrize("q", [1e-8, 1e-3, 0.5, 1.0, 10.0, 1e3, 1e6])
def test_error_function_has_closed_forms_at_every_variance(q: float) -> None:
    nodes = gaussian_nodes(0.0, q)
    weight = np.exp(nodes.log_weight)
    square = float(weight @ erf(nodes.z) ** 2)
    assert square == pytest.approx(2.0 / math.pi * math.asin(2.0 * q / (1.0 + 2.0 * q)), rel=1e-11)
    steep = float(weight @ (4.0 / math.pi * np.exp(-2.0 * np.minimum(nodes.z**2, 400.0))))
    assert steep == pytest.approx(4.0 / math.pi / math.sqrt(1.0 + 4.0 * q), rel=1e-11)


@given(mean=st.floats(-1e3, 1e3), log_q=st.floats(-280.0, 180.0))
@settings(max_examples=50, deadline=None)
def test_weights_sum_to_one_anywhere(mean: float, log_q: float) -> None:
    nodes = gaussian_nodes(mean, 10.0**log_q, [0.0])
    assert float(np.exp(nodes.log_weight).sum()) == pytest.approx(1.0, rel=1e-9)
    assert len(nodes.z) < 400_000
