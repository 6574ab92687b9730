"""From a gradient to an update of the parameters: optimisers as PyTorch's defaults define them.

Each is a pure function of the parameters theta, their gradient g, the moments so far, the learning rate and the number
of the step from 1 on; all arrays are (networks, parameters), the rate (networks, 1). To add one, add a row below.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tui_initflow.engine.streams import Floats32
from tui_initflow.model.training import OptimiserName

MOMENTUM = 0.9
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
WEIGHT_DECAY = 0.01

Moments = tuple[Floats32, ...]
Update = tuple[Floats32, Moments]
"""What is added to theta, and the new moments."""


def sgd(theta: Floats32, g: Floats32, moments: Moments, rate: Floats32, step: int) -> Update:
    return g * -rate, ()


def momentum(theta: Floats32, g: Floats32, moments: Moments, rate: Floats32, step: int) -> Update:
    """v = 0.9 v + g; Polyak 1964, in the form that PyTorch gives it."""
    (v,) = moments
    v = v * np.float32(MOMENTUM)
    v += g
    return v * -rate, (v,)


def adam(theta: Floats32, g: Floats32, moments: Moments, rate: Floats32, step: int) -> Update:
    """m and v are means of g and g^2 over some steps, divided by 1 - beta^step because they started at 0.

    Kingma & Ba 2015, arXiv 1412.6980.
    """
    m, v = moments
    m = m * np.float32(BETA_1)
    m += g * np.float32(1 - BETA_1)
    v = v * np.float32(BETA_2)
    squared = g * g
    squared *= np.float32(1 - BETA_2)
    v += squared
    root = np.sqrt(v, out=squared)
    root *= np.float32(1 / math.sqrt(1 - BETA_2**step))
    root += np.float32(EPSILON)
    update = np.divide(m, root, out=root)
    update *= rate * np.float32(-1 / (1 - BETA_1**step))
    return update, (m, v)


def adamw(theta: Floats32, g: Floats32, moments: Moments, rate: Floats32, step: int) -> Update:
    """Adam, and a share of the weights taken off besides; Loshchilov & Hutter 2019, arXiv 1711.05101."""
    update, moments = adam(theta, g, moments, rate, step)
    update -= theta * (rate * np.float32(WEIGHT_DECAY))
    return update, moments


@dataclass(frozen=True, slots=True)
class Optimiser:
    """`moments` arrays are kept between the steps; `rates` are the learning rates tried, rising."""

    update: Callable[[Floats32, Floats32, Moments, Floats32, int], Update]
    moments: int
    rates: tuple[float, ...]

    def start(self, theta: Floats32) -> Moments:
        return tuple(np.zeros_like(theta) for _ in range(self.moments))


OPTIMISERS: Mapping[OptimiserName, Optimiser] = MappingProxyType(
    {
        "sgd": Optimiser(sgd, 0, (0.01, 0.03, 0.1, 0.3, 1.0)),
        "momentum": Optimiser(momentum, 1, (0.001, 0.003, 0.01, 0.03, 0.1)),
        "adam": Optimiser(adam, 2, (0.0001, 0.0003, 0.001, 0.003, 0.01)),
        "adamw": Optimiser(adamw, 2, (0.0001, 0.0003, 0.001, 0.003, 0.01)),
    }
)
