"""Activations and their derivatives, against mpmath at 40 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow.functions.activations import ACTIVATIONS

mp.mp.dps = 40
Number = Any


def _phi(z: Number) -> Number:
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


EXACT: dict[str, Callable[[Number], Number]] = {
    "tanh": mp.tanh,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "relu": lambda z: max(z, mp.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else z * mp.mpf("0.01"),
    "elu": lambda z: z if z > 0 else mp.expm1(z),
    "selu": lambda z: mp.mpf("1.0507009873554804935") * (z if z > 0 else mp.mpf("1.6732632423543772848") * mp.expm1(z)),
    "gelu": lambda z: z * mp.ncdf(z),
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "softplus": lambda z: mp.log1p(mp.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "identity": lambda z: z,
}
POINTS = (-20.0, -9.5, -4.0, -2.0, -1.0, -0.3, -1e-3, 1e-3, 0.25, 0.9, 2.0, 4.0, 9.5, 19.5, 30.0)


def test_every_activation_has_an_exact_form() -> None:
    assert set(EXACT) == set(ACTIVATIONS)


def _derivative(function: Callable[[Number], Number], z: float, order: int) -> float:
    """Central difference in 40 digits, good to 1e-17 and more at these points."""
    step = mp.mpf(10) ** -9
    z = mp.mpf(z)
    if order == 1:
        return float((function(z + step) - function(z - step)) / (2 * step))
    return float((function(z + step) - 2 * function(z) + function(z - step)) / step**2)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_and_both_derivatives_are_exact(name: str) -> None:
    activation, exact = ACTIVATIONS[name], EXACT[name]
    z: NDArray[np.float64] = np.array(POINTS, dtype=np.float64)
    np.testing.assert_allclose(activation.function(z), [float(exact(mp.mpf(x))) for x in POINTS], rtol=1e-13)
    np.testing.assert_allclose(
        activation.derivative(z), [_derivative(exact, x, 1) for x in POINTS], rtol=1e-13, atol=1e-22
    )
    np.testing.assert_allclose(
        activation.second_derivative(z), [_derivative(exact, x, 2) for x in POINTS], rtol=1e-13, atol=1e-16
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_arguments_are_finite_without_a_warning(name: str, dtype: type[np.floating[Any]]) -> None:
    activation = ACTIVATIONS[name]
    z: NDArray[np.floating[Any]] = np.array([-1e30, -1e4, -800.0, -0.0, 0.0, 800.0, 1e4, 1e30], dtype)
    for function in (activation.function, activation.derivative, activation.second_derivative):
        values = function(z)
        assert np.all(np.isfinite(values))
        assert values.dtype == dtype


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_kinks_hold_the_jump_of_the_derivative(name: str) -> None:
    activation = ACTIVATIONS[name]
    for kink in activation.kinks:
        sides = activation.derivative(np.array([kink.at - 1e-9, kink.at + 1e-9]))
        assert sides[1] - sides[0] == pytest.approx(kink.jump, abs=1e-8)
    jumps = {kink.at for kink in activation.kinks if kink.jump}
    z = np.linspace(-5.0, 5.0, 20001)
    steps = np.abs(np.diff(activation.derivative(z)))
    assert (steps.max() > 1e-2) == bool(jumps)


@pytest.mark.parametrize("name", ["gelu", "silu"])
def test_kink_of_the_absolute_slope_is_its_zero(name: str) -> None:
    activation = ACTIVATIONS[name]
    (kink,) = activation.kinks
    assert float(activation.derivative(np.array([kink.at]))[0]) == pytest.approx(0.0, abs=1e-16)
