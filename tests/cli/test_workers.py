"""`--workers`: the bytes of one thread from processes, of which none outlives the program."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK, refused
from tests.cli.test_progress import read_rest, read_until, watched
from tests.conftest import Command
from tests.engine.lives import all_gone, children, has_children, when
from tui_initflow.engine import processes


@pytest.mark.slow
def test_every_command_writes_the_bytes_of_one_thread(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONG", "LONG_WHEN_READY"):
        monkeypatch.setattr(processes, name, 0.0)
    for command in (
        ("run", *QUICK, "--runs", "9", "--json"),
        ("sweep", *QUICK, "--over", "neurons", "--values", "1:4", "--csv"),
        ("grid", *QUICK, "--over", "gain", "--json"),
        ("train", "--layers", "2", "--steps", "3", "--json"),
        ("check", "--layers", "2", "--train", "--steps", "3", "--json"),
    ):
        alone, there = typed(*command, "--workers", "0"), typed(*command, "--workers", "2")
        assert (there.returncode, there.stderr) == (alone.returncode, "")
        assert there.stdout == alone.stdout
    # given before the command, too
    assert typed("--workers", "2", *command).stdout == alone.stdout


def test_a_number_of_processes_and_a_cluster_contradict_each_other(typed: Command) -> None:
    for command in (("run",), ("sweep", "--over", "layers"), ("grid", "--over", "gain"), ("train", "--map", "--json")):
        done = typed(*command, "--workers", "2", "--cluster", "tcp://127.0.0.1:1")
        refused(done, "--workers: not with --cluster, which does the work")


@pytest.mark.parametrize("workers", ["-1", "1025", "two", ""])
def test_what_is_no_number_of_processes_is_refused(typed: Command, workers: str) -> None:
    refused(typed("run", *QUICK, f"--workers={workers}"), "--workers: ", "must be a whole number from 0 to 1024")


def test_a_process_that_ends_is_told_once_and_two_in_the_same_work_end_it(
    typed: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(lost: str | None, *lines: str) -> None:
        def run(*_: object, place: processes.Processes, **__: object) -> None:
            for line in lines:
                place._tell(line)
            place.lost = lost

        # what the lab loads on first use is put in its home: put into the lab, it would stay there
        monkeypatch.setattr("tui_initflow.lab.simulations.run", run)

    told("two ended", "one ended", "two ended")
    done = typed("run", *QUICK)
    assert done.stderr == (
        "tui-initflow: one ended\ntui-initflow run: stopped before the first run was complete: two ended\n"
    )
    assert done.returncode == 1


RUN = ("run", "--json", "--runs", "100000", "--workers", "2")
ENDINGS = {
    "one Ctrl+C": ([signal.SIGINT], 130, b"stopped after "),
    # the second may come when all is over but the end
    "two": ([signal.SIGINT, signal.SIGINT], 130, b""),
    "SIGTERM": ([signal.SIGTERM], -15, b""),
    "SIGKILL": ([signal.SIGKILL], -9, b""),
}


@pytest.mark.slow
def test_none_outlives_a_command_however_it_ends(tmp_path: Path) -> None:
    with ExitStack() as stack:
        commands = {ending: stack.enter_context(watched(*RUN, output=tmp_path / ending)) for ending in ENDINGS}
        for ending, (numbers, status, said) in ENDINGS.items():
            process, terminal = commands[ending]
            read_until(terminal, b"\rruns ")
            when(partial(has_children, process.pid, 2))
            workers = children(process.pid)
            for number in numbers:
                process.send_signal(number)
            rest = read_rest(terminal)
            assert process.wait(timeout=60) == status, rest
            assert said in rest
            assert b"Traceback" not in rest
            when(partial(all_gone, workers))
    assert 0 < json.loads((tmp_path / "one Ctrl+C").read_text())["settings"]["runs"] < 100_000
