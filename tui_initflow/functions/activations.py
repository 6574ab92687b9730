"""Activation functions: f, f' and f'' of each, where they are not smooth, and where they are flat.

`ACTIVATIONS` is the one table: to add an activation, write its functions and a row here, and its exact form in the
test. Settings, help, the app's chooser, engine, theory and claims read this table.

Every function takes an array and returns one of the same shape and dtype. None overflows, warns or returns NaN for a
finite z: exponentials are taken of negative numbers only, and 1 - s(z) is computed as s(-z), never by subtraction. At
a kink the derivative is the one from the left, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Function = Callable[[Floats], Floats]
else:

    class _NumpyOnFirstUse:
        """Settings are checked against the names below long before numpy, a 100 ms import, is needed."""

        def __getattr__(self, name: str) -> object:
            import numpy

            globals()["np"] = numpy
            return getattr(numpy, name)

    np = _NumpyOnFirstUse()

LEAKY_SLOPE = 0.01
"""Slope of leaky_relu left of zero: PyTorch's default."""

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""The constants that make mean 0 and variance 1 a fixed point (Klambauer et al. 2017, arXiv 1706.02515)."""


@dataclass(frozen=True, slots=True)
class Kink:
    """A point where f or |f'| is not smooth, so that quadrature has to be split there, and the jump of f' there.

    The jump is 0 if only f'' jumps, or if f' passes through zero.
    """

    at: float
    jump: float = 0.0


@dataclass(frozen=True, slots=True)
class Activation:
    """An element-wise function with its derivatives.

    `second_derivative` holds away from the kinks; a jump of f' adds jump * density(at) to E f''. `flat` says on which
    sides f levels off, `odd` whether f(-z) = -f(z); the odd ones here all have slope 1 at zero.
    """

    name: str
    formula: str
    function: Function
    derivative: Function
    second_derivative: Function
    kinks: tuple[Kink, ...] = ()
    flat: Literal["both sides", "left", "nowhere"] = "left"
    odd: bool = False

    @property
    def flat_word(self) -> str:
        """What a unit with |f'(z)| < 0.1 is called: a rectifier's unit is off, a sigmoid's saturated."""
        return "off" if self.flat == "left" else "saturated"


def _tanh(z: Floats) -> Floats:
    return np.tanh(z)


def _tanh_derivative(z: Floats) -> Floats:
    # 1 - tanh^2 would be exactly 0 from |z| = 19 on; this form does not cancel and stays positive up to |z| = 372
    decay = np.exp(np.abs(z) * -2.0)
    root = 2.0 / (1.0 + decay)
    derivative: Floats = decay * root * root
    return derivative


def _tanh_second(z: Floats) -> Floats:
    return np.tanh(z) * _tanh_derivative(z) * -2.0


def sigmoid(z: Floats) -> Floats:
    """s(z) = 1 / (1 + e^-z)."""
    decay = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, decay) / (1.0 + decay)


def _sigmoid_derivative(z: Floats) -> Floats:
    decay = np.exp(-np.abs(z))
    return decay / ((1.0 + decay) * (1.0 + decay))


def _sigmoid_second(z: Floats) -> Floats:
    second: Floats = _sigmoid_derivative(z) * np.tanh(z * -0.5)  # 1 - 2 s(z) = -tanh(z / 2)
    return second


def _relu(z: Floats) -> Floats:
    return np.maximum(z, 0.0)


def _relu_derivative(z: Floats) -> Floats:
    return (z > 0).astype(z.dtype)


def _zero(z: Floats) -> Floats:
    return np.zeros_like(z)


def _leaky_relu(z: Floats) -> Floats:
    return np.where(z > 0, z, z * LEAKY_SLOPE)


def _leaky_relu_derivative(z: Floats) -> Floats:
    return np.where(z > 0, z.dtype.type(1.0), z.dtype.type(LEAKY_SLOPE))


def _elu(z: Floats) -> Floats:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def _elu_derivative(z: Floats) -> Floats:
    return np.exp(np.minimum(z, 0.0))


def _elu_second(z: Floats) -> Floats:
    return np.where(z > 0, 0.0, _elu_derivative(z))


