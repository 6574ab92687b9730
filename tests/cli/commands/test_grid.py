"""The command `grid`: the phase chart's numbers for scripts."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import refused
from tests.conftest import Command
from tui_initflow import Experiment, simulate

NETWORK = ("--layers", "3", "--neurons", "5", "--features", "4")


def test_a_cell_is_a_run_of_its_settings(typed: Command) -> None:
    done = typed("grid", "--over", "neurons", *NETWORK, "--runs", "2", "--json")
    grid = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (grid["over"], grid["against"], grid["settings"]["runs"]) == ("neurons", "layers", 2)
    assert 5 in grid["neurons"]
    assert 3 in grid["layers"]
    column, row = 4, 5
    at = Experiment(layers=grid["layers"][row], neurons=grid["neurons"][column], features=4, runs=2)
    results = simulate(at)
    for side in ("a", "b"):
        rows = grid[side]["log10_final"]
        assert (len(rows), {len(row) for row in rows}) == (len(grid["layers"]), {len(grid["neurons"])})
        assert rows[row][column] == results.methods[side].log10_final.mean()
    assert grid["log10_ratio"][row][column] == pytest.approx(results.log10_ratio.mean())


def test_the_gain_is_that_of_both_methods(typed: Command) -> None:
    grid = json.loads(typed("grid", "--over", "gain", *NETWORK, "--runs", "1", "--json").stdout)
    gain = grid["gain"][0]
    results = simulate(Experiment(layers=grid["layers"][-1], neurons=5, features=4, gain_a=gain, gain_b=gain))
    assert grid["a"]["log10_final"][-1][0] == results.a.log10_final[0]
    assert grid["b"]["log10_final"][-1][0] == results.b.log10_final[0]


def test_more_runs_than_the_app_affords_are_done(typed: Command) -> None:
    standard = json.loads(typed("grid", "--over", "gain", *NETWORK, "--json").stdout)
    assert standard["settings"]["runs"] == 3
    assert (
        json.loads(typed("grid", "--over", "gain", *NETWORK, "--runs", "9", "--json").stdout)["settings"]["runs"] == 9
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", ("--over: required; must be one of gain, neurons",)),
        ("--over layers", ("--over: 'layers' is not allowed", "gain, neurons")),
        ("--over gain --against neurons", ("--against: 'neurons' is not allowed; must be one of layers",)),
        ("--over gain --widths 4-5x3", ("--widths: a list of widths has no depth to vary",)),
        ("--over gain --csv", ("unexpected option '--csv'",)),
    ],
)
def test_an_error_is_one_line_that_says_what_is_allowed(typed: Command, arguments: str, words: tuple[str, ...]) -> None:
    refused(typed("grid", *arguments.split()), *words)
