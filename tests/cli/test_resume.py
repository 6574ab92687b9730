"""`run --resume`: a run that ended early goes on where it ended, with the bytes of one that did not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import QUICK, refused
from tests.conftest import Command
from tui_initflow.cli import resume
from tui_initflow.engine.pool import Progress, Report
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate as plain

NETWORK = ("--layers", "4", "--neurons", "120", "--features", "9", "--runs", "300", "--seed", "5")
ALWAYS = (
    "import sys\n"
    "from tui_initflow.cli import resume\n"
    "resume.LEAST_SECONDS, resume.MOST_SHARE = 0.0, 1e9\n"
    "from tui_initflow.cli.main import entry\n"
    "sys.exit(entry())\n"
)


def interrupt_after(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C when so many batches are done."""

    def simulate(*arguments: Any, on_progress: Report[Results], **named: Any) -> Any:
        left = batches

        def count(progress: Progress[Results]) -> None:
            nonlocal left
            on_progress(progress)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGINT)

        return plain(*arguments, on_progress=count, **named)

    monkeypatch.setattr("tui_initflow.lab.simulations.simulate", simulate)


def test_interrupted_twice_it_gives_the_bytes_of_one_run(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.json"
    command = ("run", *NETWORK, "-o", str(output), "--resume")
    done = [0]
    with monkeypatch.context() as patch:
        interrupt_after(1, patch)
        for _ in range(2):
            stopped = typed(*command)
            assert stopped.returncode == 130
            done.append(json.loads(output.read_text())["settings"]["runs"])
            assert stopped.stderr == f"tui-initflow run: stopped after {done[-1]} of 300 runs\n"
            assert sorted(os.listdir(tmp_path)) == ["out.json", "out.json.partial"]
    assert 0 < done[1] < done[2] < 300
    finished = typed(*command)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    assert os.listdir(tmp_path) == ["out.json"]
    assert output.read_text() == typed("run", *NETWORK, "--json").stdout
    refused(typed(*command), "--output: ", "file exists")


@pytest.mark.slow
def test_a_process_that_is_killed_goes_on_from_what_it_kept(typed: Command, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    arguments = ("run", "--runs", "3000", "-o", str(output), "--resume")
    with subprocess.Popen([sys.executable, "-c", ALWAYS, *arguments]) as process:
        while not (tmp_path / "out.csv.partial").exists():
            assert process.poll() is None
            time.sleep(0.005)
        process.kill()
    assert not output.exists()
    assert typed(*arguments).returncode == 0
    assert output.read_text() == typed("run", "--runs", "3000", "--csv").stdout
    assert not (tmp_path / "out.csv.partial").exists()


def test_what_cannot_be_gone_on_with_is_refused(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = str(tmp_path / "out.json")
    with monkeypatch.context() as patch:
        interrupt_after(1, patch)
        assert typed("run", *NETWORK, "-o", output, "--resume").returncode == 130
    command = ("run", *NETWORK, "-o", output, "--resume")
    refused(typed(*command, "--seed", "6"), "out.json.partial' has runs with --seed 5, not 6; remove it to start over")
    refused(typed(*command, "--b", "he-normal"), "with --b normal, not he-normal")
    refused(typed(*command, "--runs", "2"), " runs already; --runs must be at least that")
    kept = tmp_path / "out.json.partial"
    kept.write_bytes(kept.read_bytes()[:-1])
    refused(typed(*command), "out.json.partial' is broken; remove it to start over")
    kept.unlink()
    os.mkfifo(kept)
    refused(typed(*command), "out.json.partial' cannot be read: not a regular file")
    kept.unlink()
    kept.mkdir()
    refused(typed(*command), "out.json.partial' cannot be read: is a folder")
    kept.rmdir()
    assert not [name for name in os.listdir(tmp_path) if name not in ("out.json", "out.json.partial")]


@pytest.mark.parametrize("output", [(), ("-o", "-"), ("-o", "/dev/stdout"), ("-o", "/dev/null")], ids=str)
def test_it_needs_a_file(typed: Command, output: tuple[str, ...]) -> None:
    refused(typed("run", *QUICK, *output, "--resume"), "--resume: needs a file that the result is written to; add -o")


def test_runs_that_cannot_be_kept_are_simulated_all_the_same(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(resume, "replace_whole", full)
    monkeypatch.setattr(resume, "LEAST_SECONDS", -1.0)
    monkeypatch.setattr(resume, "MOST_SHARE", 1e9)
    output = tmp_path / "out.json"
    done = typed("run", *NETWORK, "-o", str(output), "--resume")
    assert done.returncode == 0
    assert done.stderr.endswith("out.json.partial' cannot be written: no space left on device\n")
    assert done.stderr.count("\n") == 1
    assert json.loads(output.read_text())["settings"]["runs"] == 300
