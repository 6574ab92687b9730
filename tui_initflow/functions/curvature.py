"""What the theory needs beyond f and f': the second derivative, and where f is not smooth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions import library
from tui_initflow.functions.activations import ACTIVATIONS, Activation

Floats = NDArray[np.floating[Any]]
Function = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Kink:
    """A point where f or |f'| is not smooth, and by how much f' jumps there.

    The jump is 0 where only f'' jumps, and where f' passes through zero: quadrature of |f'| has to be cut there.
    """

    at: float
    jump: float


@dataclass(frozen=True, slots=True)
class TheoryActivation:
    """An activation with the derivatives that Gaussian expectations are taken of.

    The second derivative is the one off the kinks; the jump of f' at a kink adds jump * density(at) to E f''.
    """

    name: str
    function: Function
    derivative: Function
    second_derivative: Function
    kinks: tuple[Kink, ...] = ()


def _tanh_second(z: Floats) -> Floats:
    return np.tanh(z) * ACTIVATIONS["tanh"].derivative(z) * -2.0


def _sigmoid_second(z: Floats) -> Floats:
    bend: Floats = library.sigmoid_derivative(z) * np.tanh(z * -0.5)  # 1 - 2 s(z) = -tanh(z / 2)
    return bend


def _zero(z: Floats) -> Floats:
    return np.zeros_like(z)


def _elu_second(z: Floats) -> Floats:
    return np.where(z > 0, 0.0, library.elu_derivative(z))


def _selu_second(z: Floats) -> Floats:
    return _elu_second(z) * (library.SELU_ALPHA * library.SELU_SCALE)


def _gelu_second(z: Floats) -> Floats:
    near: Floats = np.clip(z, -40.0, 40.0)
    return library.normal_density(z) * (2.0 - near * near)


def _silu_second(z: Floats) -> Floats:
    bend: Floats = library.sigmoid_derivative(z) * (2.0 - z * np.tanh(z / 2.0))
    return bend


def _softsign_second(z: Floats) -> Floats:
    return np.sign(z) * (1.0 / (1.0 + np.abs(z))) ** 3 * -2.0


_GELU_MINIMUM = -0.75179152469356446
_SILU_MINIMUM = -1.2784645427610738

_SMOOTHNESS: dict[str, tuple[Function, tuple[Kink, ...]]] = {
    "tanh": (_tanh_second, ()),
    "sigmoid": (_sigmoid_second, ()),
    "relu": (_zero, (Kink(0.0, 1.0),)),
    "leaky_relu": (_zero, (Kink(0.0, 1.0 - library.LEAKY_SLOPE),)),
    "elu": (_elu_second, (Kink(0.0, 0.0),)),
    "selu": (_selu_second, (Kink(0.0, library.SELU_SCALE * (1.0 - library.SELU_ALPHA)),)),
    "gelu": (_gelu_second, (Kink(_GELU_MINIMUM, 0.0),)),
    "silu": (_silu_second, (Kink(_SILU_MINIMUM, 0.0),)),
    "softplus": (library.sigmoid_derivative, ()),
    "softsign": (_softsign_second, (Kink(0.0, 0.0),)),
    "identity": (_zero, ()),
}

THEORY_NAMES = tuple(_SMOOTHNESS)


def theory_activation(name: str) -> TheoryActivation:
    """Look an activation up by the name it has in the engine's registry."""
    try:
        second, kinks = _SMOOTHNESS[name]
    except KeyError:
        raise ValueError(f"there is no theory for the activation {name!r}") from None
    known = ACTIVATIONS.get(name) or Activation(name, library.__name__)
    return TheoryActivation(name, known.function, known.derivative, second, kinks)
