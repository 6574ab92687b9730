"""Order, chaos and the edge between them (Poole et al. 2016; Schoenholz et al. 2017).

    q* = sigma_w^2 E f(z)^2 + sigma_b^2        chi = sigma_w^2 E f'(z)^2        z ~ Normal(m*, q*)

chi is the factor by which one layer, far from both ends, multiplies E delta^2: below 1 the phase is ordered and
gradients vanish, above 1 it is chaotic and they explode. The depth scale xi = 1 / |ln chi| is the number of layers
over which E delta^2 changes by a factor e; mean |delta| takes twice as many.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tui_initflow.functions.activations import Activation
from tui_initflow.theory.laws import LayerLaw
from tui_initflow.theory.neuron import Neuron, neuron
from tui_initflow.theory.quadrature import gaussian_nodes

PhaseName = Literal["ordered", "critical", "chaotic"]

CRITICAL_DEPTH = 1000.0
"""With a depth scale beyond this the phase is called critical: no network is deep enough to tell."""

_ZERO, _INFINITY = 1e-12, 1e10
"""A variance that flows beyond these is taken to flow to the limit."""
_LIMIT_OF_ZERO = 1e-24
"""Variance at which slopes are taken when q* is 0: there f' may jump."""
_STEP = 1.25
_SETTLED = 1e-13
_MEAN_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Phase:
    """Where an infinitely deep stack of one kind of layer ends up."""

    name: PhaseName
    q_star: float
    """Variance of z at the fixed point, may be 0 or infinite."""
    m_star: float
    """Mean of z at the fixed point; 0 unless the weights have a mean."""
    chi: float
    """Factor per layer on E delta^2."""
    xi: float
    """Depth scale 1 / |ln chi| in layers, infinite at criticality."""

    @property
    def factor(self) -> float:
        """Factor per layer on mean |delta|."""
        return math.sqrt(self.chi)


def phase(activation: Activation, sigma_w2: float, sigma_b2: float = 0.0, q_start: float = 1.0) -> Phase:
    """Phase of layers with zero-mean weights of fan_in times variance sigma_w2.

    The fixed point is the one that q_start flows to; most activations have only one.
    """
    q_star = _fixed_point(activation, sigma_w2, sigma_b2, q_start)
    chi = sigma_w2 * _moments(activation, min(max(q_star, _LIMIT_OF_ZERO), _INFINITY))[1]
    return _phase(chi, q_star, 0.0)


def phase_of(law: LayerLaw, activation: Activation, q_start: float = 1.0) -> Phase:
    """Phase of a stack of equal layers.

    Weights with a mean pass the mean of delta on as well: a matrix multiplies M and a of the signal (see
    `tui_initflow.theory.signal`). chi is then its spectral radius squared, or sigma_w^2 E f'^2 if that is larger.
    """
    if not law.mean:
        found = phase(activation, law.sigma_w2, law.bias_variance, q_start)
        return found if law.fan_in == law.fan_out else _phase(found.chi * law.fan_out / law.fan_in, found.q_star, 0.0)
    m, q = law.fan_in * law.mean, q_start
    for _ in range(_MEAN_STEPS):
        mean, square, _ = _moments_at(activation, m, q)
        new_m, new_q = law.fan_in * law.mean * mean, law.sigma_w2 * square + law.bias_variance
        settled = abs(new_m - m) <= _SETTLED * abs(m) and abs(new_q - q) <= _SETTLED * q
        m, q = new_m, new_q
        if settled or not (_ZERO < q < _INFINITY) or abs(m) > math.sqrt(_INFINITY):
            break
    return _phase(_coherent_chi(law, neuron(activation, m, q)), q, m)


def _coherent_chi(law: LayerLaw, at: Neuron) -> float:
    unit = math.exp(at.log_unit)
    of_mean = law.fan_out * law.mean * np.array([at.slope, at.slope_value])
    of_pull = law.fan_out * law.variance * np.array([at.mean_curvature, at.curvature_value + unit * at.slope2])
    radius = unit * float(np.max(np.abs(np.linalg.eigvals(np.stack([of_mean, of_pull])))))
    return max(radius**2, law.fan_out * law.variance * at.slope2 * unit**2)


def _phase(chi: float, q_star: float, m_star: float) -> Phase:
    rate = abs(math.log(chi)) if chi > 0 else math.inf
    if rate * CRITICAL_DEPTH < 1.0:
        return Phase("critical", q_star, m_star, chi, 1.0 / rate if rate > 0 else math.inf)
    return Phase("ordered" if chi < 1 else "chaotic", q_star, m_star, chi, 1.0 / rate)


