"""Results that the tests of the formats share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tui_initflow.engine.results import MethodResult, Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import SweepResult, sweep
from tui_initflow.export.schemas import schema_of
from tui_initflow.export.schemas.vocabulary import Schema
from tui_initflow.model.experiment import Experiment

EXPERIMENT = Experiment(layers=4, neurons=9, features=6, runs=25, seed=3)


@pytest.fixture(scope="session")
def results() -> Results:
    return simulate(EXPERIMENT)


@pytest.fixture(scope="session")
def swept() -> SweepResult:
    return sweep(EXPERIMENT, "layers", [1, 5, 3])


def with_gradients(results: Results, a: float, b: float) -> Results:
    """The results with all final gradients replaced, log10."""

    def filled(method: MethodResult, value: float) -> MethodResult:
        gradient = method.log10_gradient.copy()
        gradient[:, 0] = value
        return MethodResult(method.name, gradient, method.statistics)

    return Results(results.experiment, filled(results.a, a), filled(results.b, b))


def parsed(text: str) -> Any:
    """Strict JSON, which has neither NaN nor Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def holding(text: str, name: str) -> Any:
    """The JSON in a text, once it has kept the contract of this name: types, limits, keys and their order."""
    document, schema = parsed(text), schema_of(name)
    faults = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document)]
    assert not faults, faults
    for written, described in _objects(document, schema):
        assert written == [key for key in described if key in written]
    return document


def _objects(value: Any, schema: Schema) -> Iterator[tuple[list[str], list[str]]]:
    """The keys of every object, as they are written and as they are described."""
    if isinstance(value, dict):
        yield list(value), list(schema["properties"])
        for key, part in value.items():
            yield from _objects(part, schema["properties"][key])
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part, schema["items"])
