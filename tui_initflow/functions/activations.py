"""The activation functions an experiment can use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.floating[Any]]], NDArray[np.floating[Any]]]


@cache
def _resolve(module: str, name: str) -> Function:
    function: Function = getattr(import_module(module), name)
    return function


@dataclass(frozen=True, slots=True)
class Activation:
    """An element-wise f and its derivative f', found in `module` as `name` and `name_derivative`.

    They are looked up on first use: an experiment can be described and checked without loading numpy.
    """

    name: str
    module: str

    @property
    def function(self) -> Function:
        """f(z), element by element, in the dtype of z."""
        return _resolve(self.module, self.name)

    @property
    def derivative(self) -> Function:
        """f'(z), element by element, in the dtype of z."""
        return _resolve(self.module, f"{self.name}_derivative")


_LIBRARY = "tui_initflow.functions.library"
_ALL = (
    Activation("tanh", "tui_initflow.functions.hyperbolic"),
    Activation("sigmoid", _LIBRARY),
    Activation("relu", _LIBRARY),
    Activation("leaky_relu", _LIBRARY),
    Activation("elu", _LIBRARY),
    Activation("selu", _LIBRARY),
    Activation("gelu", _LIBRARY),
    Activation("silu", _LIBRARY),
    Activation("softplus", _LIBRARY),
    Activation("softsign", _LIBRARY),
    Activation("identity", _LIBRARY),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({each.name: each for each in _ALL})
