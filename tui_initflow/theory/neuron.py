"""One layer of the infinitely wide network: neurons whose pre-activation z is Normal(mean, variance)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import Activation

Array = NDArray[np.float64]

_NODES_PER_PANEL = 20
_WIDEST_PANEL = 1.5
_REACH = 10.0
_BEYOND_A_CUT = 5.0
_FAR = 38.0
"""All in standard deviations; _FAR is where the density underflows."""
_TILT = 8.0
"""E f'^4 of a saturated tanh weighs the Gaussian with exp(-8 |z|), which moves its peak by 8 variances to zero."""


@dataclass(frozen=True, slots=True)
class GaussianNodes:
    """Points z with the logarithms of their weights: E g(z) = sum of exp(log_weight) g(z).

    Logarithms, because where f' underflows at the mean the integral lives where the density underflows.
    """

    mean: float
    deviation: float
    standardised: Array
    """u = (z - mean) / deviation."""
    log_weight: Array

    @property
    def z(self) -> Array:
        points: Array = self.mean + self.deviation * self.standardised
        return points

    def density(self, z: float) -> float:
        """Density of the Gaussian at one point."""
        return float(np.exp(-0.5 * ((z - self.mean) / self.deviation) ** 2) / (self.deviation * np.sqrt(2.0 * np.pi)))


@cache
def _legendre() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES_PER_PANEL)
    return nodes, weights


def _panel_edges(mean: float, deviation: float, cuts: Iterable[float]) -> Array:
    """Ends of the panels, in standard deviations from the mean. They are few: arrays would take longer than lists."""
    origin = -mean / deviation
    low, high = -_REACH, _REACH
    tilt = _TILT * deviation
    if origin < 0:  # the tilt pulls towards the origin and not beyond it
        low = max(low - tilt, origin - _REACH)
    else:
        high = min(high + tilt, origin + _REACH)
    cuts_at = [(cut - mean) / deviation for cut in cuts]
    for cut in cuts_at:
        if abs(cut) < _FAR:  # beyond one f' may be all that there is
            low, high = min(low, cut - _BEYOND_A_CUT), max(high, cut + _BEYOND_A_CUT)
    largest = max(-(mean + low * deviation), mean + high * deviation, 1.0)
    doublings = [2.0**power for power in range(math.ceil(math.log2(largest)) + 1)]
    features = [(sign * z - mean) / deviation for z in (0.0, *doublings) for sign in (1.0, -1.0)]
    coarse = sorted({low, high, *(at for at in (*features, *cuts_at) if low < at < high)})
    edges = []
    for start, stop in pairwise(coarse):
        count = math.ceil((stop - start) / _WIDEST_PANEL)
        step = (stop - start) / count
        edges += [start + part * step for part in range(count)]
    return np.array([*edges, coarse[-1]])


def gaussian_nodes(mean: float, variance: float, cuts: Iterable[float] = ()) -> GaussianNodes:
    """Nodes and weights for Normal(mean, variance), with panels that end at the `cuts`.

    Variance 0 is a point mass: one node.
    """
    deviation = float(np.sqrt(variance))
    if deviation == 0.0:
        return GaussianNodes(mean, 0.0, np.zeros(1), np.zeros(1))
    nodes, weights = _legendre()
    edges = _panel_edges(mean, deviation, cuts)
    half_widths = np.diff(edges)[:, None] / 2.0
    u = (edges[:-1, None] + half_widths * (1.0 + nodes)).ravel()
    log_weight = np.log(half_widths * weights).ravel() - 0.5 * u * u - 0.5 * np.log(2.0 * np.pi)
    return GaussianNodes(mean, deviation, u, log_weight)


Point = tuple[float, float]
"""x and the value of the function there."""
Bracket = tuple[Point, Point]
"""Two points whose values differ in sign."""


def brackets(points: Iterable[Point]) -> Iterator[Bracket]:
    """The pairs of neighbouring points with a root between them. Takes no more points than it is asked for."""
    return ((before, after) for before, after in pairwise(points) if (before[1] > 0) != (after[1] > 0))


def bisect(function: Callable[[float], float], bracket: Bracket) -> float:
    """The root x > 0 in a bracket to the last bits: about 50 evaluations, by halving the bracket of ln x."""
    (near, at_near), (far, _) = bracket
    while abs(far / near - 1.0) > 1e-15:
        middle = math.sqrt(near * far)
        if middle in (near, far):
            break
        if (function(middle) > 0) == (at_near > 0):
            near = middle
        else:
            far = middle
    return math.sqrt(near * far)


def interpolate(function: Callable[[float], float], bracket: Bracket, precision: float = 1e-9) -> float:
    """The root in a bracket to an absolute `precision`: few evaluations, for a function that is costly and smooth.

    Regula falsi in the Illinois variant (Dowell & Jarratt 1971).
    """
    (a, at_a), (b, at_b) = bracket
    while abs(b - a) > precision and at_b != 0.0:
        c = b - at_b * (b - a) / (at_b - at_a)
        at_c = function(c)
        if (at_c > 0) == (at_b > 0):
            at_a /= 2.0
        else:
            a, at_a = b, at_b
        b, at_b = c, at_c
        if abs(at_c) < precision:
            break
    return b


