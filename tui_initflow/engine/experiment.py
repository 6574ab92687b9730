"""The settings of an experiment, checked when they are made. Loads no numpy."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from tui_initflow.engine.activations import ACTIVATIONS
from tui_initflow.engine.initialisers import INITIALISERS, Shape

LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "layers": (1, 1000),
        "neurons": (1, 2048),
        "features": (1, 65536),
        "runs": (1, 100_000),
        "seed": (0, 2**63 - 1),
    }
)
"""Smallest and largest value allowed for every whole-number setting."""

RESULT_BYTES = 190_000_000
"""Most memory the gradients of all runs of both methods may take."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_MOST_ECHOED = 20


class SettingError(ValueError):
    """A value that is not allowed: of which setting (`field`), and what would be (`allowed`). One line as text."""

    def __init__(self, field: str, problem: str, allowed: str) -> None:
        super().__init__(f"{field}: {problem}; {allowed}")
        self.field = field
        self.allowed = allowed


def check(field: str, value: object) -> int:
    """The whole number that `value`, a number or a text, stands for.

    Raises SettingError when it is none or lies outside the limits of `field`.
    """
    low, high = LIMITS[field]
    allowed = f"a whole number from {low} to {high}"
    number = _whole_number(value)
    if number is None or not low <= number <= high:
        raise SettingError(field, f"{_shown(value)} is not allowed", allowed)
    return number


def _whole_number(value: object) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        return int(text) if _WHOLE_NUMBER.fullmatch(text) else None
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _shown(value: object) -> str:
    """The value in at most twenty printable characters."""
    # neither a text nor a number is written out in full first: either may be huge
    if isinstance(value, str):
        text = " ".join(value[: 4 * _MOST_ECHOED].split())
        if not text:
            return "an empty value"
        text = "".join(c if c.isprintable() else "?" for c in text)
        cut = len(text) > _MOST_ECHOED or len(value) > 4 * _MOST_ECHOED
    elif isinstance(value, int):
        text, cut = (str(value), False) if abs(value) < 10**18 else ("a number this large", False)
        if len(text) > _MOST_ECHOED:
            cut = True
    else:
        text = repr(value) if isinstance(value, (float, bool, type(None))) else type(value).__name__
        cut = len(text) > _MOST_ECHOED
    return text[: _MOST_ECHOED - 1] + "…" if cut else text


def _check_name(field: str, value: object, names: Iterable[str]) -> None:
    if value not in list(names):
        raise SettingError(field, f"{_shown(value)} is not known", f"one of {', '.join(names)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A network of `layers` hidden layers of `neurons` neurons on `features` inputs, drawn by methods a and b.

    `runs` networks are drawn by each method; all that is random follows from `seed`. A setting that is not allowed
    raises SettingError.
    """

    layers: int = 10
    neurons: int = 50
    features: int = 64
    activation: str = "tanh"
    a: str = "uniform"
    b: str = "normal"
    runs: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for field in LIMITS:
            # the checked number may be of another type than what was given, such as numpy's
            object.__setattr__(self, field, check(field, getattr(self, field)))
        _check_name("activation", self.activation, ACTIVATIONS)
        _check_name("a", self.a, INITIALISERS)
        _check_name("b", self.b, INITIALISERS)
        fit = RESULT_BYTES // (2 * 8 * (self.layers + 1))
        if self.runs > fit:
            depth = f"{self.layers} layers"
            raise SettingError("runs", f"{self.runs} do not fit in memory", f"at most {fit} with {depth}")

    def with_(self, **settings: Any) -> Experiment:
        """A copy with some settings changed."""
        return replace(self, **settings)

    @property
    def widths(self) -> tuple[int, ...]:
        """Neurons of every layer, the features first: L+1 numbers."""
        return (self.features, *[self.neurons] * self.layers)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """(fan_out, fan_in) of every layer's weights, l = 1..L."""
        widths = self.widths
        return tuple((widths[k + 1], widths[k]) for k in range(self.layers))

    @property
    def weights_per_run(self) -> int:
        """Weights of one network; a run draws two, one by each method."""
        return sum(fan_out * fan_in for fan_out, fan_in in self.shapes)
