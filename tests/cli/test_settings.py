"""Options: the experiment they describe, and errors in one line that says what is allowed."""

from __future__ import annotations

import math

import pytest

from tests.cli.conftest import refused
from tests.conftest import Command
from tests.model.limits import limits_of
from tui_initflow import Experiment
from tui_initflow.cli.commands import parsers
from tui_initflow.cli.diagnostics import Failure
from tui_initflow.cli.settings import experiment_of
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import Whole

NOT_NUMBERS = ("", " ", "text", "-1", "1e9", "3.5", "1_0", "٣", "0x10", "nan", "9" * 25, "7" * 5000, "1\n2")
WHOLE = [name for name, setting in SETTINGS.items() if isinstance(setting.kind, Whole)]


def experiment(*arguments: str) -> Experiment:
    return experiment_of(vars(parsers()[None].parse_args(arguments)))


def test_every_option_reaches_the_experiment() -> None:
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


def test_options_that_are_not_given_have_the_defaults() -> None:
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
def test_a_critical_gain_is_that_of_its_method(arguments: list[str], gains: tuple[float, float]) -> None:
    described = experiment(*arguments)
    assert (described.a.gain, described.b.gain) == pytest.approx(gains, rel=1e-6)


@pytest.mark.parametrize("option", ["layers", "neurons", "features"])
def test_widths_exclude_the_other_sizes(option: str) -> None:
    with pytest.raises(Failure, match=f"--widths: .* leave out --{option}"):
        experiment("--widths", "5-4", f"--{option}", "3")


