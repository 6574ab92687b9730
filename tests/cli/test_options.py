"""Options: what becomes of the lab's, without starting the command."""

from __future__ import annotations

import math

import pytest

from tui_initflow import Experiment
from tui_initflow.cli.failure import Failure
from tui_initflow.cli.options import experiment_of, parsers


def experiment(*arguments: str) -> Experiment:
    return experiment_of(parsers().app.parse_args(arguments))


def test_every_option_of_the_lab_arrives() -> None:
    words = (
        "--widths 12-9x2-4 --a normal:2/fan_in --b orthogonal --gain-a 1.5 --gain-b 0.5 --sigma-b 0.1 "
        "--start signs --activation gelu --runs 7 --seed 3"
    )
    assert experiment(*words.split()) == Experiment(
        widths=(12, 9, 9, 4),
        a="normal:2/fan_in",
        b="orthogonal",
        gain_a=1.5,
        gain_b=0.5,
        sigma_b=0.1,
        start="signs",
        activation="gelu",
        runs=7,
        seed=3,
    )


def test_what_is_not_given_is_the_default() -> None:
    assert experiment("--runs", "1") == Experiment()


@pytest.mark.parametrize(
    ("arguments", "gains"),
    [
        (["--gain-a", "critical"], (math.sqrt(3), 1.0)),
        (["--gain-a", "critical", "--gain-b", "critical", "--b", "he-normal"], (math.sqrt(3), math.sqrt(0.5))),
        (["--gain-b", "critical", "--gain-a", "2", "--activation", "relu", "--b", "orthogonal"], (2, math.sqrt(2))),
        (["--gain-a", "critical", "--activation", "identity", "--a", "lecun-uniform"], (1.0, 1.0)),
    ],
)
def test_critical_gains_are_those_of_the_method(arguments: list[str], gains: tuple[float, float]) -> None:
    found = experiment(*arguments)
    assert (found.gain_a, found.gain_b) == pytest.approx(gains, rel=1e-6)


@pytest.mark.parametrize("option", ["layers", "neurons", "features"])
def test_widths_go_with_no_other_size(option: str) -> None:
    with pytest.raises(Failure, match=f"--widths: .* leave out --{option}"):
        experiment("--widths", "5-4", f"--{option}", "3")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--gain-b", "critical", "--b", "rand"], "--gain-b: rand has no critical gain"),
        (["--widths", "4096-2048", "--a", "orthogonal"], "--a: an orthogonal matrix this large"),
        (["--layers", "1000", "--runs", "100000"], "--runs: "),
    ],
)
def test_settings_that_do_not_go_together_are_told_by_option(arguments: list[str], line: str) -> None:
    with pytest.raises(Failure) as caught:
        experiment(*arguments)
    assert str(caught.value).startswith(line)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--gain-a", "1e4"], ["--gain-a: ", "0.001 to 1000"]),
        (["--gain-a", "nan"], ["--gain-a: ", "0.001 to 1000"]),
        (["--sigma-b", "-1"], ["--sigma-b: ", "0 to 100"]),
        (["--widths", "5-4x0"], ["--widths: ", "784-512x20-10"]),
        (["--a", "normal:1e10/fan_in"], ["--a: ", "fan_max", "1e-09 to 1e+09"]),
    ],
)
def test_mistakes_are_told_in_one_line(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        experiment(*arguments)
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    for word in words:
        assert word in line
