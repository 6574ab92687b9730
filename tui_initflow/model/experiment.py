"""The settings of an experiment, checked when they are made. Loads no numpy."""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.distributions import Orthogonal
from tui_initflow.model.initialisers import EXPRESSION, INITIALISERS, Initialiser, Shape, initialiser
from tui_initflow.model.widths import EXAMPLE, parse_widths

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

REAL_LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "gain_a": (1e-3, 1e3),
        "gain_b": (1e-3, 1e3),
        "sigma_b": (0.0, 100.0),
    }
)
"""Smallest and largest value allowed for every setting that need not be whole."""

STARTS = ("ones", "signs")
"""How the backward signal may start: a vector of ones, as in the demo, or of random signs, drawn for every run."""

ORTHOGONAL_WEIGHTS = 1 << 22
"""Most weights of an orthogonal matrix, which has to be drawn as a whole: 16 MB, 2048 x 2048."""

RESULT_BYTES = 190_000_000
"""Most memory the gradients of all runs of both methods may take."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_REAL_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?")
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
    try:
        return _index(value)
    except TypeError:
        return None


def _index(value: object) -> int:
    """The whole number that this object is; TypeError where it is none, or a truth value."""
    if isinstance(value, bool):
        raise TypeError
    return operator.index(value)  # type: ignore[arg-type]


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


def check_real(field: str, value: object) -> float:
    """The number that `value`, a number or a text, stands for.

    Raises SettingError when it is none or lies outside the limits of `field`.
    """
    low, high = REAL_LIMITS[field]
    number = _real_number(value)
    if not low <= number <= high:
        raise SettingError(field, f"{_shown(value)} is not allowed", f"a number from {low:g} to {high:g}")
    return number


def _real_number(value: object) -> float:
    """NaN where it is none."""
    if isinstance(value, str):
        text = value.strip()
        return float(text) if _REAL_NUMBER.fullmatch(text) else math.nan
    if isinstance(value, (bool, bytes, bytearray)):
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _check_name(field: str, value: object, names: Iterable[str]) -> None:
    if value not in list(names):
        raise SettingError(field, f"{_shown(value)} is not known", f"one of {', '.join(names)}")


def _check_initialiser(field: str, value: object) -> None:
    try:
        initialiser(value if isinstance(value, str) else "")
    except ValueError:
        allowed = f"one of {', '.join(INITIALISERS)}, or {EXPRESSION}"
        raise SettingError(field, f"{_shown(value)} is not known", allowed) from None


def check_widths(value: object) -> tuple[int, ...]:
    """Features and the widths of all layers, from a sequence or from a text such as 784-512x20-10.

    Raises SettingError when it is neither, or a width lies outside the limits of features or neurons.
    """
    most_layers = LIMITS["layers"][1]
    (_, most_features), (_, most_neurons) = LIMITS["features"], LIMITS["neurons"]
    allowed = (
        f"FEATURES-WIDTH-…-WIDTH such as {EXAMPLE}: features 1 to {most_features}, then 1 to {most_layers} "
        f"widths from 1 to {most_neurons}"
    )
    try:
        parsed = parse_widths(value, most_layers) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
        features, *widths = (_index(width) for width in parsed[: most_layers + 2])
    except (TypeError, ValueError):
        raise SettingError("widths", f"{_shown(value)} is not allowed", allowed) from None
    fits = 1 <= features <= most_features and all(1 <= width <= most_neurons for width in widths)
    if not fits or not 1 <= len(widths) <= most_layers:
        raise SettingError("widths", f"{_shown(value)} is not allowed", allowed)
    return (features, *widths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A network of `layers` hidden layers of `neurons` neurons on `features` inputs, drawn by methods a and b.

    `widths`, where it is given, says more than these three: the features, then the neurons of each layer. The
    activation follows every layer, the last one too.
    `a` and `b` name initialisers or describe them, `gain_a` and `gain_b` multiply their weights. Biases are drawn
    from N(0, sigma_b^2). The backward signal starts as a vector of ones, or of random signs ("signs").
    `runs` networks are drawn by each method; all that is random follows from `seed`. A setting that is not allowed
    raises SettingError.
    """

    layers: int = 10
    neurons: int = 50
    features: int = 64
    widths: tuple[int, ...] | None = None
    activation: str = "tanh"
    a: str = "uniform"
    b: str = "normal"
    gain_a: float = 1.0
    gain_b: float = 1.0
    sigma_b: float = 0.0
    start: str = "ones"
    runs: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.widths is not None:
            features, *widths = check_widths(self.widths)
            self._set("widths", (features, *widths))
            self._set("features", features)
            self._set("layers", len(widths))
            self._set("neurons", max(widths))
        for field in LIMITS:
            # the checked number may be of another type than what was given, such as numpy's
            self._set(field, check(field, getattr(self, field)))
        for field in REAL_LIMITS:
            self._set(field, check_real(field, getattr(self, field)))
        _check_name("activation", self.activation, ACTIVATIONS)
        _check_name("start", self.start, STARTS)
        _check_initialiser("a", self.a)
        _check_initialiser("b", self.b)
        self._check_memory()

    def _set(self, field: str, value: object) -> None:
        object.__setattr__(self, field, value)

    def _check_memory(self) -> None:
        fit = RESULT_BYTES // (2 * 8 * (self.layers + 1))
        if self.runs > fit:
            depth = f"{self.layers} layers"
            raise SettingError("runs", f"{self.runs} do not fit in memory", f"at most {fit} with {depth}")
        largest = max(fan_out * fan_in for fan_out, fan_in in self.shapes)
        if largest > ORTHOGONAL_WEIGHTS:
            for field, each in zip("ab", self.initialisers, strict=True):
                if isinstance(each.distribution, Orthogonal):
                    allowed = f"at most {ORTHOGONAL_WEIGHTS} weights in a layer, here {largest}"
                    raise SettingError(field, "an orthogonal matrix this large does not fit in memory", allowed)

    def with_(self, **settings: Any) -> Experiment:
        """A copy with some settings changed; other layers or neurons end a list of widths."""
        if self.widths is not None and "widths" not in settings:
            if {"layers", "neurons"} & settings.keys():
                settings["widths"] = None
            elif "features" in settings:
                settings["widths"] = (check("features", settings["features"]), *self.widths[1:])
        return replace(self, **settings)

    @property
    def initialisers(self) -> tuple[Initialiser, Initialiser]:
        """Those of a and b, with their gains."""
        return initialiser(self.a).with_gain(self.gain_a), initialiser(self.b).with_gain(self.gain_b)

    @property
    def labels(self) -> tuple[str, str]:
        """Short names of both methods, told apart where they are the same."""
        first, second = self.initialisers
        if first.label == second.label:
            return f"{first.label} A", f"{second.label} B"
        return first.label, second.label

    @property
    def sizes(self) -> tuple[int, ...]:
        """Features, then the neurons of every layer: L+1 numbers."""
        return self.widths or (self.features, *[self.neurons] * self.layers)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """(fan_out, fan_in) of every layer's weights, l = 1..L."""
        return tuple((above, below) for below, above in itertools.pairwise(self.sizes))

    @property
    def weights_per_run(self) -> int:
        """Weights of one network; a run draws two, one by each method."""
        return sum(fan_out * fan_in for fan_out, fan_in in self.shapes)
