"""Standard output and standard error that are full, closed or gone: a line if it can be said, and the right status."""

from __future__ import annotations

import io
import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest

from tests.checkpoints.samples import MADE_BY_PYTORCH
from tests.cli.conftest import QUICK
from tests.conftest import Command
from tui_initflow.cli.commands import parsers

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")]

SMALL = shlex.join(QUICK)
TRAIN = "train --layers 2 --neurons 6 --runs 2 --steps 3 --lr 0.1"
WEIGHTS = MADE_BY_PYTORCH / "modules.safetensors"
PRINTING = {
    "run": [f"run {SMALL} {option}" for option in ("--text", "--json", "--jsonl", "--csv", "--markdown", "--plot")],
    "sweep": [f"sweep --over layers --values 1:2 {SMALL}"],
    "grid": [f"grid --over gain --runs 1 {SMALL}"],
    "theory": [f"theory {SMALL}"],
    "check": [f"check {SMALL}"],
    "train": [TRAIN, f"{TRAIN} --jsonl"],
    "inspect": [f"inspect {WEIGHTS} --only linear.*", f"inspect {WEIGHTS} --watch"],
    "story": ["story --help"],  # it plays for seconds, and is written as everything else
    "code": ["code"],
    "list": ["list"],
    "help": ["help", "help keys", "help schema run", "help run"],
    "completion": ["completion bash"],
    None: ["--version", "--help", "--plain --no-config"],
}
LINES = [line for lines in PRINTING.values() for line in lines]


@pytest.fixture
def full() -> Iterator[TextIO]:
    stream = open("/dev/full", "w")  # noqa: SIM115
    yield stream
    with suppress(OSError):
        stream.close()


@pytest.fixture
def unread() -> Iterator[TextIO]:
    """A pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = open(writer, "w")  # noqa: SIM115
    yield stream
    with suppress(OSError):
        stream.close()


def test_every_command_is_tried() -> None:
    assert PRINTING.keys() == parsers().keys()


@pytest.mark.parametrize("line", LINES)
def test_a_full_or_closed_standard_output_is_named_in_a_line(
    typed: Command, monkeypatch: pytest.MonkeyPatch, full: TextIO, line: str
) -> None:
    for stream, problem in ((full, "no space left on device"), (None, "is closed")):
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        monkeypatch.setattr(sys, "stdout", stream)
        done = typed(*shlex.split(line))
        assert (done.returncode, done.stdout) == (1, "")
        program = "tui-initflow" if line.startswith("-") else f"tui-initflow {line.split()[0]}"
        assert done.stderr == f"{program}: standard output: {problem}\n"


def test_a_pipe_without_a_reader_ends_every_command_quietly(
    typed: Command, monkeypatch: pytest.MonkeyPatch, unread: TextIO
) -> None:
    for line in LINES:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        monkeypatch.setattr(sys, "stdout", unread)
        done = typed(*shlex.split(line))
        assert (line, done.returncode, done.stderr) == (line, 141, "")


def test_a_message_that_cannot_be_said_changes_no_status(
    typed: Command, monkeypatch: pytest.MonkeyPatch, full: TextIO, unread: TextIO
) -> None:
    for stream in (full, unread, None):
        monkeypatch.setattr(sys, "stderr", stream)
        for line, status in (("run --layers 0", 2), ("run --unknown", 2), ("inspect missing.npy", 2), ("list", 0)):
            done = typed(*shlex.split(line))
            assert (line, done.returncode, bool(done.stdout)) == (line, status, status == 0)


BUFFERED = {"PYTHONUNBUFFERED": "", "PYTHONDEVMODE": ""}
"""As a user's Python is: what could not be written is tried again when the interpreter ends."""
PROGRAM = f"{shlex.quote(sys.executable)} -m tui_initflow"


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("list >/dev/full", 1, "tui-initflow list: standard output: no space left on device\n"),
        ("--version >/dev/full", 1, "tui-initflow: standard output: no space left on device\n"),
        ("list >&-", 1, "tui-initflow list: standard output: is closed\n"),
        ("list >/dev/full 2>/dev/full", 1, ""),
        ("list >&- 2>&-", 1, ""),
        ("run --layers 0 2>/dev/full", 2, ""),
        ("run --layers 0 2>&-", 2, ""),
        ("--plain --no-config <&-", 2, "tui-initflow: standard input: is closed\n"),
        ("--plain --no-config 0>/dev/null >/dev/null", 2, "tui-initflow: standard input: bad file descriptor\n"),
    ],
)
def test_the_interpreter_adds_nothing_when_it_ends(line: str, status: int, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"exec {PROGRAM} {line}"],
        env={**os.environ, **BUFFERED},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", said)


ROOM = 20_000


@pytest.mark.parametrize(("option", "where"), [("--jsonl", ">x"), ("--jsonl", "-o x"), ("--json", "-o x")])
def test_a_disk_that_fills_up_on_the_way(tmp_path: Path, option: str, where: str) -> None:
    """A file from -o is there whole or not at all; a stream has what fitted."""
    done = subprocess.run(
        ["sh", "-c", f"exec {PROGRAM} run --runs 2000 --layers 2 --neurons 4 {option} {where}"],
        env={**os.environ, **BUFFERED, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM)),
        capture_output=True,
        text=True,
        check=False,
    )
    named = "standard output" if where == ">x" else "--output"
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"tui-initflow run: {named}: ")
    assert done.stderr.endswith(": file too large\n")
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == ({"x": ROOM} if where == ">x" else {})
