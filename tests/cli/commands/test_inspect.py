"""The command `inspect`: what it shows, in which formats, how it judges, and how it refuses."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checkpoints.samples import MADE_BY_PYTORCH, entry, safetensors
from tests.cli.conftest import refused
from tests.conftest import Command
from tui_initflow.checkpoints.changes import continued, snapshots
from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.sources import ChangedError, CheckpointError, RegularFile
from tui_initflow.checkpoints.tensors import Checkpoint
from tui_initflow.cli.commands import inspect
from tui_initflow.cli.destination import Destination
from tui_initflow.cli.diagnostics import Failure
from tui_initflow.engine.pool import Stop
from tui_initflow.export.formats import DEFAULT

FILE = str(MADE_BY_PYTORCH / "modules.safetensors")
KEYS = (
    *("name", "kind", "shape", "dtype", "fan_in", "fan_out", "mean", "std", "sigma_w2", "excess_kurtosis"),
    *("spectral_norm", "stable_rank", "zeros", "nan", "inf", "looks_like", "status"),
)


@pytest.fixture
def network(tmp_path: Path) -> str:
    """Three layers that fit, with biases, not as any initialiser draws them."""
    source = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for at, (above, below) in enumerate(((30, 20), (30, 30), (10, 30)), 1):
        arrays[f"fc{at}.weight"] = source.laplace(size=(above, below)) / np.sqrt(2 * below)
        arrays[f"fc{at}.bias"] = source.normal(size=above)
    path = tmp_path / "network.npz"
    np.savez(path, **arrays)
    return str(path)


def changed(network: str, **arrays: Any) -> str:
    with np.load(network) as file:
        np.savez(network, **{**file, **{name.replace("__", "."): array for name, array in arrays.items()}})
    return network


def test_json_has_every_tensor_and_the_chain(typed: Command, network: str) -> None:
    done = typed("inspect", network, "--json", "--runs", "4")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert {"version", "file", "tensors", "chain"} <= document.keys()
    assert document["file"] == "network.npz"
    first = document["tensors"][0]
    assert tuple(first)[: len(KEYS)] == KEYS
    assert first["shape"] == [30, 20]
    assert (first["kind"], first["dtype"], first["fan_in"], first["fan_out"]) == ("linear", "float64", 20, 30)
    assert (first["looks_like"], first["status"]) == ("trained/other", "healthy")
    chain = document["chain"]
    assert chain["names"] == ["fc1.weight", "fc2.weight", "fc3.weight"]
    assert chain["sizes"] == [20, 30, 30, 10]
    assert chain["inputs"] == 4
    assert len(chain["log10_gradient"]) == len(chain["b"]["log10_gradient"]) == len(chain["theory"]["b"]) == 4
    assert chain["log10_gradient"][-1] == 0
    assert document["problems"] == []


def test_what_was_never_trained_is_called_so(typed: Command) -> None:
    document = json.loads(typed("inspect", FILE, "--json", "--only", "linear.*").stdout)
    assert [(one["name"], one["looks_like"], one["status"]) for one in document["tensors"]] == [
        ("linear.bias", "trained/other", "healthy"),
        ("linear.weight", "torch-linear", "untouched"),
    ]


def test_csv_has_one_row_per_tensor(typed: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(typed("inspect", FILE, "--csv", "--sort", "spectral_norm").stdout)))
    assert len(rows) == 28
    assert tuple(rows[0])[: len(KEYS)] == KEYS
    norms = [float(row["spectral_norm"]) for row in rows if row["spectral_norm"]]
    assert norms == sorted(norms, reverse=True)
    assert "16x16x3x3" in [row["shape"] for row in rows]


def test_text_is_a_table_with_a_headline(typed: Command, network: str) -> None:
    lines = typed("inspect", network, "--activation", "relu", "--b", "he-normal").stdout.splitlines()
    assert lines[:2] == ["network.npz: 6 tensors, 1,870 numbers", "6 healthy; gains are for relu"]
    assert lines[3].split() == [
        "name",
        "kind",
        "shape",
        "type",
        "std",
        "gain",
        "norm",
        "stable",
        "rank",
        "looks",
        "like",
        "status",
    ]
    assert lines[4].split()[:3] == ["fc1.weight", "linear", "30x20"]
    assert any(line.startswith("Chain of 3 weights, 20-30x2-10, relu") for line in lines)
    assert sum("fresh He-normal" in line for line in lines) == 1


@pytest.mark.slow
def test_names_are_escaped_in_every_format(typed: Command, tmp_path: Path) -> None:
    name = "a\x1b[2J|\n<b>.weight"
    path = safetensors(tmp_path / "x.safetensors", {name: entry([2, 2], 0, 16)}, np.ones(4, np.float32).tobytes())
    for option in ("--text", "--json", "--csv", "--markdown", "--plot"):
        done = typed("inspect", str(path), option)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout
        assert "x1b[2J" in done.stdout.replace("\\[", "[") or option == "--plot"
    assert r"a\\x1b\[2J\|\\n\<b\>.weight" in typed("inspect", str(path), "--markdown").stdout
    assert "2J" in json.loads(typed("inspect", str(path), "--json").stdout)["tensors"][0]["name"]


@pytest.mark.slow
def test_a_report_has_the_charts(typed: Command, network: str, tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    assert typed("inspect", network, "-o", str(target)).returncode == 0
    text = target.read_text(encoding="utf-8")
    assert text.startswith("# network.npz: 6 tensors")
    assert "## Gradient by layer" in text
    assert "network.npz" in typed("inspect", network, "--plot").stdout


@pytest.mark.slow
@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_check_fails_for_a_broken_tensor(typed: Command, network: str, lost: float) -> None:
    assert typed("inspect", network, "--check").returncode == 0
    w = np.ones((3, 3))
    w[1, 1] = lost
    changed(network, extra__weight=w)
    done = typed("inspect", network, "--check")
    assert done.returncode == 1
    assert "PROBLEM: extra.weight has NaN or infinities" in done.stdout
    assert typed("inspect", network).returncode == 0


@pytest.mark.slow
def test_check_fails_for_a_gradient_that_leaves_its_limits(typed: Command, network: str) -> None:
    changed(network, fc2__weight=np.full((30, 30), 1e-9))
    done = typed("inspect", network, "--check")
    assert done.returncode == 1
    assert "PROBLEM: the gradient vanishes" in done.stdout
    changed(network, fc2__weight=np.random.default_rng(1).normal(size=(30, 30)))
    limit = "0.5"
    document = json.loads(typed("inspect", network, "--json").stdout)
    leaves = abs(document["chain"]["log10_gradient"][0]) > -np.log10(float(limit))
    assert typed("inspect", network, "--check", "--min-gradient", limit).returncode == int(leaves)


def test_status_follows_the_critical_gain_of_the_activation(typed: Command, tmp_path: Path) -> None:
    source = np.random.default_rng(2)
    # sigma_w 0.6, 3.2 and 1.2 of weights with heavy tails, as no initialiser draws them
    arrays: dict[str, Any] = {
        f"{at}.weight": source.laplace(size=(50, 50)) * gain / 10 for at, gain in enumerate((0.6, 3.2, 1.2))
    }
    np.savez(tmp_path / "x.npz", **arrays)

    def statuses(activation: str) -> list[str]:
        done = typed("inspect", str(tmp_path / "x.npz"), "--json", "--activation", activation)
        return [one["status"] for one in json.loads(done.stdout)["tensors"]]

    assert statuses("tanh") == ["healthy", "large", "healthy"]
    assert statuses("relu") == ["small", "large", "healthy"]


def test_the_chain_can_be_chosen(typed: Command, network: str) -> None:
    document = json.loads(typed("inspect", network, "--json", "--chain", "fc[12].weight").stdout)
    assert document["chain"]["names"] == ["fc1.weight", "fc2.weight"]
    assert document["chain"]["left_out"] == ["fc3.weight"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.npz"], ["none.npz: no such file or directory"]),
        ([], ["FILE"]),
        ([FILE, "--only", "y*"], ["--only: no tensor of modules.safetensors matches 'y*'"]),
        ([FILE, "--chain", "y*"], ["--chain: no 2-D weight matches y*"]),
        ([FILE, "--chain", "*"], ["--chain: ", "has fan_in"]),
        ([FILE, "--sort", "size_"], ["--sort: ", "did you mean size?"]),
        ([FILE, "--min-gradient", "2"], ["--min-gradient: ", "above 0 and below 1"]),
        ([FILE, "--layers", "3"], ["unexpected option '--layers'"]),
        ([FILE, "--gain-b", "x"], ["--gain-b: ", "0.001 to 1000"]),
        (["\x1b[2J.npz"], [r"\x1b[2J.npz: no such file"]),
        (["x" * 5000 + ".npz"], ["file name too long"]),
    ],
    ids=lambda value: None,
)
def test_an_error_is_one_line_that_says_what_is_allowed(typed: Command, arguments: list[str], words: list[str]) -> None:
    refused(typed("inspect", *arguments), *words)


def test_two_files_are_compared(typed: Command, network: str, tmp_path: Path) -> None:
    after = tmp_path / "after.npz"
    with np.load(network) as file:
        np.savez(after, **{name: array * (1.1 if "fc3" in name else 1.0) for name, array in file.items()})
    text = typed("inspect", network, str(after)).stdout
    assert text.startswith("From network.npz to after.npz\nThe first 2 of 3 layers have not moved")
    document = json.loads(typed("inspect", network, str(after), "--json", "--only", "fc3.*").stdout)
    assert [one["name"] for one in document["tensors"]] == ["fc3.weight", "fc3.bias"]
    assert document["tensors"][0]["relative_change"] == pytest.approx(0.1)
    assert document["tensors"][0]["spectral_norm_change"] == pytest.approx(0.1)
    assert len(typed("inspect", network, str(after), "--csv").stdout.splitlines()) == 7
    assert typed("inspect", network, str(after), "--markdown").stdout.startswith("# From network.npz")
    for flag in ("--check", "--plot"):
        refused(typed("inspect", network, str(after), flag), f"{flag}: is for one file")
    refused(typed("inspect", network, network, network), "at most two")


def test_an_interrupt_ends_the_opening(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(_path: Path, cancel: threading.Event) -> Checkpoint:
        signal.raise_signal(signal.SIGINT)
        Stop(cancel).checkpoint()
        raise AssertionError

    monkeypatch.setattr("tui_initflow.lab.readings.open_checkpoint", opened)
    for files in ([FILE], [FILE, FILE]):
        done = typed("inspect", *files)
        assert (done.returncode, done.stdout) == (130, "")
        assert done.stderr == "tui-initflow inspect: stopped while the file was opened\n"


def test_pytorch_s_files_are_read_without_it(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    text = typed("inspect", str(MADE_BY_PYTORCH / "network.pt"), "--activation", "tanh").stdout
    assert text.startswith("network.pt: 4 tensors, 212 numbers")
    assert "Chain of 2 weights, 8-16-4, tanh" in text


def test_watching_refuses_other_formats(typed: Command, network: str) -> None:
    refused(typed("inspect", "--watch", network, "--json"), "--watch: prints text only")
    refused(typed("inspect", "--watch", network, network), "--watch: is for one file")
    refused(typed("inspect", "--watch", "none.npz"), "none.npz: no such file")


@pytest.mark.slow
def test_a_watched_file_is_read_again_when_it_changes(network: str) -> None:
    arguments = (sys.executable, "-m", "tui_initflow", "inspect", "--watch", network)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while process.stdout.readline().strip():
            pass
        with np.load(network) as file:
            arrays = dict(file)
        changed(network, **{name.replace(".", "__"): 2 * array for name, array in arrays.items()})
        second = [process.stdout.readline() for _ in range(8)]
        process.stdout.readline()
        Path(network).write_bytes(b"half")
        third = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        message = process.stderr.read()
    assert process.returncode == 130
    assert second[0].endswith("reading 2\n")
    assert " not read: " in third
    assert sum("+100.00%" in line for line in second) == len(arrays) == 6
    assert message == "tui-initflow inspect: stopped after 2 readings\n"


def test_a_file_that_changes_while_it_is_read_is_one_line(
    typed: Command, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whichever read it does, of one file and of two."""
    original, times = RegularFile.read, itertools.count()
    words = "network.npz: changed while it was read; try again once it is written"
    for at, arguments in itertools.product((1, 5, 20), (("--check",), (network,))):
        reads = itertools.count()

        def read(self: RegularFile, start: int, out: Any, at: int = at, reads: Iterator[int] = reads) -> None:
            if next(reads) == at:
                os.utime(network, ns=(0, next(times)))
            original(self, start, out)

        monkeypatch.setattr(RegularFile, "read", read)
        refused(typed("inspect", network, *arguments), words)
    monkeypatch.setattr(RegularFile, "read", original)
    assert typed("inspect", network, "--check").returncode == 0