_TINY_VARIANCE = 1e-200
_HUGE_VARIANCE = 1e200
_LARGEST_EXPONENT = 700.0
_LOG_SMALLEST_SLOPE = -690.0
_FINE = 0.01
"""Largest rounding error of z that resolves f''."""


class OutOfRangeError(ArithmeticError):
    """The theory has no number to give here; the message says why."""


@dataclass(frozen=True, slots=True)
class Neuron:
    """One layer's distribution of z, as quadrature nodes, and the expectations that mean-field theory needs.

    Slopes are in units of exp(log_unit), because f' of a saturated neuron may be 1e-80 and its fourth power 1e-320.
    """

    nodes: GaussianNodes
    weight: Array
    """Weights of E g(z)."""
    value: Array
    """f at the nodes."""
    log_slope: Array
    slope_sign: Array
    absolute_slope_weight: Array
    """Weights of E |f'| g(z)."""
    log_unit: float
    output_mean: float
    output_square: float
    slope: float
    """E f'; slope_value is E f' f, slope2_value2 E f'^2 f^2, and so on."""
    slope_value: float
    slope2: float
    slope2_value: float
    slope2_value2: float
    mean_curvature: float
    """E f'' with the jumps of f' at kinks."""
    curvature_value: float
    """E f'' f with the jumps of f' at kinks."""

    @property
    def mean(self) -> float:
        return self.nodes.mean

    @property
    def variance(self) -> float:
        return self.nodes.deviation**2

    def slope_weight(self, power: int) -> Array:
        """Weights of E f'^power g(z), the sum of these times g at the nodes."""
        exponent = np.minimum(power * self.log_slope + self.nodes.log_weight, _LARGEST_EXPONENT)
        size: Array = np.exp(exponent)
        return size * self.slope_sign if power % 2 else size


def _slopes_are_lost(log_slope: Array, log_weight: Array) -> bool:
    """Whether slopes that underflow to zero may outweigh all others in E |f'| or E f'^2."""
    lost = log_slope < _LOG_SMALLEST_SLOPE
    if not lost.any() or lost.all():
        return bool(lost.all())
    heaviest = float(np.max(log_weight[lost]))
    return any(
        power * _LOG_SMALLEST_SLOPE + heaviest > float(np.max(power * log_slope + log_weight)) for power in (1, 2)
    )


def neuron(activation: Activation, mean: float, variance: float) -> Neuron:
    """The layer of this mean and variance of z.

    Raises:
        OutOfRangeError: an expectation has no value in double precision.
    """
    kinks = activation.kinks
    if not (variance < _HUGE_VARIANCE and abs(mean) < _HUGE_VARIANCE**0.5):
        raise OutOfRangeError("the pre-activations grow beyond 1e100")
    if 0 < variance < _TINY_VARIANCE and any(kink.jump for kink in kinks):
        raise OutOfRangeError("the pre-activations shrink below 1e-100")

    nodes = gaussian_nodes(mean, variance, [kink.at for kink in kinks])
    weight = np.exp(nodes.log_weight)
    value = np.asarray(activation.function(nodes.z), np.float64)
    slope = np.asarray(activation.derivative(nodes.z), np.float64)
    with np.errstate(divide="ignore"):
        log_slope = np.log(np.abs(slope))
    log_unit = float(np.max(log_slope + nodes.log_weight / 2.0))
    if log_unit == -np.inf:
        raise OutOfRangeError("all neurons of a layer have derivative zero, no gradient passes")
    if _slopes_are_lost(log_slope, nodes.log_weight):
        raise OutOfRangeError("the neurons are so saturated that their derivative is below 1e-300")
    log_slope = log_slope - log_unit

    slope_sign = np.sign(slope)
    absolute_slope_weight = np.exp(np.minimum(log_slope + nodes.log_weight, _LARGEST_EXPONENT))
    slope1 = absolute_slope_weight * slope_sign
    slope2 = np.exp(2.0 * log_slope + nodes.log_weight)
    unit = np.exp(log_unit)
    jumps = [(kink.at, kink.jump) for kink in kinks if kink.jump and nodes.deviation]
    mean_curvature = curvature_value = 0.0
    if abs(mean) * np.finfo(np.float64).eps < _FINE:
        curvature = np.asarray(activation.second_derivative(nodes.z), np.float64) * weight / unit
        mean_curvature, curvature_value = float(curvature.sum()), float(curvature @ value)
    elif nodes.deviation:
        # so far from 0 that all of a smooth bend is at one point
        before, after = activation.derivative(np.array([-abs(mean), abs(mean)])).tolist()
        jumps.append((0.0, after - before - sum(jump for _, jump in jumps)))
    for at, jump in jumps:
        bend = jump * nodes.density(at) / unit
        mean_curvature += bend
        curvature_value += bend * float(activation.function(np.array([at]))[0])
    return Neuron(
        nodes=nodes,
        weight=weight,
        value=value,
        log_slope=log_slope,
        slope_sign=slope_sign,
        absolute_slope_weight=absolute_slope_weight,
        log_unit=log_unit,
        output_mean=float(weight @ value),
        output_square=float(weight @ value**2),
        slope=float(slope1.sum()),
        slope_value=float(slope1 @ value),
        slope2=float(slope2.sum()),
        slope2_value=float(slope2 @ value),
        slope2_value2=float(slope2 @ value**2),
        mean_curvature=mean_curvature,
        curvature_value=curvature_value,
    )
