"""Order, chaos and the edge between them (Poole et al. 2016; Schoenholz et al. 2017).

    q* = sigma_w^2 E f(z)^2 + sigma_b^2        chi = sigma_w^2 E f'(z)^2        z ~ Normal(m*, q*)

chi is the factor by which one layer, far from both ends, multiplies E delta^2: below 1 the phase is ordered and
gradients vanish, above 1 it is chaotic and they explode. The depth scale xi = 1 / |ln chi| is the number of layers
over which E delta^2 changes by a factor e; mean |delta| takes twice as many.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat, takewhile
from typing import Literal, NamedTuple

import numpy as np

from tui_initflow.engine.pool import Checkpoint, unstopped
from tui_initflow.functions.activations import Activation
from tui_initflow.theory.mean_field import LayerLaw
from tui_initflow.theory.neuron import Array, Neuron, bisect, brackets, gaussian_nodes, neuron

PhaseName = Literal["ordered", "critical", "chaotic"]

CRITICAL_DEPTH = 1000.0
"""With a depth scale beyond this the phase is called critical: no network is deep enough to tell."""

_ZERO, _INFINITY = 1e-12, 1e10
"""A variance that flows beyond these is taken to flow to the limit."""
_LIMIT_OF_ZERO = 1e-24
"""The variance at which slopes are taken when q* is 0, where f' may jump."""
_STEP = 1.25
_SETTLED = 1e-13
_MEAN_STEPS = 2000
_ROUNDING = 1e-9
_HERMITE = 160
"""Terms of a series in c, which is well below 1 where it is used."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Where an infinitely deep stack of equal layers ends up."""

    name: PhaseName
    q_star: float
    """Variance of z at the fixed point; may be 0 or infinite."""
    m_star: float
    """Mean of z at the fixed point; 0 unless the weights have a mean."""
    chi: float
    """Factor per layer on E delta^2."""
    xi: float
    """Depth scale 1 / |ln chi| in layers; infinite at criticality."""

    @property
    def factor(self) -> float:
        """Factor per layer on mean |delta|."""
        return math.sqrt(self.chi)


def phase(activation: Activation, sigma_w2: float, sigma_b2: float = 0.0, checkpoint: Checkpoint = unstopped) -> Phase:
    """Phase of square layers with zero-mean weights, sigma_w2 = fan_in Var(w), at the fixed point q = 1 flows to."""
    q_star = _fixed_point(activation, sigma_w2, sigma_b2, checkpoint)
    chi = sigma_w2 * _moments(activation, min(max(q_star, _LIMIT_OF_ZERO), _INFINITY)).slope2
    return _phase(chi, q_star, 0.0)


def phase_of(law: LayerLaw, activation: Activation, checkpoint: Checkpoint = unstopped) -> Phase:
    """Phase of a stack of equal layers.

    Weights with a mean also pass the mean of delta on: a 2 x 2 matrix multiplies M and p of the signal. chi is then
    its spectral radius squared, or sigma_w^2 E f'^2 if that is larger.
    """
    if not law.mean:
        square = phase(activation, law.sigma_w2, law.bias_variance, checkpoint)
        if law.fan_in == law.fan_out:
            return square
        return _phase(square.chi * law.fan_out / law.fan_in, square.q_star, 0.0)
    m, q = law.fan_in * law.mean, 1.0
    for _ in range(_MEAN_STEPS):
        checkpoint()
        moments = _moments(activation, q, m)
        new_m, new_q = law.fan_in * law.mean * moments.value, law.sigma_w2 * moments.value2 + law.bias_variance
        settled = abs(new_m - m) <= _SETTLED * abs(m) and abs(new_q - q) <= _SETTLED * q
        m, q = new_m, new_q
        if settled or not (_ZERO < q < _INFINITY) or abs(m) > math.sqrt(_INFINITY):
            break
    return _phase(_coherent_chi(law, neuron(activation, m, q)), q, m)


def _coherent_chi(law: LayerLaw, at: Neuron) -> float:
    unit = math.exp(at.log_unit)
    to_mean = law.fan_out * law.mean * np.array([at.slope, at.slope_value])
    to_pull = law.fan_out * law.variance * np.array([at.mean_curvature, at.curvature_value + unit * at.slope2])
    radius = unit * float(np.max(np.abs(np.linalg.eigvals(np.stack([to_mean, to_pull])))))
    return max(radius**2, law.fan_out * law.variance * at.slope2 * unit**2)


def correlation_scale(law: LayerLaw, activation: Activation, checkpoint: Checkpoint = unstopped) -> float:
    """Layers in which the correlation of two inputs comes closer to its fixed point c* by a factor e.

    This is xi_c = 1 / |ln chi_c| of Schoenholz et al. 2017, with chi_c = sigma_w^2 E f'(z_1) f'(z_2) at c*: how far
    a network tells inputs apart. Where they all become alike, c* = 1 and chi_c = chi. Where z settles nowhere, or the
    weights have a mean, there is no c*, and it is the depth scale of the gradient.
    """
    at = phase_of(law, activation, checkpoint)
    if law.mean or at.name != "chaotic" or not math.isfinite(at.q_star):
        return at.xi
    # E f(z_1) f(z_2) = sum of a_k^2 c^k, with the coefficients of f in normalised Hermite polynomials (Mehler 1866)
    power, squares = np.arange(_HERMITE), _hermite_coefficients(activation, at.q_star) ** 2

    def moved(c: float) -> float:
        """c' - c."""
        return (law.sigma_w2 * float(squares @ c**power) + law.bias_variance) / at.q_star - c

    low, high = 0.0, 1.0 - _ROUNDING
    while high - low > _ROUNDING:
        checkpoint()
        middle = (low + high) / 2.0
        low, high = (middle, high) if moved(middle) > 0 else (low, middle)
    chi_c = law.sigma_w2 / at.q_star * float((power[1:] * squares[1:]) @ low ** power[:-1])
    return 1.0 / -math.log(chi_c)


