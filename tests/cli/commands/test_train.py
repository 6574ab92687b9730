"""The command `train`: what it trains, what it refuses, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import refused
from tests.conftest import Command

QUICK = ("--layers", "2", "--neurons", "6", "--runs", "2", "--steps", "6", "--lr", "0.1")


def test_it_trains_both_methods_on_the_digits(typed: Command) -> None:
    done = typed("train", *QUICK, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert document["settings"]["data"] == "digits"
    assert document["a"]["step"][-1] == 6
    assert typed("train", *QUICK, "--json").stdout == done.stdout


def test_lines_are_written_step_by_step(typed: Command) -> None:
    lines = typed("train", *QUICK, "--jsonl").stdout.splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 1, 2, 3, 4, 5, 6]


def test_a_file_sets_the_features(typed: Command, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    path = tmp_path / "mine.npz"
    np.savez(path, x=x, y=(x[:, 0] > 0).astype(int))
    document = json.loads(typed("train", *QUICK, "--batch", "8", "--data", str(path), "--json").stdout)
    assert document["settings"]["features"] == 3
    # the former name
    assert document["settings"]["batch_size"] == document["settings"]["batch"] == 8
    refused(typed("train", *QUICK, "--data", str(path), "--features", "5"), "--features: ", "mine.npz has 3")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--data none.csv", ("--data: none.csv cannot be read",)),
        ("--data digits.txt", ("--data: ", "digits, spirals, or a file .npz or .csv")),
        ("--lr 0", ("--lr: '0' is not allowed", "a number from 1e-08 to 1000, or best")),
        ("--batch-size 2000", ("--batch-size: 2000 is more than digits has",)),
        ("--widths 32-10x2", ("--widths: begins with 32; digits has 64 features",)),
        ("--steps 0", ("--steps: ", "1 to 100000")),
        ("--optimizer lion", ("--optimizer: ", "sgd, momentum, adam, adamw")),
        ("--norm batch --batch-size 1", ("--batch-size: a batch of 1 has variance 0", "from 2")),
        ("--map", ("--map: cannot be written as text; add --json or --plot",)),
    ],
)
def test_an_error_is_one_line_that_says_what_is_allowed(typed: Command, arguments: str, words: tuple[str, ...]) -> None:
    layers = () if "--widths" in arguments else ("--layers", "2")
    refused(typed("train", *layers, *arguments.split()), *words)


def test_charts_and_a_report_are_written(typed: Command, tmp_path: Path) -> None:
    plot = typed("train", *QUICK, "--plot").stdout
    assert "Test accuracy by step" in plot
    assert "Claims" not in plot
    path = tmp_path / "report.md"
    assert typed("train", *QUICK, "-o", str(path)).returncode == 0
    assert path.read_text(encoding="utf-8").startswith("# Uniform vs Normal: training")


@pytest.mark.slow
def test_check_can_ask_for_learning_too(typed: Command) -> None:
    network = ("--layers", "3", "--neurons", "20", "--runs", "3", "--lr", "0.3")
    healthy = typed("check", *network, "--a", "normal", "--train", "--steps", "60", "--json")
    document = json.loads(healthy.stdout)
    assert (healthy.returncode, document["healthy"]) == (0, True)
    assert min(document["training"]["final_accuracy"]) > 0.5
    assert len(document["training"]["final_accuracy"]) == 5
    lazy = typed("check", *network, "--a", "normal", "--train", "--steps", "1", "--lr", "1e-4")
    assert lazy.returncode == 1
    assert "NOT HEALTHY, not learning" in lazy.stdout
    assert "training " in lazy.stdout
    refused(typed("check", "--steps", "5"), "--steps: only with --train")
