"""The table of formats: every command can write each of its formats, and a file name selects one."""

from __future__ import annotations

import pytest

from tests.checkpoints.samples import inspection
from tests.export.conftest import EXPERIMENT
from tests.story.played import briefly
from tui_initflow.engine.grid import compute_grid
from tui_initflow.engine.grid_plan import whole_grid
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.formats import DEFAULT, FORMATS, format_for, formats_of
from tui_initflow.export.listing import listing
from tui_initflow.export.plots import Terminal
from tui_initflow.findings.health import examine
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.training import TrainingSettings
from tui_initflow.story.outcome import Story
from tui_initflow.story.steps import STEPS
from tui_initflow.theory.outlook import outlook_of, theory_of
from tui_initflow.training.data import load_data
from tui_initflow.training.runs import train


@pytest.mark.slow
def test_every_result_can_be_written_in_every_format_of_its_command(results: Results, swept: SweepResult) -> None:
    written = {
        "run": results,
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
        assert (row.write is not None) == bool(row.commands)
        for command in row.commands:
            assert row.write is not None
            text = row.write(written[command], Terminal)
            assert text.endswith("\n")
            assert text.strip()


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