def _hermite_coefficients(activation: Activation, variance: float) -> Array:
    """E f(z) He_k(u) / sqrt(k!) with z = sqrt(variance) u, for k < `_HERMITE`."""
    nodes = gaussian_nodes(0.0, variance, [kink.at for kink in activation.kinks])
    weighted = np.exp(nodes.log_weight) * activation.function(nodes.z)
    u, below, here = nodes.standardised, np.zeros_like(nodes.standardised), np.ones_like(nodes.standardised)
    coefficients = np.zeros(_HERMITE)
    for k in range(_HERMITE):
        coefficients[k] = weighted @ here
        below, here = here, (u * here - math.sqrt(k) * below) / math.sqrt(k + 1)
    return coefficients


def _phase(chi: float, q_star: float, m_star: float) -> Phase:
    rate = abs(math.log(chi)) if chi > 0 else math.inf
    xi = 1.0 / rate if rate > 0 else math.inf
    if rate * CRITICAL_DEPTH < 1.0:
        return Phase("critical", q_star, m_star, chi, xi)
    return Phase("ordered" if chi < 1 else "chaotic", q_star, m_star, chi, xi)


class _Moments(NamedTuple):
    """E f, E f^2 and E f'^2."""

    value: float
    value2: float
    slope2: float


def _moments(activation: Activation, variance: float, mean: float = 0.0) -> _Moments:
    nodes = gaussian_nodes(mean, variance, [kink.at for kink in activation.kinks])
    weight = np.exp(nodes.log_weight)
    value, slope = activation.function(nodes.z), activation.derivative(nodes.z)
    return _Moments(float(weight @ value), float(weight @ value**2), float(weight @ slope**2))


def _fixed_point(activation: Activation, sigma_w2: float, sigma_b2: float, checkpoint: Checkpoint) -> float:
    """The fixed point of q -> sigma_w2 E f^2 + sigma_b2 that q = 1 flows to.

    The map is increasing, so q never jumps over a fixed point: it ends at the nearest one in the direction of its
    first step.
    """

    def growth(q: float) -> float:
        """q' / q - 1."""
        checkpoint()
        return (sigma_w2 * _moments(activation, q).value2 + sigma_b2) / q - 1.0

    first = growth(1.0)
    if abs(first) < _SETTLED:
        return 1.0
    steps = accumulate(repeat(_STEP if first > 0 else 1.0 / _STEP), operator.mul, initial=1.0)
    in_range = takewhile(lambda q: _ZERO <= q <= _INFINITY, steps)
    bracket = next(brackets((q, growth(q)) for q in in_range), None)
    if bracket is None:
        return math.inf if first > 0 else 0.0
    return bisect(growth, bracket)


@dataclass(frozen=True, slots=True)
class CriticalGain:
    """The sigma_w that makes chi = 1, for weights of standard deviation sigma_w / sqrt(fan_in).

    `q_star` is the variance of z that the gain refers to. Where no stable fixed point has chi = 1, q drifts from layer
    to layer and chi with it: the gain is then the one with chi = 1 at q = 1, and `stable` is False.
    """

    gain: float
    q_star: float
    stable: bool


@lru_cache(maxsize=64)
def critical_gain(activation: Activation, sigma_b2: float = 0.0) -> CriticalGain:
    """The gain on the edge of chaos.

    At a fixed point with chi = 1, sigma_w^2 = 1 / E f'^2 and so q* = E f^2 / E f'^2 + sigma_b^2: one equation for q*.
    """

    def excess(q: float) -> float:
        moments = _moments(activation, q)
        return moments.value2 / moments.slope2 / q + sigma_b2 / q - 1.0

    variances = np.logspace(-8.0, 6.0, 113).tolist()
    if np.ptp([_gain_at(activation, q) for q in variances]) < _ROUNDING:
        return CriticalGain(_gain_at(activation, 1.0), 1.0, stable=True)  # chi is the same at every q
    points = [(q, excess(q)) for q in variances]
    candidates = [
        bisect(excess, (below, above))
        for below, above in brackets(points)
        if max(abs(below[1]), abs(above[1])) > _ROUNDING
    ]
    if not sigma_b2:
        candidates.append(0.0)  # f(z) is then about f'(0) z, and q = 0 a fixed point of that gain
    stable = [q for q in candidates if _is_stable(activation, q, sigma_b2)]
    if not stable:
        return CriticalGain(_gain_at(activation, 1.0), 1.0, stable=False)
    q_star = min(stable, key=lambda q: abs(math.log(max(q, _ZERO))))
    return CriticalGain(_gain_at(activation, max(q_star, _LIMIT_OF_ZERO)), q_star, stable=True)


def _gain_at(activation: Activation, q: float) -> float:
    return 1.0 / math.sqrt(_moments(activation, q).slope2)


def _is_stable(activation: Activation, q: float, sigma_b2: float) -> bool:
    """Whether q returns when it is pushed by one percent."""
    size = q or 1e-4
    sigma_w2 = 1.0 / _moments(activation, max(q, _LIMIT_OF_ZERO)).slope2

    def moved(pushed: float) -> float:
        return sigma_w2 * _moments(activation, pushed).value2 + sigma_b2 - pushed

    returns_from_above = moved(size * 1.01) < 0
    return returns_from_above and (q == 0.0 or moved(size * 0.99) > 0)