@pytest.mark.parametrize("field", WHOLE)
def test_a_number_out_of_range_is_refused_with_the_range(typed: Command, field: str) -> None:
    low, high = limits_of(field)
    for value in (low - 1, high + 1):
        done = typed("run", f"--{field}", str(value))
        refused(
            done, "tui-initflow run: ", f"--{field}: ", f"'{value}'", f"must be a whole number from {low} to {high}"
        )


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda value: ascii(value[:10]))
def test_text_that_is_not_a_number_is_refused_with_the_range(typed: Command, value: str) -> None:
    for command in ([], ["run"], ["sweep", "--over", "neurons"]):
        refused(typed(*command, f"--layers={value}"), "--layers: ", "a whole number from 1 to 1000")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("run --layers", ["--layers: missing value (a whole number from 1 to 1000)"]),
        ("run --layers -5", ["--layers: '-5' is not allowed; must be a whole number from 1 to 1000"]),
        ("run --layers -1e9", ["--layers: ", "1 to 1000"]),
        ("run --layers 1000 --runs 100000", ["--runs: ", "fit in memory"]),
        ("run --a normel", ["--a: 'normel' is not allowed (did you mean normal?)", "uniform, normal, rand, glorot-un"]),
        ("run --a normal:2/fan", ["--a: ", "fan_in"]),
        ("run --a normal:1e10/fan_in", ["--a: ", "fan_max", "1e-09 to 1e+09"]),
        ("run --a orthogonal --features 65536 --neurons 100", ["--a: ", "weights in a layer"]),
        ("run --a orthogonal --widths 4096-2048 --sampler explicit", ["--a: an orthogonal matrix this large"]),
        ("run --activation tanj", ["--activation: ", "did you mean tanh?"]),
        ("run --a kaiming_normal_", ["--a: ", "did you mean he-normal?"]),
        ("run --b xavier", ["--b: ", "did you mean glorot-uniform or glorot-normal?"]),
        ("run --a normal:2", ["--a: 'normal:2' is not allowed; must be"]),
        ("run --activation swish", ["did you mean silu?"]),
        ("run --activation leaky-relu", ["did you mean leaky_relu?"]),
        ("run --format float16", ["did you mean fp16?"]),
        ("run --act relu", ["unexpected option '--act' (did you mean --activation?)"]),
        ("run --init he-normal", ["(did you mean --a?)"]),
        ("run --theme dark", ["unexpected option '--theme'; see --help"]),
        ("run --preset rnd", ["--preset: ", "demo, matched, rand"]),
        ("run --preset demo --a rand", ["--preset: ", "leave out --a and --b"]),
        ("run --gain-a x", ["--gain-a: ", "0.001 to 1000, or critical"]),
        ("run --gain-a 1e4", ["--gain-a: ", "0.001 to 1000"]),
        ("run --gain-a nan", ["--gain-a: ", "0.001 to 1000"]),
        ("run --gain-b critical --b rand", ["--gain-b: rand has no critical gain", "mean zero"]),
        ("run --sigma-b critical", ["--sigma-b: ", "0 to 100"]),
        ("run --sigma-b -1", ["--sigma-b: ", "0 to 100"]),
        ("run --start one", ["--start: ", "ones, signs"]),
        ("run --widths 784", ["--widths: ", "784-512x20-10"]),
        ("run --widths 5-4x0", ["--widths: ", "784-512x20-10"]),
        ("run --widths 784-10 --layers 3", ["--widths: ", "--layers"]),
        ("run --widths", ["--widths: missing value (such as 784-512x20-10)"]),
        ("run --block-a resnet", ["--block-a: ", "plain, residual, pre-norm, post-norm"]),
        ("run --norm group", ["--norm: ", "none, layer, rms, batch"]),
        ("run --branch-scale x", ["--branch-scale: ", "0 to 1000, or 1/sqrt(L) or 1/L"]),
        ("run --branch-scale", ["--branch-scale: missing value", "1/sqrt(L)"]),
        ("run --block pre-norm", ["--norm-a: a pre-norm block needs a norm; layer or rms"]),
        ("run --block residual --norm rms", ["--norm-a: a residual block has no norm"]),
        ("run --block-b residual --widths 5-4-3", ["--block-b: skips need hidden layers of equal width"]),
        ("run --branch-scale-b 2", ["--branch-scale-b: ", "residual, pre-norm, post-norm"]),
        ("run --block residual --gain-a critical", ["--gain-a: no critical gain is known"]),
        ("run --layer 3", ["unexpected option '--layer' (did you mean --layers?)"]),
        ("run --" + "x" * 10_000, ["unexpected option '--xxx"]),
        ("run 5", ["unexpected argument '5'"]),
        ("run -- 3", ["unexpected option '--'; see --help"]),
        ("run --json --csv", ["--csv: not allowed with --json"]),
        ("run -o", ["--output: missing value"]),
        ("run --theme dark", ["unexpected option '--theme'"]),
        ("--theme dark run", ["--theme: only the app has a theme"]),
        ("--theme blue", ["--theme: ", "dark, light"]),
        ("rnu", ["'rnu'", "run, sweep", "did you mean run?"]),
        ("sweep", ["--over: required; must be one of layers, neurons, features"]),
        ("sweep --over layer", ["--over: ", "did you mean layers?"]),
        ("sweep --over runs", ["--over: ", "layers, neurons, features"]),
        ("sweep --over layers --widths 5-4-3", ["--over: ", "features"]),
        ("sweep --over layers --values 900:1000 --runs 100000", ["--runs: ", "fit in memory"]),
        ("completion fish", ["bash, zsh"]),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else None,
)
def test_an_error_is_one_line_that_says_what_is_allowed(typed: Command, arguments: str, words: list[str]) -> None:
    refused(typed(*arguments.split()), *words)


@pytest.mark.parametrize("value", ["", "nor\nmal", "x" * 10_000], ids=["empty", "two lines", "long"])
def test_any_text_for_a_name_is_refused_in_one_line(typed: Command, value: str) -> None:
    refused(typed("run", f"--b={value}"), "--b: ", "uniform, normal")


@pytest.mark.parametrize("value", ["0", "1", "2", "-1", "x", "", "nan", "1e999"])
def test_a_threshold_of_check_lies_between_0_and_1(typed: Command, value: str) -> None:
    refused(typed("check", f"--min-gradient={value}"), "--min-gradient: ", "above 0 and below 1")


def test_shorthands_set_both_methods_unless_one_is_given() -> None:
    words = "--block residual --branch-scale 1/L --branch-scale-b 0.5"
    assert experiment(*words.split(), "--runs", "1") == Experiment(
        block_a="residual", block_b="residual", branch_scale_a="1/L", branch_scale_b=0.5
    )
    words = "--block-a plain --norm layer --block pre-norm"
    assert experiment(*words.split(), "--runs", "1") == Experiment(norm_a="layer", block_b="pre-norm", norm_b="layer")
