"""Initialisers: the moments of a weight, as the rules of the papers have them."""

from __future__ import annotations

import doctest
import math

import pytest

from tui_initflow.model import initialisers
from tui_initflow.model.initialisers import GLOROT, INITIALISERS


def test_the_examples_in_the_docstrings_are_true() -> None:
    results = doctest.testmod(initialisers)
    assert results.attempted >= 7
    assert not results.failed


def test_glorot_scale() -> None:
    assert GLOROT((50, 64)) == math.sqrt(2 / 114)


@pytest.mark.parametrize(
    ("name", "mean", "variance", "bound"),
    [
        ("uniform", 0.0, 1 / 3, 1.0),
        ("normal", 0.0, 1.0, math.inf),
        ("glorot-uniform", 0.0, 1.0, math.sqrt(3)),
        ("rand", 0.5, 1 / 12, 1.0),
    ],
)
def test_moments_of_one_weight(name: str, mean: float, variance: float, bound: float) -> None:
    shape = (50, 64)
    s = math.sqrt(2 / 114)
    initialiser = INITIALISERS[name]
    assert initialiser.mean(shape) == pytest.approx(s * mean)
    assert initialiser.variance(shape) == pytest.approx(s * s * variance)
    assert initialiser.std(shape) == pytest.approx(s * math.sqrt(variance))
    assert initialiser.bound(shape) == pytest.approx(s * bound)


def test_uniform_on_square_layers_is_the_default_of_torch() -> None:
    n = 77
    assert INITIALISERS["uniform"].bound((n, n)) == pytest.approx(1 / math.sqrt(n))
