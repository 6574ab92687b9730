"""The table of formats: every command can write each of its formats, and a file name selects one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest

from tests.checkpoints.samples import inspection
from tests.export.conftest import EXPERIMENT
from tests.story.played import briefly
from tui_initflow import export
from tui_initflow.cli.commands.train import MAP_FORMATS
from tui_initflow.engine.grid import compute_grid, whole_grid
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.formats import DEFAULT, FORMATS, format_for, formats_of
from tui_initflow.export.render import Terminal
from tui_initflow.findings.health import examine
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.lab import Findings, listing
from tui_initflow.model.training import TrainingSettings
from tui_initflow.story.outcome import Story
from tui_initflow.story.steps import STEPS
from tui_initflow.theory.outlook import outlook_of, theory_of
from tui_initflow.training.data import load_data
from tui_initflow.training.runs import train

ASKED_BESIDES = {"map", "compare"}
"""Results of options of a command."""


@pytest.mark.slow
def test_every_result_can_be_written_in_every_format_of_its_command(results: Results, swept: SweepResult) -> None:
    written = {
        "run": Findings(results),
        "sweep": swept,
        "grid": compute_grid(whole_grid(EXPERIMENT, ("gain", "layers"), 4, 4)),
        "theory": theory_of(EXPERIMENT, TRAINABLE),
        "check": examine(results, TRAINABLE, outlook_of(results.experiment, "a", TRAINABLE)),
        "train": train(EXPERIMENT, TrainingSettings(steps=2), load_data("digits")),
        "inspect": inspection(),
        "story": Story((briefly(STEPS[0]), briefly(STEPS[-1]))),
        "code": (EXPERIMENT.network, EXPERIMENT.methods["b"]),
        "list": listing(),
    }
    for row in FORMATS.values():
        for command in row.commands:
            text = row.write(command, written[command], Terminal)
            assert text.endswith("\n")
            assert text.strip()


@pytest.mark.parametrize("command", sorted({command for row in FORMATS.values() for command in row.commands}))
def test_a_result_has_the_formats_that_its_file_tells(command: str) -> None:
    assert told_by(command) == {row.name for row in formats_of(command)}


def test_what_is_asked_of_a_command_besides_has_some_of_its_formats() -> None:
    assert told_by("map") == set(MAP_FORMATS) < {row.name for row in formats_of("train")}
    # inspect of two files refuses the one that is missing
    assert told_by("compare") == {row.name for row in formats_of("inspect")} - {"plot"}


def test_a_file_that_tells_a_result_is_that_of_a_command() -> None:
    telling = {module.name for module in iter_modules(export.__path__) if told_by(module.name)}
    assert telling == {command for row in FORMATS.values() for command in row.commands} | ASKED_BESIDES


def told_by(kind: str) -> set[str]:
    """The formats whose function a file of the room defines."""
    module = import_module(f"tui_initflow.export.{kind}")
    return {row.name for row in FORMATS.values() if row.told_by and hasattr(module, row.told_by)}


def test_every_command_has_the_default_or_one_format_only() -> None:
    for command in {command for row in FORMATS.values() for command in row.commands}:
        assert DEFAULT in formats_of(command) or len(formats_of(command)) == 1


def test_the_longest_extension_selects_then_the_first_in_the_table() -> None:
    every = tuple(FORMATS.values())
    for name, expected in {
        "x.json": "json",
        "X.JSON": "json",
        "x.csv": "csv",
        "x.runs.csv": "csv-runs",
        "x.txt": "plot",
        "x.screen.txt": "screen",
        "x.svg": "picture",
    }.items():
        assert format_for(name, every) is FORMATS[expected]
    assert format_for("x.txt", formats_of("list")) is FORMATS["text"]
    assert format_for("x", every) is None
    assert format_for("x.pdf", every) is None
