"""The contract of JSON: every schema is one, says what each key means, and holds for outputs of every kind."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.checkpoints.samples import inspection, measured, tensor
from tests.export.conftest import EXPERIMENT, holding, with_gradients
from tests.export.writing import to_json, to_json_lines
from tests.training.samples import BLOCKS, TRAININGS, named, training, with_blocks
from tui_initflow.checkpoints.changes import changes
from tui_initflow.checkpoints.tensors import Checkpoint
from tui_initflow.engine.grid import GridResult, compute_grid, whole_grid
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import SweepPoint, SweepResult, sweep
from tui_initflow.export.formats import FORMATS
from tui_initflow.export.schemas import NAMES, schema_of
from tui_initflow.export.schemas.vocabulary import Schema
from tui_initflow.findings.health import Health, examine
from tui_initflow.findings.inspection import Movement, judged
from tui_initflow.findings.learning import TrainedMap
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.lab import listing
from tui_initflow.lab.readings import STOPPED, inspect
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.number_formats import NUMBER_FORMATS
from tui_initflow.model.training import BUILT_IN_DATA, OPTIMISERS, TrainingSettings
from tui_initflow.theory.outlook import outlook_of, theory_of
from tui_initflow.training.data import load_data
from tui_initflow.training.results import TrainingResult
from tui_initflow.training.trainability import trainability_map

SMALL = Experiment(layers=3, neurons=5, features=4, runs=2)
SIGNS = Experiment(
    widths=(4, 6, 3), a="normal:2/fan_in", gain_b=0.5, sigma_b=0.1, start="signs", runs=2, seed=2**63 - 1
)
VANISHING = Experiment(layers=20, neurons=2, features=2, gain_a=1e-3, activation="relu", sampler="explicit")
SETTINGS_OF_ALL_KINDS = {
    "one run": SMALL.with_(runs=1),
    "widths": SIGNS,
    "zeros": VANISHING,
    "implicit": SMALL.with_(sampler="implicit", a="orthogonal"),
    **{f"block {named(block)}": with_blocks(SMALL.with_(batch=4), block) for block in BLOCKS},
    **{f"format {name}": SMALL.with_(format=name, gain_a=0.1) for name in NUMBER_FORMATS},
    **{f"initialiser {name}": SMALL.with_(a=name) for name in INITIALISERS},
    **{f"activation {name}": SMALL.with_(activation=name) for name in ACTIVATIONS},
}


def examined(results: Results, training: TrainingResult | None = None) -> Health:
    return examine(results, TRAINABLE, outlook_of(results.experiment, "a", TRAINABLE), training)


def parts(schema: Schema, key: str = "") -> Iterator[tuple[str, Schema]]:
    """A schema and all that it is made of, with the keys that lead there."""
    yield key, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(part, f"{key}.{name}")
    if "items" in schema:
        yield from parts(schema["items"], f"{key}[]")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_says_what_every_key_means(name: str) -> None:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    for key, part in parts(schema):
        if key and not key.endswith("[]"):
            assert part["description"], key
            assert part["description"].count("\n") == 0
        if "properties" in part:
            assert part["additionalProperties"] is False, key


def test_every_command_with_json_has_a_schema() -> None:
    for name, suffix in (("json", ""), ("jsonl", "-line")):
        assert {f"{command}{suffix}" for command in FORMATS[name].commands} <= set(NAMES)


def test_a_schema_refuses_a_key_that_it_lacks_and_misses_one_that_it_has(results: Results) -> None:
    document = holding(to_json(results), "run")
    validator = Draft202012Validator(schema_of("run"))
    for broken in ({**document, "more": 1}, {key: part for key, part in document.items() if key != "comparison"}):
        with pytest.raises(ValidationError):
            validator.validate(broken)
    document["a"]["log10_gradient"]["p50"] = []
    with pytest.raises(ValidationError, match="p50"):
        validator.validate(document)


@pytest.mark.parametrize("kind", SETTINGS_OF_ALL_KINDS)
def test_runs_of_all_settings(kind: str) -> None:
    experiment = SETTINGS_OF_ALL_KINDS[kind]
    results = simulate(experiment)
    document = holding(to_json(results), "run")
    for name in SETTINGS:
        assert document["settings"].get(name, SETTINGS[name].default) == json.loads(
            json.dumps(SETTINGS[name].of(experiment))
        )
    for line in to_json_lines(results).splitlines():
        holding(line, "run-line")


@pytest.mark.parametrize(
    "kind",
    [
        "widths",
        "zeros",
        "block residual",
        "format fp16",
        "initialiser rand",
        pytest.param("block batch", marks=pytest.mark.slow),
    ],
)
def test_theory_and_checks(kind: str) -> None:
    experiment = SETTINGS_OF_ALL_KINDS[kind]
    holding(to_json(theory_of(experiment, TRAINABLE)), "theory")
    assert ("format" in holding(to_json(examined(simulate(experiment))), "check")) == (kind == "format fp16")


def test_runs_without_a_gradient_and_stopped_ones(results: Results) -> None:
    for a, b in ((-math.inf, 0.5), (-math.inf, -math.inf)):
        document = holding(to_json(with_gradients(results, a, b)), "run")
        assert document["comparison"]["log10_ratio"]["mean"] is None
        holding(to_json_lines(with_gradients(results, a, b)).splitlines()[0], "run-line")
    holding(to_json(examined(with_gradients(results, -math.inf, 0.0))), "check")
    holding(to_json(Results(EXPERIMENT.with_(runs=1000), results.a, results.b)), "run")


def test_sweeps_and_grids(swept: SweepResult) -> None:
    for result in (swept, SweepResult(EXPERIMENT, "layers", (SweepPoint(1, np.array([-math.inf, math.nan])),))):
        holding(to_json(result), "sweep")
    holding(to_json(sweep(SMALL.with_(format="fp16"), "neurons", [1, 300])), "sweep")
    for over in ("gain", "neurons"):
        plan = whole_grid(SMALL, (over, "layers"), 3, 2)
        holding(to_json(compute_grid(plan)), "grid")
        assert holding(to_json(GridResult.empty(plan)), "grid")["log10_ratio"] == [[None] * 3] * 2


@pytest.mark.parametrize("name", TRAININGS)
def test_trainings(name: str) -> None:
    result = training(name)
    holding(to_json(result), "train")
    for line in to_json_lines(result).splitlines():
        holding(line, "train-line")
    experiment = result.experiment.with_(runs=2)
    health = examined(simulate(experiment), result)
    assert "training" in holding(to_json(health), "check")


def test_the_settings_of_a_training_are_described() -> None:
    described = schema_of("train")["properties"]["settings"]["properties"]
    assert described["optimizer"]["enum"] == list(OPTIMISERS)
    for data in BUILT_IN_DATA:
        Draft202012Validator(described["data"]).validate(data)
    for rate in (0.1, "best"):
        Draft202012Validator(described["lr"]).validate(rate)
    assert not Draft202012Validator(described["lr"]).is_valid("worst")


def test_maps_whole_and_stopped() -> None:
    settings, stopped = TrainingSettings(steps=2, batch_size=8), threading.Event()
    stopped.set()
    for cancel in (None, stopped):
        trained = trainability_map(
            SMALL, "a", settings, load_data("digits"), depths=(1, 2), gains=(0.5, 1.0), cancel=cancel
        )
        holding(to_json(TrainedMap(SMALL, settings, trained, (0.7, math.inf))), "train-map")


def test_checkpoints_with_and_without_a_chain() -> None:
    assert holding(to_json(inspection()), "inspect")["chain"] is not None
    arrays: dict[str, Any] = {
        "fc1.weight": np.full((3, 4), np.nan),
        "fc2.weight": np.zeros((5, 7), np.float16),
        "embed.weight": np.ones((40, 40)),
        "norm.weight": np.ones(6),
        "steps": np.array(7),
        "empty": np.zeros((0, 3)),
    }
    tensors = judged(tuple(measured(**arrays).values()), "relu")
    for no_chain in ("no weights fit together", STOPPED):
        found = replace(inspection(), tensors=tensors, propagated=None, no_chain=no_chain, theory=None, layers=None)
        assert holding(to_json(found), "inspect")["chain"] is None
    # too wide for fresh draws and theory
    wide = Checkpoint("wide", (tensor("fc.weight", np.ones((2, 70_000), np.float32)),))
    document = holding(to_json(inspect(wide, Experiment(runs=2), TRAINABLE, threading.Event())), "inspect")
    assert (document["chain"]["b"], document["chain"]["theory"]) == (None, None)
    assert document["chain"]["note"]


def test_two_checkpoints() -> None:
    w = np.random.default_rng(0).normal(size=(6, 5))
    before = {"fc.weight": w, "zero": np.zeros((2, 2)), "nan": np.full((2, 2), np.nan), "gone": w, "turned": w}
    after = {"fc.weight": w + 0.1, "zero": np.ones((2, 2)), "nan": np.ones((2, 2)), "new": w, "turned": w.T}
    files = [
        Checkpoint(name, tuple(tensor(*item) for item in of.items())) for name, of in (("a", before), ("b", after))
    ]
    document = holding(to_json(Movement("a", "b", changes(*files))), "inspect-two")
    assert (document["only_before"], document["only_after"], document["other_shape"]) == (["gone"], ["new"], ["turned"])


def test_the_registries() -> None:
    document = holding(to_json(listing()), "list")
    assert [one["name"] for one in document["initialisers"]] == list(INITIALISERS)
