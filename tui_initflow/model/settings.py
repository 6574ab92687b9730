"""What a setting is: its name on the screen and in a shell, what is allowed, and how it is read and written.

The settings themselves are the fields of `Experiment`, `Method` and `TrainingSettings`.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal

from tui_initflow.model.initialisers import EXPRESSION, INITIALISERS, initialiser
from tui_initflow.model.pair import Side, flat

MOST_CHARACTERS = 6000
EXAMPLE = "784-512x20-10"
_PART = re.compile(r"(?P<width>[0-9]{1,7})(?:x(?P<times>[0-9]{1,5}))?")


def parse_widths(text: str, most_layers: int) -> tuple[int, ...]:
    """The widths one by one, features first.

    Raises:
        ValueError: not a list of widths, or one of more than `most_layers` layers.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError("the list is too long")
    widths: list[int] = []
    for part in text.strip().split("-"):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part[:20]!r} is not a width")
        times = int(match["times"] or 1)
        if not times:
            raise ValueError("a repeat count must be at least 1")
        if len(widths) + times > most_layers + 1:
            raise ValueError(f"more than {most_layers} layers")
        widths += [int(match["width"])] * times
    return tuple(widths)


def widths_text(widths: Sequence[int]) -> str:
    """The shortest text for these widths; the features always stand alone."""
    parts = [str(widths[0])]
    for width, group in itertools.groupby(widths[1:]):
        times = len(list(group))
        parts.append(str(width) if times == 1 else f"{width}x{times}")
    return "-".join(parts)


CRITICAL = "critical"
"""Stands for the gain that theory puts on the edge of chaos for the activation."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_REAL_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?")
_MOST_ECHOED = 20


class SettingError(ValueError):
    """A value that is not allowed, for the setting `field`; `allowed` says what is. Its text is one line."""

    def __init__(self, field: str, problem: str, allowed: str) -> None:
        super().__init__(f"{field}: {problem}; {allowed}")
        self.field = field
        self.problem = problem
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[SettingError], tuple[str, str, str]]:
        # it comes out of other processes too, as itself
        return type(self), (self.field, self.problem, self.allowed)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    low: int
    high: int
    metavar: str = "N"

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.brief}"

    @property
    def brief(self) -> str:
        return f"{self.low} to {self.high}"

    def read(self, value: object) -> int:
        if isinstance(value, str):
            text = value.strip()
            if not _WHOLE_NUMBER.fullmatch(text):
                raise ValueError
            number = int(text)
        else:
            number = _index(value)
        if not self.low <= number <= self.high:
            raise ValueError
        return number

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Real:
    """A number. One of `words` may stand for it in an option or a form, which is then computed."""

    low: float
    high: float
    words: tuple[str, ...] = ()
    metavar: str = "X"

    @property
    def allowed(self) -> str:
        return f"a number from {self.brief}"

    @property
    def brief(self) -> str:
        return f"{self.low:g} to {self.high:g}"

    def read(self, value: object) -> float:
        if isinstance(value, str):
            text = value.strip()
            number = float(text) if _REAL_NUMBER.fullmatch(text) else math.nan
        elif isinstance(value, (bool, bytes, bytearray)):
            number = math.nan
        else:
            try:
                number = float(value)  # type: ignore[arg-type]
            except (TypeError, OverflowError):
                number = math.nan
        if not self.low <= number <= self.high:
            raise ValueError
        return number

    def write(self, value: float) -> str:
        return repr(value).removesuffix(".0")


@dataclass(frozen=True, slots=True)
class RealOrWord:
    """A number, or one of `words`, which are kept as words because what they stand for depends on other settings."""

    number: Real
    words: tuple[str, ...]
    metavar: str = "X"

    @property
    def allowed(self) -> str:
        return f"a number from {self.brief}"

    @property
    def brief(self) -> str:
        return f"{self.number.brief}, or {' or '.join(self.words)}"

    def read(self, value: object) -> float | str:
        if isinstance(value, str) and value.strip() in self.words:
            return value.strip()
        return self.number.read(value)

    def write(self, value: float | str) -> str:
        return value if isinstance(value, str) else self.number.write(value)


@dataclass(frozen=True, slots=True)
class Name:
    """One of a list of names."""

    names: tuple[str, ...]
    metavar: str = "NAME"

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.names)}"

    @property
    def brief(self) -> str:
        *others, last = self.names
        return f"{', '.join(others)} or {last}" if others else last

    def read(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise ValueError
        return value

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class InitialiserName:
    """The name of an initialiser, or an expression such as normal:2/fan_in."""

    metavar: str = "NAME"

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(INITIALISERS)}, or {EXPRESSION}"

    @property
    def brief(self) -> str:
        return "an initialiser"

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError
        return initialiser(value).name

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class Widths:
    """Features and the neurons of each layer, from a sequence or from a text such as 784-512x20-10."""

    layers: Whole
    neurons: Whole
    features: Whole
    metavar: str = "LIST"

    @property
    def allowed(self) -> str:
        return (
            f"FEATURES-WIDTH-…-WIDTH such as {EXAMPLE}: features 1 to {self.features.high}, then 1 to "
            f"{self.layers.high} widths from 1 to {self.neurons.high}"
        )

    @property
    def brief(self) -> str:
        return f"such as {EXAMPLE}; empty: Layers of Neurons on Features"

    def read(self, value: object) -> tuple[int, ...]:
        most = self.layers.high
        sizes: Sequence[object]
        try:
            sizes = parse_widths(value, most) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
        except TypeError:
            raise ValueError from None
        # one more than allowed is enough to refuse the list
        features, *widths = (_index(width) for width in sizes[: most + 2])
        if not 1 <= len(widths) <= most:
            raise ValueError
        return (self.features.read(features), *(self.neurons.read(width) for width in widths))

    def write(self, value: tuple[int, ...]) -> str:
        return widths_text(value)


@dataclass(frozen=True, slots=True)
class NameOrFile:
    """One of a list of names, or the path of a file whose name ends in one of `suffixes`."""

    names: tuple[str, ...]
    suffixes: tuple[str, ...]
    metavar: str = "NAME"

    @property
    def allowed(self) -> str:
        return f"{', '.join(self.names)}, or a file {' or '.join(self.suffixes)}"

    @property
    def brief(self) -> str:
        return self.allowed

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not (value in self.names or value.lower().endswith(self.suffixes)):
            raise ValueError
        return value

    def write(self, value: str) -> str:
        return value


Kind = Whole | Real | RealOrWord | Name | NameOrFile | InitialiserName | Widths
"""What a setting may be.

