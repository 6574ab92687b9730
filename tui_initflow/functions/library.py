"""Activation functions and their exact derivatives, beyond the demo's tanh.

Every function takes and returns an array and keeps its dtype. None of them overflows, warns or returns NaN for any
finite z: an exponential is only ever taken of a number that is not positive, and 1 - s(z) is computed as s(-z),
never by subtraction. At a kink the derivative is the one from the left (PyTorch's choice).

erf and erfc are written out in numpy, rather than taken from `math` element by element, because they then keep the
dtype, leave the interpreter's lock to the user interface and keep their relative precision in the tail.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LEAKY_SLOPE = 0.01
"""Slope of leaky_relu left of zero: PyTorch's default."""

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""The constants that make mean 0 and variance 1 a fixed point (Klambauer et al. 2017, arXiv 1706.02515)."""

# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969) 631-637.
# Highest power first, ready for Horner's rule.
_ERF_TOP = (
    1.85777706184603153e-1,
    3.16112374387056560e00,
    1.13864154151050156e02,
    3.77485237685302021e02,
    3.20937758913846947e03,
)
_ERF_BOTTOM = (
    1.0,
    2.36012909523441209e01,
    2.44024637934444173e02,
    1.28261652607737228e03,
    2.84423683343917062e03,
)
_MIDDLE_TOP = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e00,
    6.61191906371416295e01,
    2.98635138197400131e02,
    8.81952221241769090e02,
    1.71204761263407058e03,
    2.05107837782607147e03,
    1.23033935479799725e03,
)
_MIDDLE_BOTTOM = (
    1.0,
    1.57449261107098347e01,
    1.17693950891312499e02,
    5.37181101862009858e02,
    1.62138957456669019e03,
    3.29079923573345963e03,
    4.36261909014324716e03,
    3.43936767414372164e03,
    1.23033935480374942e03,
)
_TAIL_TOP = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_TAIL_BOTTOM = (
    1.0,
    2.56852019228982242e00,
    1.87295284992346725e00,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)
_ERF_REGION = 0.46875
_TAIL_REGION = 4.0
_VANISHED = 40.0
"""exp(-40^2 / 2) is zero in every dtype: nothing larger need be squared."""


def _rational(top: tuple[float, ...], bottom: tuple[float, ...], x: Floats) -> Floats:
    """Quotient of two polynomials with the highest coefficients first."""
    numerator, denominator = x * top[0], x * bottom[0]
    for coefficient in top[1:-1]:
        numerator = (numerator + coefficient) * x
    for coefficient in bottom[1:-1]:
        denominator = (denominator + coefficient) * x
    return (numerator + top[-1]) / (denominator + bottom[-1])


def _gauss(x: Floats) -> Floats:
    """exp(-x^2) without the error that rounding x^2 brings: x is split into sixteenths and a small rest."""
    x = np.minimum(x, _VANISHED)
    coarse = np.floor(x * 16.0) / 16.0
    gauss: Floats = np.exp(-coarse * coarse) * np.exp(-(x - coarse) * (x + coarse))
    return gauss


def _erfc_away_from_zero(x: Floats) -> Floats:
    """erfc for x >= 0.46875."""
    near = np.minimum(x, _TAIL_REGION)
    far = np.clip(x, _TAIL_REGION, _VANISHED)
    squared = 1.0 / (far * far)
    middle = _rational(_MIDDLE_TOP, _MIDDLE_BOTTOM, near)
    tail = (1.0 / math.sqrt(math.pi) - squared * _rational(_TAIL_TOP, _TAIL_BOTTOM, squared)) / far
    return _gauss(x) * np.where(x <= _TAIL_REGION, middle, tail)


def erf(x: Floats) -> Floats:
    """Error function to machine precision, in numpy alone."""
    size = np.abs(x)
    small = np.clip(x, -_ERF_REGION, _ERF_REGION)
    central = small * _rational(_ERF_TOP, _ERF_BOTTOM, small * small)
    outer = np.copysign(1.0 - _erfc_away_from_zero(np.maximum(size, _ERF_REGION)), x)
    return np.where(size <= _ERF_REGION, central, outer)


def erfc(x: Floats) -> Floats:
    """Complementary error function; relative precision is kept in the right tail, until it underflows."""
    size = np.abs(x)
    small = np.clip(x, -_ERF_REGION, _ERF_REGION)
    central = 1.0 - small * _rational(_ERF_TOP, _ERF_BOTTOM, small * small)
    tail = _erfc_away_from_zero(np.maximum(size, _ERF_REGION))
    return np.where(size <= _ERF_REGION, central, np.where(x > 0, tail, 2.0 - tail))


def normal_density(z: Floats) -> Floats:
    """Density of N(0, 1)."""
    z = np.clip(z, -_VANISHED, _VANISHED)
    return np.exp(z * z * -0.5) * (1.0 / math.sqrt(2.0 * math.pi))


def normal_distribution(z: Floats) -> Floats:
    """P(N(0, 1) < z), precise in the left tail."""
    return erfc(z * -math.sqrt(0.5)) * 0.5


def sigmoid(z: Floats) -> Floats:
    """s(z) = 1 / (1 + e^-z)."""
    decay = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, decay) / (1.0 + decay)


def sigmoid_derivative(z: Floats) -> Floats:
    """s(z) s(-z)."""
    decay = np.exp(-np.abs(z))
    return decay / ((1.0 + decay) * (1.0 + decay))


def relu(z: Floats) -> Floats:
    """max(z, 0)."""
    return np.maximum(z, 0.0)


def relu_derivative(z: Floats) -> Floats:
    """1 right of zero, else 0."""
    return (z > 0).astype(z.dtype)


def leaky_relu(z: Floats) -> Floats:
    """z right of zero, 0.01 z left of it."""
    return np.where(z > 0, z, z * LEAKY_SLOPE)


def leaky_relu_derivative(z: Floats) -> Floats:
    """1 right of zero, else 0.01."""
    return np.where(z > 0, z.dtype.type(1.0), z.dtype.type(LEAKY_SLOPE))


def elu(z: Floats) -> Floats:
    """z right of zero, e^z - 1 left of it (Clevert et al. 2016, alpha = 1)."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def elu_derivative(z: Floats) -> Floats:
    """1 right of zero, e^z left of it."""
    return np.exp(np.minimum(z, 0.0))