def _moments_at(activation: Activation, mean: float, variance: float) -> tuple[float, float, float]:
    """E f, E f^2, E f'^2."""
    nodes = gaussian_nodes(mean, variance, [kink.at for kink in activation.kinks])
    weight = np.exp(nodes.log_weight)
    value, slope = activation.function(nodes.z), activation.derivative(nodes.z)
    return float(weight @ value), float(weight @ value**2), float(weight @ slope**2)


def _moments(activation: Activation, q: float) -> tuple[float, float]:
    """E f^2 and E f'^2 at mean zero."""
    _, square, slope2 = _moments_at(activation, 0.0, q)
    return square, slope2


def _fixed_point(activation: Activation, sigma_w2: float, sigma_b2: float, q_start: float) -> float:
    """The fixed point of q that q_start flows to.

    The map is increasing, so q never jumps over a fixed point: the nearest one in the direction of the first step
    is bracketed by growing steps and then bisected.
    """

    def growth(q: float) -> float:
        """q' / q - 1."""
        return (sigma_w2 * _moments(activation, q)[0] + sigma_b2) / q - 1.0

    start = growth(q_start)
    if abs(start) < _SETTLED:
        return q_start
    step = _STEP if start > 0 else 1.0 / _STEP
    near, far = q_start, q_start * step
    while (growth(far) > 0) == (start > 0):
        near, far = far, far * step
        if far > _INFINITY:
            return math.inf
        if far < _ZERO:
            return 0.0
    while abs(far / near - 1.0) > 1e-15:
        middle = math.sqrt(near * far)
        if middle in (near, far):
            break
        if (growth(middle) > 0) == (start > 0):
            near = middle
        else:
            far = middle
    return math.sqrt(near * far)


@dataclass(frozen=True, slots=True)
class CriticalGain:
    """The sigma_w that puts chi = 1, for weights of standard deviation sigma_w / sqrt(fan_in).

    `q_star` is the variance of z that the gain refers to. At a fixed point that is not stable, or where the gain is
    not at a fixed point at all, q drifts away from it and with it chi from 1: `note` says so.
    """

    gain: float
    q_star: float
    stable: bool
    note: str | None = None


_NO_SCALE_NOTE = "chi is the same at every q: the gain holds whatever the input"
_DRIFT_NOTE = "no stable fixed point has chi = 1: q drifts from layer to layer, and the gain holds at q = 1 only"


def critical_gain(activation: Activation, sigma_b2: float = 0.0) -> CriticalGain:
    """The gain on the edge of chaos.

    At a fixed point with chi = 1, sigma_w^2 = 1 / E f'^2 and so q* = E f^2 / E f'^2 + sigma_b^2: one equation for
    q*. Without one whose fixed point is stable this is the gain that has chi = 1 at q = 1.
    """

    def excess(q: float) -> float:
        square, slope2 = _moments(activation, q)
        return square / slope2 / q + sigma_b2 / q - 1.0

    grid = np.logspace(-8.0, 6.0, 113)
    values = [excess(q) for q in grid]
    if max(map(abs, values)) < 1e-9:
        return CriticalGain(1.0 / math.sqrt(_moments(activation, 1.0)[1]), 1.0, stable=True, note=_NO_SCALE_NOTE)
    candidates = [
        _bisect(excess, float(low), float(high))
        for low, high, below, above in zip(grid, grid[1:], values, values[1:], strict=False)
        if (below > 0) != (above > 0) and max(abs(below), abs(above)) > 1e-9
    ]
    if not sigma_b2:
        candidates.append(0.0)  # f(z) is then about f'(0) z, which is a fixed point of that gain
    stable = [q for q in candidates if _is_stable(activation, q, sigma_b2)]
    if not stable:
        return CriticalGain(1.0 / math.sqrt(_moments(activation, 1.0)[1]), 1.0, stable=False, note=_DRIFT_NOTE)
    q_star = min(stable, key=lambda q: abs(math.log(max(q, _ZERO))))
    return CriticalGain(1.0 / math.sqrt(_moments(activation, max(q_star, _LIMIT_OF_ZERO))[1]), q_star, stable=True)


def _is_stable(activation: Activation, q: float, sigma_b2: float) -> bool:
    """Whether q, pushed by one percent, returns."""
    size = q or 1e-4
    sigma_w2 = 1.0 / _moments(activation, max(q, _LIMIT_OF_ZERO))[1]

    def moved(push: float) -> float:
        return sigma_w2 * _moments(activation, push)[0] + sigma_b2 - push

    above = moved(size * 1.01) < 0
    return above and (q == 0.0 or moved(size * 0.99) > 0)


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    rising = function(high) > 0
    while high / low - 1.0 > 1e-15:
        middle = math.sqrt(low * high)
        if middle in (low, high):
            break
        if (function(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return math.sqrt(low * high)
