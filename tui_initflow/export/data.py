"""Values as JSON, lines of JSON and CSV.

Magnitudes are log10 everywhere, so that nothing under- or overflows. JSON has no infinity: a gradient that is exactly
zero (log10 is -inf), and an interval that a single run does not have, are null. `schemas` has the contract.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from tui_initflow import __version__
from tui_initflow.findings.intervals import Floats, Interval, Share
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import GLOROT

Number = float | None
Json = Mapping[str, "Json"] | Sequence["Json"] | Iterator["Json"] | str | int | Number

TOGETHER = 1 << 10
"""Items of an iterator whose text is put together before that of all of them."""


def to_json(values: Mapping[str, Json]) -> str:
    """An object on one line, behind the versions. What an iterator gives is written as it comes.

    All of it as objects would take much memory: a checkpoint may have a million tensors.
    """
    parts = ["{"]
    for name, value in {"version": __version__, "numpy": np.__version__, **values}.items():
        parts.append(f"{', ' * (len(parts) > 1)}{json.dumps(name)}: ")
        parts += _streamed(value) if isinstance(value, Iterator) else [_written(value)]
    # at once: it is as large as all of them
    return "".join((*parts, "}\n"))


def _streamed(items: Iterator[Json]) -> Iterator[str]:
    separator = "["
    while rows := ", ".join(map(_written, islice(items, TOGETHER))):
        yield separator
        yield rows
        separator = ", "
    yield "]" if separator == ", " else "[]"


def _written(value: Json) -> str:
    return json.dumps(value, allow_nan=False)


def to_json_lines(rows: Iterable[Mapping[str, Json]]) -> str:
    """An object on each line."""
    return "".join(f"{_written(row)}\n" for row in rows)


def to_csv(rows: Iterable[Iterable[object]]) -> str:
    """A tidy table whose first row is its header. What does not exist is left empty."""
    # loaded here because JSON does without
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def finite(value: float | None) -> Number:
    """The value, or None where JSON has no number for it."""
    return value if value is not None and math.isfinite(value) else None


def numbers(values: Floats) -> list[Number]:
    return [finite(value) for value in values.tolist()]


def columns(record: object, *names: str) -> dict[str, list[Number]]:
    """Arrays of a record, by the names that they have there."""
    return {name: numbers(getattr(record, name)) for name in names}


def ends(interval: Interval | None) -> list[Number] | None:
    return None if interval is None else [finite(interval.low), finite(interval.high)]


def share(of: Share) -> dict[str, Json]:
    return {"share": of.value, "ci95": ends(of.interval)}


def settings_of(experiment: Experiment, *left_out: str) -> dict[str, Json]:
    """The settings that reproduce the numbers: the demo's, then any others that are not the default.

    `scale` is "glorot" where both methods share that scale, sqrt(2 / (fan_in + fan_out)), and null otherwise.
    """
    shared = all(method.initialiser.rule == GLOROT for method in experiment.methods)
    demo: dict[str, Json] = {}
    others: dict[str, Json] = {}
    for name, setting in SETTINGS.items():
        value = setting.of(experiment)
        if name == "a":
            demo["scale"] = "glorot" if shared else None
        if name in left_out:
            continue
        if setting.in_demo:
            demo[name] = value
        elif value != setting.default:
            others[name] = value
    return {**demo, **others}
