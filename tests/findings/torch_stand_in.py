"""As much of PyTorch as the copied module uses, in numpy: its forward pass runs without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.functions.activations import ACTIVATIONS

Floats = NDArray[np.float64]


class Parameter:
    """A weight or a bias: its values, and whose draw it is noted on."""

    def __init__(self, layer: Linear, *shape: int) -> None:
        self.layer, self.shape, self.values = layer, shape, np.zeros(shape)

    def size(self, axis: int) -> int:
        return self.shape[axis]


class Linear:
    def __init__(self, below: int, above: int, bias: bool) -> None:
        self.drawn: list[str] = []
        self.weight, self.bias, self.has_bias = Parameter(self, above, below), Parameter(self, above), bias

    def __call__(self, a: Floats) -> Floats:
        product: Floats = a @ self.weight.values.T
        return product + self.bias.values if self.has_bias else product


class Module:
    layers: list[Linear]


def module_list(layers: Iterable[Linear]) -> list[Linear]:
    return list(layers)


def normal_(parameter: Parameter, std: float) -> None:
    parameter.layer.drawn.append("normal" if len(parameter.shape) == 2 else f"bias {std:g}")


def xavier_normal_(parameter: Parameter, gain: float) -> None:
    normal_(parameter, gain)


def layer_norm(h: Floats, shape: tuple[int, ...], eps: float = 1e-5) -> Floats:
    return rms_norm(h - h.mean(axis=-1, keepdims=True), shape, eps)


def rms_norm(h: Floats, shape: tuple[int, ...], eps: float) -> Floats:
    assert shape == h.shape[-1:]
    normalised: Floats = h / np.sqrt(np.mean(h**2, axis=-1, keepdims=True) + eps)
    return normalised


def batch_norm(h: Floats, mean: None, variance: None, training: bool, eps: float = 1e-5) -> Floats:
    assert training
    assert mean is variance is None
    normalised: Floats = (h - h.mean(axis=0)) / np.sqrt(h.var(axis=0) + eps)
    return normalised


def _function(name: str) -> Callable[[Floats], Any]:
    return ACTIVATIONS[name].function


tanh, sigmoid, relu = _function("tanh"), _function("sigmoid"), _function("relu")
nn = SimpleNamespace(
    Module=Module,
    ModuleList=module_list,
    Linear=Linear,
    Identity=lambda: _function("identity"),
    init=SimpleNamespace(normal_=normal_, xavier_normal_=xavier_normal_),
    functional=SimpleNamespace(
        layer_norm=layer_norm,
        rms_norm=rms_norm,
        batch_norm=batch_norm,
        **{name: _function(name) for name in ("leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign")},
    ),
)
