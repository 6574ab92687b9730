"""One layer of the infinitely wide network: neurons whose pre-activation z is Normal(mean, variance)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tui_initflow.functions.activations import Activation
from tui_initflow.theory.quadrature import Array, GaussianNodes, gaussian_nodes

_TINY_VARIANCE = 1e-200
_HUGE_VARIANCE = 1e200
_LARGEST_EXPONENT = 700.0
_LOG_SMALLEST_SLOPE = -690.0


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
    curvature = np.asarray(activation.second_derivative(nodes.z), np.float64) * weight / unit
    mean_curvature, curvature_value = float(curvature.sum()), float(curvature @ value)
    for kink in kinks:
        if kink.jump and nodes.deviation:
            bend = kink.jump * nodes.density(kink.at) / unit
            mean_curvature += bend
            curvature_value += bend * float(activation.function(np.array([kink.at]))[0])
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
