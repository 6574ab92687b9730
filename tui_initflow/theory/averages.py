"""Averages over the n neurons of one layer: expectation, derivatives by the state, and noise.

Six averages decide how a layer of finite width differs from an infinitely wide one,

    f, f^2, delta, u delta, delta^2, |delta|          u = (z - m) / sqrt q,  delta = f'(z) (M + p f + Normal(0, V))

with f and p in units of the root mean square of f, m in units of sqrt q, and q relative to its mean-field value.
README.md has the derivation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tui_initflow.functions.special import erf
from tui_initflow.theory.mean_field import LayerLaw, Signal
from tui_initflow.theory.neuron import Array, Neuron

VALUE, SQUARE, DELTA, TILT, DELTA_SQUARE, ABSOLUTE = range(6)
"""The averages, in order. `TILT` is that of u delta, which is sqrt q times that of d(delta)/dz."""

MEAN_Z, VARIANCE_Z, MEAN_G, PULL_G, VARIANCE_G = range(5)
FORWARD, BACKWARD = slice(0, 2), slice(2, 5)
"""The state, in order: s = (m, q) and r = (M, p, V)."""


@dataclass(frozen=True, slots=True)
class Averages:
    """The six averages over one layer of n neurons."""

    expectation: Array
    """(6,)."""
    gradient: Array
    """(6, 5): of the expectation, by the state."""
    hessian: Array
    """(6, 5, 5): of the expectation, by the state."""
    noise: Array
    """(6, 6): covariance of the averages at a fixed state."""
    coupling: Array
    """(6, 3, 2): covariance of (d average / d backward state) with the averages of f and f^2."""
    cubic: Array
    """(6,): derivative by a part of the signal that is proportional to f^3."""
    fixed: Array
    """(5, 5): variance of the state that an orthogonal matrix rules out, because it fixes a length."""


@dataclass(frozen=True, slots=True)
class _Kernel:
    """A function of z with its derivatives by (M, p, V), at the nodes, times the quadrature weights and u^order."""

    value: Array
    gradient: Array
    hessian: Array
    order: int = 0


def root_mean_square(neuron: Neuron) -> float:
    """Unit of f and of the pull."""
    return math.sqrt(neuron.output_square) or 1.0


def layer_averages(neuron: Neuron, signal: Signal, law: LayerLaw, above: LayerLaw | None) -> Averages:
    """Averages over the layer that `law` leads into and `above` leads out of."""
    unit = root_mean_square(neuron)
    value = neuron.value / unit
    g = _signal_moments(signal, neuron.value)
    kernels = _kernels(neuron, signal, value, g)
    expectation, gradient, hessian = _expectations(neuron, kernels)

    width = law.fan_out
    known_z = law.share_lost_along_z
    known_g = min(1.0, above.fan_in / above.fan_out) if above is not None and above.orthogonal else 0.0
    known_pull = 0.0 if above is None else share_of_weights(neuron, above)
    if signal.signs or signal.variance == 0.0:
        known_g = known_pull = 0.0
    fixed = np.zeros((5, 5))
    fixed[VARIANCE_Z, VARIANCE_Z] = 2.0 * known_z
    fixed[VARIANCE_G, VARIANCE_G] = 2.0 * known_g * signal.variance**2
    fixed[PULL_G, PULL_G] = known_pull * signal.variance

    slopes = gradient.copy()
    bends = hessian[:, BACKWARD, VARIANCE_Z].copy()
    slopes[TILT, VARIANCE_Z] += expectation[TILT]  # these are of u delta with u held, not of d(delta)/dz
    bends[TILT] += gradient[TILT, BACKWARD]
    noise = _second_moments(neuron, value, g) - np.outer(expectation, expectation)
    noise -= slopes @ fixed @ slopes.T
    products = _by_powers(neuron, kernels, value)
    cubic = products[:, 0, 2]
    coupling = products[:, :, :2] - np.einsum("ki,j->kij", gradient[:, BACKWARD], expectation[[VALUE, SQUARE]])
    coupling -= np.einsum(
        "ki,j->kij",
        bends * fixed[VARIANCE_Z, VARIANCE_Z],
        gradient[[VALUE, SQUARE], VARIANCE_Z],
    )
    return Averages(expectation, gradient, hessian, noise / width, coupling / width, cubic, fixed / width)


def share_of_weights(neuron: Neuron, above: LayerLaw) -> float:
    """(q - sigma_b^2) / q one layer up: the share of the variance of z that is due to the weights."""
    of_weights = above.sigma_w2 * neuron.output_square
    total = of_weights + above.bias_variance
    return of_weights / total if total else 0.0


def _kernels(neuron: Neuron, signal: Signal, value: Array, g: _SignalMoments) -> list[_Kernel]:
    """The six averaged functions of z."""
    zeros = np.zeros_like(value)
    none, none2 = np.zeros((3, zeros.size)), np.zeros((3, 3, zeros.size))
    slope, slope2 = neuron.slope_weight(1), neuron.slope_weight(2)
    absolute_slope = neuron.absolute_slope_weight
    forward = [_Kernel(neuron.weight * value**power, none, none2) for power in (1, 2)]
    if signal.signs:
        return [
            *forward,
            _Kernel(zeros, none, none2),
            _Kernel(zeros, none, none2, order=1),
            _Kernel(slope2, none, none2),
            _Kernel(absolute_slope, none, none2),
        ]

    centre, variance = g.first, signal.variance
    by_centre = np.stack([np.ones_like(value), value])  # d centre / d (M, p)
    delta_gradient = np.concatenate([slope * by_centre, zeros[None]])

    square_gradient = np.concatenate([2.0 * slope2 * centre * by_centre, slope2[None]])
    square_hessian = none2.copy()
    square_hessian[:2, :2] = 2.0 * slope2 * by_centre[:, None] * by_centre[None, :]

    folded_gradient, folded_hessian = none.copy(), none2.copy()
    if variance > 0.0:
        density = np.exp(-centre * centre / (2.0 * variance)) / math.sqrt(2.0 * math.pi * variance)
        folded_gradient[:2] = g.sign * by_centre
        folded_gradient[2] = density
        folded_hessian[:2, :2] = 2.0 * density * by_centre[:, None] * by_centre[None, :]
        folded_hessian[:2, 2] = folded_hessian[2, :2] = -density * centre / variance * by_centre
        folded_hessian[2, 2] = density * (centre * centre / variance - 1.0) / (2.0 * variance)
    return [
        *forward,
        _Kernel(slope * centre, delta_gradient, none2),
        _Kernel(slope * centre, delta_gradient, none2, order=1),
        _Kernel(slope2 * g.second, square_gradient, square_hessian),
        _Kernel(absolute_slope * g.absolute, absolute_slope * folded_gradient, absolute_slope * folded_hessian),
    ]


def _hermite(u: Array) -> Array:
    """He_0 ... He_5 at u."""
    rows = [np.ones_like(u), u]
    for order in range(1, 5):
        rows.append(u * rows[-1] - order * rows[-2])
    return np.stack(rows)


def _expectations(neuron: Neuron, kernels: list[_Kernel]) -> tuple[Array, Array, Array]:
    """Expectations of the kernels with first and second derivatives by the whole state."""
    hermite = _hermite(neuron.nodes.standardised)
    if neuron.variance == 0.0:
        hermite[1:] = 0.0  # a point mass: nothing depends on its width
    expectation, gradient, hessian = np.zeros(6), np.zeros((6, 5)), np.zeros((6, 5, 5))
    for row, kernel in enumerate(kernels):
        # order + 1 more He for each d/dm, two more and a half for each d/dq
        moments = (
            hermite[kernel.order :]
            @ np.concatenate([kernel.value[None], kernel.gradient, kernel.hessian.reshape(9, -1)]).T
        )
        by_g = moments[:, 1:4]
        expectation[row] = moments[0, 0]
        gradient[row, FORWARD] = moments[1, 0], moments[2, 0] / 2.0
        gradient[row, BACKWARD] = by_g[0]
        hessian[row, FORWARD, FORWARD] = [
            [moments[2, 0], moments[3, 0] / 2.0],
            [moments[3, 0] / 2.0, moments[4, 0] / 4.0],
        ]
        hessian[row, FORWARD, BACKWARD] = by_g[1], by_g[2] / 2.0
        hessian[row, BACKWARD, FORWARD] = hessian[row, FORWARD, BACKWARD].T
        hessian[row, BACKWARD, BACKWARD] = moments[0, 4:].reshape(3, 3)
    return expectation, gradient, hessian


def _second_moments(neuron: Neuron, value: Array, g: _SignalMoments) -> Array:
    """E of the products of the six averaged quantities of one neuron."""
    u = neuron.nodes.standardised
    weight1, weight2, weight3 = (neuron.slope_weight(power) for power in (1, 2, 3))
    weight4 = neuron.slope_weight(4)
    size1, size3, sign = neuron.absolute_slope_weight, np.abs(weight3), neuron.slope_sign
    products = {
        (VALUE, VALUE): neuron.weight * value**2,
        (VALUE, SQUARE): neuron.weight * value**3,
        (SQUARE, SQUARE): neuron.weight * value**4,
        (DELTA, DELTA): weight2 * g.second,
        (DELTA, TILT): weight2 * u * g.second,
        (DELTA, DELTA_SQUARE): weight3 * g.third,
        (DELTA, ABSOLUTE): weight2 * sign * g.signed_second,
        (TILT, TILT): weight2 * u * u * g.second,
        (TILT, DELTA_SQUARE): weight3 * u * g.third,
        (TILT, ABSOLUTE): weight2 * sign * u * g.signed_second,
        (DELTA_SQUARE, DELTA_SQUARE): weight4 * g.fourth,
        (DELTA_SQUARE, ABSOLUTE): size3 * g.absolute_third,
        (ABSOLUTE, ABSOLUTE): weight2 * g.second,
    }
    for power, forward in ((1, VALUE), (2, SQUARE)):
        products[forward, DELTA] = weight1 * value**power * g.first
        products[forward, TILT] = weight1 * value**power * u * g.first
        products[forward, DELTA_SQUARE] = weight2 * value**power * g.second
        products[forward, ABSOLUTE] = size1 * value**power * g.absolute
    moments = np.zeros((6, 6))
    for (row, column), product in products.items():
        moments[row, column] = moments[column, row] = product.sum()
    return moments


@dataclass(frozen=True, slots=True)
class _SignalMoments:
    """Moments of g given f(z)."""

    first: Array
    second: Array
    third: Array
    fourth: Array
    absolute: Array
    sign: Array
    """E sign g: the derivative of E |g| by its centre."""
    signed_second: Array
    """E g |g|."""
    absolute_third: Array


def _signal_moments(signal: Signal, value: Array) -> _SignalMoments:
    if signal.signs:
        zeros, ones = np.zeros_like(value), np.ones_like(value)
        return _SignalMoments(zeros, ones, zeros, ones, ones, zeros, zeros, ones)
    centre, variance = signal.mean + signal.pull * value, signal.variance
    second = centre**2 + variance
    third = centre**3 + 3.0 * centre * variance
    fourth = centre**4 + 6.0 * centre**2 * variance + 3.0 * variance**2
    if variance > 0.0:
        ratio = centre / math.sqrt(2.0 * variance)
        sign: Array = erf(ratio).astype(np.float64)
        bell = np.exp(-ratio * ratio) * math.sqrt(2.0 * variance / math.pi)
    else:
        sign, bell = np.sign(centre), np.zeros_like(centre)
    return _SignalMoments(
        first=centre,
        second=second,
        third=third,
        fourth=fourth,
        absolute=centre * sign + bell,
        sign=sign,
        signed_second=second * sign + centre * bell,
        absolute_third=third * sign + (second + variance) * bell,
    )


def _by_powers(neuron: Neuron, kernels: list[_Kernel], value: Array) -> Array:
    """(6, 3, 3): E of (d kernel / d backward state) times f, f^2 and f^3."""
    u = neuron.nodes.standardised
    powers = np.stack([value, value**2, value**3])
    return np.stack([(kernel.gradient * u**kernel.order) @ powers.T for kernel in kernels])
