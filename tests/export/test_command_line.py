"""The command that reproduces an experiment."""

from __future__ import annotations

import shlex

from hypothesis import given

from tests.export.experiments import EXPERIMENTS
from tui_initflow.cli.options import experiment_of, parsers
from tui_initflow.export.command_line import command_line
from tui_initflow.model.experiment import Experiment


@given(EXPERIMENTS)
def test_the_command_is_read_as_the_same_experiment(experiment: Experiment) -> None:
    program, *words = shlex.split(command_line(experiment))
    assert program == "tui-initflow"
    assert experiment_of(parsers().app.parse_args(words)) == experiment
    assert shlex.split(command_line(experiment, "run")) == [program, "run", *words]


def test_the_command_leaves_out_the_defaults() -> None:
    assert command_line(Experiment(runs=20)) == "tui-initflow --runs 20"
    custom = Experiment(widths=(784, 512, 512, 10), a="he-normal", gain_b=1.5, runs=5, seed=7)
    expected = "tui-initflow run --widths 784-512x2-10 --a he-normal --gain-b 1.5 --runs 5 --seed 7"
    assert command_line(custom, "run") == expected