def selu(z: Floats) -> Floats:
    """scale * (z right of zero, alpha (e^z - 1) left of it)."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)) * SELU_ALPHA) * SELU_SCALE


def selu_derivative(z: Floats) -> Floats:
    """scale * (1 right of zero, alpha e^z left of it)."""
    return np.where(z > 0, z.dtype.type(1.0), np.exp(np.minimum(z, 0.0)) * SELU_ALPHA) * SELU_SCALE


def gelu(z: Floats) -> Floats:
    """z Phi(z), the exact form (Hendrycks & Gimpel 2016), not the tanh approximation."""
    return z * normal_distribution(z)


def gelu_derivative(z: Floats) -> Floats:
    """Phi(z) + z phi(z)."""
    return normal_distribution(z) + z * normal_density(z)


def silu(z: Floats) -> Floats:
    """z s(z), also called swish."""
    return z * sigmoid(z)


def silu_derivative(z: Floats) -> Floats:
    """s(z) (1 + z s(-z))."""
    return sigmoid(z) * (1.0 + z * sigmoid(-z))


def softplus(z: Floats) -> Floats:
    """ln(1 + e^z)."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def softplus_derivative(z: Floats) -> Floats:
    """s(z)."""
    return sigmoid(z)


def softsign(z: Floats) -> Floats:
    """z / (1 + |z|)."""
    return z / (1.0 + np.abs(z))


def softsign_derivative(z: Floats) -> Floats:
    """1 / (1 + |z|)^2."""
    return np.square(1.0 / (1.0 + np.abs(z)))


def identity(z: Floats) -> Floats:
    """z: a linear network."""
    return z


def identity_derivative(z: Floats) -> Floats:
    """1."""
    return np.ones_like(z)
