"""What each command does with an experiment: the result it prints, the status it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import QUICK, refused
from tests.conftest import Command
from tui_initflow.cli.main import entry
from tui_initflow.findings.snippets import code_command, pytorch_module
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.pair import SIDES

pytestmark = pytest.mark.slow


def test_run_prints_the_same_bytes_again(command: Command) -> None:
    first, second = (command("run", "--json", "--runs", "7", "--seed", "9", *QUICK) for _ in range(2))
    assert first.returncode == 0
    assert first.stderr == ""
    assert first.stdout == second.stdout


def test_options_before_the_command_count(typed: Command) -> None:
    before = typed("--layers", "3", "--preset", "matched", "run", "--json")
    after = typed("run", "--json", "--layers", "3", "--preset", "matched")
    assert json.loads(before.stdout)["settings"]["a"] == "glorot-uniform"
    assert before.stdout == after.stdout


def settings_of(typed: Command, *arguments: str) -> Any:
    return json.loads(typed("run", "--json", *arguments).stdout)["settings"]


def test_every_setting_is_in_the_json(typed: Command) -> None:
    words = "--layers 2 --neurons 5 --features 6 --runs 4 --seed 8 --a rand"
    assert settings_of(typed, *words.split()) == {
        "layers": 2,
        "neurons": 5,
        "features": 6,
        "activation": "tanh",
        "scale": "glorot",
        "a": "rand",
        "b": "normal",
        "runs": 4,
        "seed": 8,
    }


def test_a_critical_gain_is_a_number_in_the_settings(typed: Command) -> None:
    assert settings_of(typed, "--gain-a", "critical", "--runs", "1")["gain_a"] == pytest.approx(3**0.5)


def test_widths_replace_neurons_in_the_settings(typed: Command) -> None:
    settings = settings_of(typed, "--widths", "12-9x2-4", "--runs", "1")
    assert settings["widths"] == [12, 9, 9, 4]
    assert settings["neurons"] is None
    assert settings["layers"] == 3


def test_run_prints_a_table_or_a_summary(typed: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(typed("run", "--csv", *QUICK).stdout)))
    assert {row["side"] for row in rows} == {"a", "b"}
    text = typed("run", *QUICK).stdout
    assert "Gradient at L0, the first layer, geometric mean" in text
    assert "95% CI" in text


def test_sweep_has_the_values_asked_for(typed: Command) -> None:
    arguments = ["sweep", "--over", "layers", "--values", "1:3", "--runs", "4", *QUICK]
    points = json.loads(typed(*arguments, "--json").stdout)["points"]
    assert [point["value"] for point in points] == [1, 2, 3]
    rows = list(csv.DictReader(io.StringIO(typed(*arguments, "--csv").stdout)))
    assert [row["value"] for row in rows] == ["1", "2", "3"]
    assert typed(*arguments).stdout.splitlines()[-1].split()[0] == "3"


def test_sweep_has_three_runs_at_each_of_the_app_s_values_by_default(typed: Command) -> None:
    result = json.loads(typed("sweep", "--over", "features", "--json", *QUICK).stdout)
    assert result["settings"]["runs"] == 3
    assert [point["value"] for point in result["points"]] == [1, 4, 16, 32, 48, 64, 80, 96, 112, 128]


def test_theory_json_keeps_its_contract(typed: Command) -> None:
    done = typed("theory", "--json", "--layers", "4", "--a", "rand", "--b", "he-normal", "--activation", "relu")
    theory = json.loads(done.stdout)
    assert theory["settings"]["activation"] == "relu"
    for side in ("a", "b"):
        assert len(theory[side]["q"]) == 4
        assert len(theory[side]["log10_gradient"]) == 5
        assert theory[side]["log10_gradient"][4] == 0
        assert theory[side]["phase"] in ("ordered", "critical", "chaotic")
    assert theory["b"]["chi"] == pytest.approx(1)
    assert theory["b"]["critical_gain"] == pytest.approx(1)
    assert theory["a"]["critical_gain"] is None


def test_theory_and_simulation_agree(typed: Command) -> None:
    options = ("--layers", "6", "--runs", "400", "--json")
    theory = json.loads(typed("theory", *options).stdout)
    measured = json.loads(typed("run", *options).stdout)
    for side in ("a", "b"):
        finite = theory[side]["finite_width"]
        # the theory is off by up to 2 %, the median of 400 runs by 1.25 sd / 20
        for predicted, median, sd in zip(
            finite["log10_median"], measured[side]["log10_gradient"]["median"], finite["sd_ln"], strict=True
        ):
            assert abs(predicted - median) * 2.3026 < 0.02 + 4 * 1.2533 * sd / 20


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ("--a he-normal --activation relu", 0, ["HEALTHY", "critical"]),
        ("--layers 40", 1, ["NOT HEALTHY, vanishing", "12 wide layers", "xavier_uniform_"]),
        ("--a normal --gain-a 30 --activation relu", 1, ["NOT HEALTHY, exploding"]),
        ("--widths 784-64x20-10 --activation gelu --a he-normal", 1, ["NOT HEALTHY, vanishing"]),
        ("--layers 40 --min-gradient 1e-30", 0, ["PASSES, dead"]),
        ("", 0, ["PASSES, weak"]),
        ("--a he-normal --gain-a 1.6 --activation relu", 0, ["PASSES, exploding"]),
        ("--a normal --neurons 4096 --layers 3", 0, ["HEALTHY"]),
        ("--a he-normal --activation relu --neurons 2 --layers 60", 1, ["neurons of some layer are off"]),
    ],
)
def test_check_answers_by_exit_status(typed: Command, arguments: str, status: int, words: list[str]) -> None:
    done = typed("check", *arguments.split())
    assert done.returncode == status
    for word in words:
        assert word in done.stdout
    health = json.loads(typed("check", *arguments.split(), "--json").stdout)
    assert health["healthy"] is (status == 0)
    assert "b" not in health["settings"]


def test_code_is_the_module_of_one_method(typed: Command, tmp_path: Path) -> None:
    experiment = Experiment().with_(layers=3, activation="relu", a="he-normal", block_b="residual")
    options = ("--layers", "3", "--activation", "relu", "--a", "he-normal", "--block-b", "residual")
    for side in SIDES:
        module = pytorch_module(experiment.network, experiment.methods[side])
        assert typed("code", *options, "--method", side).stdout == module
        words = code_command(experiment, side).split()
        assert typed(*words[1:]).stdout == module
    assert typed("code", *options).stdout == typed("code", *options, "--method", "a").stdout
    file = tmp_path / "network.py"
    assert typed("code", *options, "--method", "b", "-o", str(file)).returncode == 0
    assert file.read_text() == module
    refused(typed("code", "-o", str(file)), "--output: ", "exists")
    refused(typed("code", "-o", str(tmp_path / "x.json")), "--output: ", "unknown format '.json'", "one of .py")
    refused(typed("code", "--method", "c"), "--method: 'c' is not allowed", "one of a, b")


def test_list_has_both_registries(typed: Command) -> None:
    text = typed("list").stdout
    listing = json.loads(typed("list", "--json").stdout)
    for name in [*INITIALISERS, *ACTIVATIONS]:
        assert name in text
    assert text.isascii()
    assert [entry["name"] for entry in listing["initialisers"]] == list(INITIALISERS)
    equal = {entry["name"]: entry["same_on_square_layers"] for entry in listing["initialisers"]}
    assert equal["uniform"] == ["torch-linear"]
    gains = {entry["name"]: entry["critical_gain"] for entry in listing["activations"]}
    assert gains["gelu"] == pytest.approx(1.481114, abs=1e-6)


def test_matrix_libraries_get_one_thread_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    # set before they are deleted, so that what the command sets is undone at the end
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(variable, "")
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(sys, "argv", ["tui-initflow", "--version"])
    # how it answers interrupts is for the process that it has to itself
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    with pytest.raises(SystemExit):
        entry()
    assert os.environ["OPENBLAS_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "2"


PRE_NORM = ("--block", "pre-norm", "--norm", "layer")


def test_blocks_are_in_the_settings_where_they_are_not_the_default(typed: Command) -> None:
    settings = settings_of(typed, "--block-a", "residual", "--branch-scale-a", "1/L", "--norm-b", "rms", *QUICK)
    assert list(settings)[-3:] == ["block_a", "norm_b", "branch_scale_a"]
    assert (settings["block_a"], settings["norm_b"], settings["branch_scale_a"]) == ("residual", "rms", "1/L")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("--layers", "40", *PRE_NORM), 0),
        (("--layers", "120", "--block", "residual", "--activation", "relu", "--a", "he-normal"), 1),
        (("--layers", "120", "--block", "residual", "--branch-scale", "1/sqrt(L)"), 0),
        (("--layers", "40", "--a", "normal", "--gain-a", "0.1", "--block-b", "residual"), 1),
    ],
)
def test_check_judges_blocks_by_their_gradient(typed: Command, options: tuple[str, ...], status: int) -> None:
    done = typed("check", *options, "--json")
    assert (done.returncode, done.stderr) == (status, "")
    health = json.loads(done.stdout)
    assert health["healthy"] == (status == 0)
    assert not {"block_b", "norm_b", "branch_scale_b"} & set(health["settings"])
    text = typed("check", *options).stdout
    if "--block" in options:
        assert health["trainable_depth"] is None
        assert health["depth_budget"] is None
        assert "no phase is known" in text
        for word in ("σ_w", "sigma_w", "backward step", "weights are too", "chi"):
            assert word not in text


def test_theory_of_blocks_has_the_gradient_but_no_phase(typed: Command) -> None:
    theory = json.loads(typed("theory", "--json", "--layers", "3", "--block-a", "pre-norm", "--norm-a", "rms").stdout)
    assert theory["a"]["reason"] is None
    unknown = ("chi", "xi", "phase", "q_star", "trainable_depth", "depth_budget", "critical_gain", "preserving_gain")
    assert all(theory["a"][name] is None for name in unknown)
    assert all(isinstance(number, float) for number in theory["a"]["log10_gradient"])
    assert not any(theory["a"]["finite_width"]["reliable"][:-1])
    assert theory["b"]["phase"] == "critical"
    for options in ([], ["--plot"]):
        assert "no phase is known" in typed("theory", "--layers", "3", *PRE_NORM, *options).stdout