def _selu(z: Floats) -> Floats:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)) * SELU_ALPHA) * SELU_SCALE


def _selu_derivative(z: Floats) -> Floats:
    return np.where(z > 0, z.dtype.type(1.0), np.exp(np.minimum(z, 0.0)) * SELU_ALPHA) * SELU_SCALE


def _selu_second(z: Floats) -> Floats:
    return _elu_second(z) * (SELU_ALPHA * SELU_SCALE)


def _gelu(z: Floats) -> Floats:
    from tui_initflow.functions.special import normal_distribution

    return z * normal_distribution(z)


def _gelu_derivative(z: Floats) -> Floats:
    from tui_initflow.functions.special import normal_density, normal_distribution

    return normal_distribution(z) + z * normal_density(z)


def _gelu_second(z: Floats) -> Floats:
    from tui_initflow.functions.special import normal_density

    near: Floats = np.clip(z, -40.0, 40.0)
    return normal_density(z) * (2.0 - near * near)


def _silu(z: Floats) -> Floats:
    return z * sigmoid(z)


def _silu_derivative(z: Floats) -> Floats:
    return sigmoid(z) * (1.0 + z * sigmoid(-z))


def _silu_second(z: Floats) -> Floats:
    second: Floats = _sigmoid_derivative(z) * (2.0 - z * np.tanh(z / 2.0))
    return second


def _softplus(z: Floats) -> Floats:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _softsign(z: Floats) -> Floats:
    return z / (1.0 + np.abs(z))


def _softsign_derivative(z: Floats) -> Floats:
    return np.square(1.0 / (1.0 + np.abs(z)))


def _softsign_second(z: Floats) -> Floats:
    return np.sign(z) * (1.0 / (1.0 + np.abs(z))) ** 3 * -2.0


def _identity(z: Floats) -> Floats:
    return z


def _one(z: Floats) -> Floats:
    return np.ones_like(z)


_GELU_MINIMUM = -0.75179152469356446
_SILU_MINIMUM = -1.2784645427610738
_BOTH: Literal["both sides"] = "both sides"

# fmt: off
_ALL = (
    Activation("tanh", "tanh(z)", _tanh, _tanh_derivative, _tanh_second, flat=_BOTH, odd=True),
    Activation("sigmoid", "1 / (1 + e^-z)", sigmoid, _sigmoid_derivative, _sigmoid_second, flat=_BOTH),
    Activation("relu", "max(z, 0)", _relu, _relu_derivative, _zero, (Kink(0.0, jump=1.0),)),
    Activation("leaky_relu", f"max(z, {LEAKY_SLOPE} z)", _leaky_relu, _leaky_relu_derivative, _zero,
               (Kink(0.0, jump=1.0 - LEAKY_SLOPE),)),
    Activation("elu", "z right of zero, e^z - 1 left of it (Clevert et al. 2016)", _elu, _elu_derivative, _elu_second,
               (Kink(0.0),)),
    Activation("selu", "1.0507 z right of zero, 1.7581 (e^z - 1) left of it (Klambauer et al. 2017)",
               _selu, _selu_derivative, _selu_second, (Kink(0.0, jump=SELU_SCALE * (1.0 - SELU_ALPHA)),)),
    Activation("gelu", "z Phi(z), the exact form (Hendrycks & Gimpel 2016)", _gelu, _gelu_derivative, _gelu_second,
               (Kink(_GELU_MINIMUM),)),
    Activation("silu", "z / (1 + e^-z), also called swish", _silu, _silu_derivative, _silu_second,
               (Kink(_SILU_MINIMUM),)),
    Activation("softplus", "ln(1 + e^z)", _softplus, sigmoid, _sigmoid_derivative),
    Activation("softsign", "z / (1 + |z|)", _softsign, _softsign_derivative, _softsign_second, (Kink(0.0),),
               flat=_BOTH, odd=True),
    Activation("identity", "z: a linear network", _identity, _one, _zero, flat="nowhere", odd=True),
)
# fmt: on

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({activation.name: activation for activation in _ALL})
