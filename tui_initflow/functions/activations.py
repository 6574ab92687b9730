"""Activation functions: f, f' and f'' of each, where they are not smooth, and where they are flat.

`ACTIVATIONS` is the one table: to add an activation, write a row here, and its exact form in the test. Settings, help,
the app's chooser, engine, theory and claims read this table.

Every function takes an array and returns one of the same shape and dtype. None overflows, warns or returns NaN for a
finite z: exponentials are taken of negative numbers only, and 1 - s(z) is computed as s(-z), never by subtraction. At
a kink the derivative is the one from the left, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Float64s = NDArray[np.float64]
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

    `torch` is the function in PyTorch. `second_derivative` holds away from the kinks; a jump of f' adds
    jump * density(at) to E f''. `flat` says on which sides f levels off, `odd` whether f(-z) = -f(z); the odd ones here
    all have slope 1 at zero.
    """

    name: str
    formula: str
    kinks: tuple[Kink, ...] = ()
    _: KW_ONLY
    torch: str
    function: Function
    derivative: Function
    second_derivative: Function
    flat: Literal["both sides", "left", "nowhere"] = "left"
    odd: bool = False

    @property
    def flat_word(self) -> str:
        """What a unit with |f'(z)| < 0.1 is called: a rectifier's unit is off, a sigmoid's saturated."""
        return "off" if self.flat == "left" else "saturated"


def _tanh_derivative(z: Floats) -> Floats:
    # 1 - tanh^2 would be exactly 0 from |z| = 19 on; this form does not cancel and stays positive up to |z| = 372
    decay = np.exp(np.abs(z) * -2.0)
    root = 2.0 / (1.0 + decay)
    derivative: Floats = decay * root * root
    return derivative


def _sigmoid(z: Floats) -> Floats:
    decay = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, decay) / (1.0 + decay)


def _sigmoid_derivative(z: Floats) -> Floats:
    decay = np.exp(-np.abs(z))
    return decay / ((1.0 + decay) * (1.0 + decay))


def _elu_second(z: Floats) -> Floats:
    return np.where(z > 0, 0.0, np.exp(np.minimum(z, 0.0)))


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


# fmt: off
_ALL = (
    Activation(
        "tanh", "tanh(z)", flat="both sides", odd=True,
        torch="torch.tanh",
        function=lambda z: np.tanh(z),
        derivative=_tanh_derivative,
        second_derivative=lambda z: np.tanh(z) * _tanh_derivative(z) * -2.0),
    Activation(
        "sigmoid", "1 / (1 + e^-z)", flat="both sides",
        torch="torch.sigmoid",
        function=_sigmoid,
        derivative=_sigmoid_derivative,
        second_derivative=lambda z: _sigmoid_derivative(z) * np.tanh(z * -0.5)),  # 1 - 2 s(z) = -tanh(z / 2)
    Activation(
        "relu", "max(z, 0)", (Kink(0.0, jump=1.0),),
        torch="torch.relu",
        function=lambda z: np.maximum(z, 0.0),
        derivative=lambda z: (z > 0).astype(z.dtype),
        second_derivative=lambda z: np.zeros_like(z)),
    Activation(
        "leaky_relu", f"max(z, {LEAKY_SLOPE} z)", (Kink(0.0, jump=1.0 - LEAKY_SLOPE),),
        torch="torch.nn.functional.leaky_relu",
        function=lambda z: np.where(z > 0, z, z * LEAKY_SLOPE),
        derivative=lambda z: np.where(z > 0, z.dtype.type(1.0), z.dtype.type(LEAKY_SLOPE)),
        second_derivative=lambda z: np.zeros_like(z)),
    Activation(
        "elu", "z right of zero, e^z - 1 left of it (Clevert et al. 2016)", (Kink(0.0),),
        torch="torch.nn.functional.elu",
        function=lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
        derivative=lambda z: np.exp(np.minimum(z, 0.0)),
        second_derivative=_elu_second),
    Activation(
        "selu", "1.0507 z right of zero, 1.7581 (e^z - 1) left of it (Klambauer et al. 2017)",
        (Kink(0.0, jump=SELU_SCALE * (1.0 - SELU_ALPHA)),),
        torch="torch.nn.functional.selu",
        function=lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)) * SELU_ALPHA) * SELU_SCALE,
        derivative=lambda z: np.where(z > 0, z.dtype.type(1.0), np.exp(np.minimum(z, 0.0)) * SELU_ALPHA) * SELU_SCALE,
        second_derivative=lambda z: _elu_second(z) * (SELU_ALPHA * SELU_SCALE)),
    Activation(
        "gelu", "z Phi(z), the exact form (Hendrycks & Gimpel 2016)", (Kink(-0.75179152469356446),),
        torch="torch.nn.functional.gelu",
        function=_gelu,
        derivative=_gelu_derivative,
        second_derivative=_gelu_second),
    Activation(
        "silu", "z / (1 + e^-z), also called swish", (Kink(-1.2784645427610738),),
        torch="torch.nn.functional.silu",
        function=lambda z: z * _sigmoid(z),
        derivative=lambda z: _sigmoid(z) * (1.0 + z * _sigmoid(-z)),
        second_derivative=lambda z: _sigmoid_derivative(z) * (2.0 - z * np.tanh(z / 2.0))),
    Activation(
        "softplus", "ln(1 + e^z)",
        torch="torch.nn.functional.softplus",
        function=lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))),
        derivative=_sigmoid,
        second_derivative=_sigmoid_derivative),
    Activation(
        "softsign", "z / (1 + |z|)", (Kink(0.0),), flat="both sides", odd=True,
        torch="torch.nn.functional.softsign",
        function=lambda z: z / (1.0 + np.abs(z)),
        derivative=lambda z: np.square(1.0 / (1.0 + np.abs(z))),
        second_derivative=lambda z: np.sign(z) * (1.0 / (1.0 + np.abs(z))) ** 3 * -2.0),
    Activation(
        "identity", "z: a linear network", flat="nowhere", odd=True,
        torch="torch.nn.Identity()",
        function=lambda z: z,
        derivative=lambda z: np.ones_like(z),
        second_derivative=lambda z: np.zeros_like(z)),
)
# fmt: on

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({activation.name: activation for activation in _ALL})

AT_ONCE = 1 << 15
"""Most numbers that a function is computed of together: few enough to stay in the cache."""


def in_pieces(function: Function, z: Floats, checkpoint: Callable[[], None]) -> Float64s:
    """function(z) in float64, of any z. `checkpoint` is called every few milliseconds, and may raise."""
    flat, values = z.reshape(-1), np.empty(z.size)
    for first in range(0, z.size, AT_ONCE):
        checkpoint()
        piece = slice(first, first + AT_ONCE)
        values[piece] = function(flat[piece].astype(np.float64, copy=False))
    return values.reshape(z.shape)
