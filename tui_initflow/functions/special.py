"""Special functions of probability: the error function, and quantiles of the normal and of Student's t distribution.

erf and erfc are written in numpy rather than taken from `math` element by element, so that they keep the dtype and the
relative precision of the tail, and release the interpreter's lock. scipy has them all, in 100 MB that nothing else
here needs.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969) 631-637.
# Highest power first.
# fmt: off
_ERF_TOP = (
    1.85777706184603153e-1, 3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02,
    3.20937758913846947e03,
)
_ERF_BOTTOM = (
    1.0, 2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03,
)
_MIDDLE_TOP = (
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e00, 6.61191906371416295e01,
    2.98635138197400131e02, 8.81952221241769090e02, 1.71204761263407058e03, 2.05107837782607147e03,
    1.23033935479799725e03,
)
_MIDDLE_BOTTOM = (
    1.0, 1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03,
    3.29079923573345963e03, 4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03,
)
_TAIL_TOP = (
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
)
_TAIL_BOTTOM = (
    1.0, 2.56852019228982242e00, 1.87295284992346725e00, 5.27905102951428412e-1, 6.05183413124413191e-2,
    2.33520497626869185e-3,
)
# fmt: on
_ERF_REGION = 0.46875
_TAIL_REGION = 4.0
_VANISHED = 40.0
"""exp(-40^2 / 2) is zero in every dtype, so nothing larger needs to be squared."""


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Horner's rule, in the dtype of x."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def _rational(top: tuple[float, ...], bottom: tuple[float, ...], x: Floats) -> Floats:
    quotient: Floats = _polynomial(top, x) / _polynomial(bottom, x)
    return quotient


def _gauss(x: Floats) -> Floats:
    """exp(-x^2) without the error of rounding x^2: x is split into sixteenths and a small remainder."""
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
    """Error function, to machine precision."""
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


# Wichura 1988, algorithm AS 241 (PPND7): q R(q^2) near the centre and S(r - 1.6) outside, with r^2 = -ln of the tail.
# Highest power first.
_CENTRAL = 0.425
_CENTRE_TOP = (59.109374720, 159.29113202, 50.434271938, 3.3871327179)
_CENTRE_BOTTOM = (67.187563600, 78.757757664, 17.895169469, 1.0)
_OUTER_TOP = (0.17023821103, 1.3067284816, 2.7568153900, 1.4234372777)
_OUTER_BOTTOM = (0.12021132975, 0.73700164250, 1.0)


def normal_quantile(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    """|quantile| of N(0, 1) at probability 1/2 + `centred`, to seven digits, in float32."""
    size = np.abs(centred)
    centre = np.float32(_CENTRAL**2) - np.square(np.minimum(size, np.float32(_CENTRAL)))
    radius = np.sqrt(-np.log(np.float32(0.5) - np.maximum(size, np.float32(_CENTRAL)))) - np.float32(1.6)
    outer = _rational(_OUTER_TOP, _OUTER_BOTTOM, radius)
    inner = size * _rational(_CENTRE_TOP, _CENTRE_BOTTOM, centre)
    return np.where(size <= _CENTRAL, inner, outer)


def _t_upper_tail(t: float, freedom: int) -> float:
    """P(T > t) for t > 0, by Simpson's rule over the angle atan(t / sqrt(freedom)) with density cos^(freedom - 1)."""
    start = math.atan(t / math.sqrt(freedom))
    # with many degrees of freedom the density underflows beyond this angle
    stop = min(math.pi / 2, start + 40 / math.sqrt(freedom))
    angles = np.linspace(start, stop, 4001)
    weights = np.full(4001, 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    integral = float(weights @ np.cos(angles) ** (freedom - 1)) * (stop - start) / 12000
    norm = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return norm * integral


@lru_cache(maxsize=1024)
def t_quantile(share: float, freedom: int) -> float:
    """The `share` > 0.5 quantile of Student's t with `freedom` degrees of freedom, by bisection of its tail."""
    tail = 1 - share
    low, high = 0.0, 2.0
    while _t_upper_tail(high, freedom) > tail:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        if _t_upper_tail(middle, freedom) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2