def watched(monkeypatch: pytest.MonkeyPatch, network: str, *failures: CheckpointError) -> tuple[int, list[str]]:
    """How often a file is read, and what is printed, if the first few readings fail and the one after is the last."""
    cancel, left = threading.Event(), list(failures)
    written: list[str] = []

    def opened(path: Path, _cancel: threading.Event) -> Checkpoint:
        if left:
            raise left.pop(0)
        cancel.set()
        return open_checkpoint(path)

    monkeypatch.setattr(inspect, "LOOKS_EVERY", 0.0)
    monkeypatch.setattr("tui_initflow.lab.readings.opened", opened)
    monkeypatch.setattr(
        "tui_initflow.lab.read_again", lambda _tracks, checkpoint, _cancel: continued({}, snapshots(checkpoint))
    )
    monkeypatch.setattr(Destination, "write", lambda _, text: written.append(text))
    return inspect._readings(Path(network), Destination(None, DEFAULT, "never", "inspect"), cancel), written


def test_watching_waits_until_a_file_is_written(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    readings, written = watched(monkeypatch, network, ChangedError("changed"), ChangedError("changed"))
    assert readings == len(written) == 1
    # the first look may come while the file is half written
    readings, written = watched(monkeypatch, network, CheckpointError("half"))
    assert readings == len(written) == 1
    with pytest.raises(Failure, match=r"^damaged$"):
        watched(monkeypatch, network, CheckpointError("half"), CheckpointError("damaged"))


@pytest.mark.parametrize("size", [1e-300, 1e-100, 1e100, 1e307])
def test_weights_of_any_size_have_short_numbers_and_a_verdict(typed: Command, tmp_path: Path, size: float) -> None:
    source = np.random.default_rng(3)
    files = [str(tmp_path / name) for name in ("a.npz", "b.npz")]
    for file, factor in zip(files, (size, 1.0), strict=True):
        np.savez(file, **{f"fc{at}.weight": source.uniform(-1, 1, (20, 20)) * factor for at in range(3)})  # type: ignore[arg-type]
    done = typed("inspect", files[0], "--check", "--activation", "relu")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"PROBLEM: the gradient {'vanishes' if size < 1 else 'explodes'}" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 120
    for option in ("--json", "--csv", "--markdown", "--plot"):
        done = typed("inspect", files[0], option)
        assert (done.returncode, done.stderr) == (0, "")
    for pair in (files, files[::-1]):
        done = typed("inspect", *pair)
        assert (done.returncode, done.stderr) == (0, "")
        assert max(map(len, done.stdout.splitlines())) < 120


def test_what_is_read_is_never_written_over(typed: Command, network: str) -> None:
    before = Path(network).read_bytes()
    refused(typed("inspect", network, "-o", network, "--force", "--text"), "--output: ", "is read; name another file")
    assert Path(network).read_bytes() == before