`read` takes a value or a text and raises ValueError if it is not allowed; `write` gives a text that `read`
understands. `allowed` says in a clause what is, for errors and help, `brief` in as few words as possible; `metavar`
stands for a value in the help.
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of an experiment, of one of its methods, or of its training; `field` is what it is there.

    `label` names it on the screen, `meaning` explains it in a few words. Where the app asks for it: "field", an input
    field; "list", a chooser; "form", a line of the form under `n`. JSON always has the demo's settings, others if
    they differ from the default; so do files and reports with a setting that is `left_out`.
    """

    name: str
    field: str
    default: Any
    kind: Kind
    label: str
    meaning: str
    place: Literal["field", "list", "form"]
    in_demo: bool
    left_out: bool
    side: Side | None = None
    """The method whose setting it is, if it is one of a method."""

    def of_method(self, side: Side, default: Any) -> Setting:
        """This setting of a method, as one of an experiment; label and meaning then name the method."""
        label, meaning = (text.format(side=side, SIDE=side.upper()) for text in (self.label, self.meaning))
        return replace(self, name=flat(self.name, side), default=default, label=label, meaning=meaning, side=side)

    def of(self, owner: object) -> Any:
        """Its value in an experiment, or in settings of training."""
        return getattr(owner if self.side is None else getattr(owner, self.side), self.field)

    @property
    def hint(self) -> str:
        """What may be typed into a line of the app's form."""
        words = "".join(f", or {word}" for word in self.kind.words) if isinstance(self.kind, Real) else ""
        return self.kind.brief + words

    def text(self, value: Any) -> str:
        """The value as a line of the form shows it; empty for None."""
        return "" if value is None else self.kind.write(value)

    def is_written(self, value: Any) -> bool:
        """Whether files and reports have the setting at this value."""
        return not self.left_out or bool(value != self.default)

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return f"--{self.name.replace('_', '-')}"

    def check(self, value: object) -> Any:
        """The value of the setting, given it or a text for it.

        Raises:
            SettingError: it is not allowed.
        """
        try:
            return self.kind.read(value)
        except ValueError:
            problem = "is not known" if isinstance(self.kind, (Name, InitialiserName)) else "is not allowed"
            raise SettingError(self.name, f"{_echo(value)} {problem}", self.kind.allowed) from None


def setting(
    default: Any,
    kind: Kind,
    label: str,
    meaning: str,
    place: Literal["field", "list", "form"] = "form",
    *,
    in_demo: bool = False,
    left_out: bool = False,
) -> Any:
    """A field of `Experiment`, `Method` or `TrainingSettings`; the arguments are those of `Setting`."""
    shown = {"label": label, "meaning": meaning, "place": place, "in_demo": in_demo}
    return field(default=default, metadata={"kind": kind, "left_out": left_out, **shown})


def settings_of(owner: type) -> Mapping[str, Setting]:
    """The settings that this dataclass is made of, by name, in the order of its fields."""
    return MappingProxyType(
        {of.name: Setting(of.name, of.name, of.default, **of.metadata) for of in fields(owner) if of.metadata}
    )


def _index(value: object) -> int:
    """The object as an int; ValueError if it is not a whole number, or a bool."""
    if isinstance(value, bool):
        raise ValueError
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError from None


def _echo(value: object) -> str:
    """The value in at most twenty printable characters."""
    # neither a text nor a number is written out in full first: either may be huge
    cut = isinstance(value, str) and len(value) > 4 * _MOST_ECHOED
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else "?" for c in " ".join(value[: 4 * _MOST_ECHOED].split()))
        if not text:
            return "an empty value"
    elif isinstance(value, int):
        text = str(value) if abs(value) < 10**18 else "a number this large"
    else:
        text = repr(value) if isinstance(value, (float, type(None))) else type(value).__name__
    return text[: _MOST_ECHOED - 1] + "…" if cut or len(text) > _MOST_ECHOED else text
