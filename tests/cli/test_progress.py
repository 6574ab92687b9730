"""Commands in a real process: runs that stream, progress on a terminal, and interrupts that keep what is complete."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK
from tui_initflow.cli.diagnostics import Failure, interruptible

pytestmark = pytest.mark.slow

PROGRAM = (sys.executable, "-m", "tui_initflow")


def streaming() -> subprocess.Popen[str]:
    arguments = ("run", "--jsonl", "--runs", "100000", "--seed", "4")
    return subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_runs_are_streamed_as_they_complete() -> None:
    """Each batch can be read while the next ones are computed, and Ctrl+C leaves whole lines."""
    with streaming() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, message = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130
    runs = [json.loads(line)["run"] for line in [first, *rest.splitlines()]]
    assert runs == list(range(1, len(runs) + 1))
    assert message == f"tui-initflow run: stopped after {len(runs)} of 100000 runs\n"
    assert len(runs) < 100_000


def test_a_stream_ends_quietly_when_its_reader_does() -> None:
    with streaming() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["run"] == 1
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@contextmanager
def watched(*arguments: str, output: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command with its standard error on a terminal, and the other end of that terminal."""
    ours, theirs = pty.openpty()
    try:
        with open(output, "wb") as file:
            process = subprocess.Popen([*PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=file, stderr=theirs)
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(ours)


def read_until(terminal: int, what: bytes) -> bytes:
    """What a terminal shows until `what` appears."""
    seen = b""
    while what not in seen:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, f"{what!r} did not appear in {seen!r}"
        seen += os.read(terminal, 1 << 16)
    return seen


def read_rest(terminal: int) -> bytes:
    """What a terminal shows until the program has closed it."""
    seen = b""
    with suppress(OSError):  # Linux answers EIO at the end
        while more := os.read(terminal, 1 << 16):
            seen += more
    return seen


@pytest.mark.parametrize(
    ("variables", "options", "coloured"),
    [({}, [], True), ({"NO_COLOR": "1"}, [], False), ({"NO_COLOR": "1"}, ["--color", "always"], True)],
    ids=["terminal", "NO_COLOR", "--color"],
)
def test_plots_have_the_width_and_the_colours_of_the_terminal(
    variables: dict[str, str], options: list[str], coloured: bool
) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen(
        [*PROGRAM, "run", "--plot", *QUICK, *options],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**environment, "TERM": "xterm-256color", **variables},
    )
    os.close(theirs)
    with process, open(ours, "rb", buffering=0):
        text = read_rest(ours).decode()
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert ("\x1b[" in text) is coloured
    assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in text.splitlines()) == 100


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        ("run --json --runs 100000", b"\rruns "),
        ("sweep --json --over neurons --values 1:1000 --runs 100", b"\rsweep: neurons "),
    ],
    ids=["run", "sweep"],
)
def test_an_interrupt_writes_what_is_complete(tmp_path: Path, arguments: str, sign: bytes) -> None:
    output = tmp_path / "output"
    with watched(*arguments.split(), output=output) as (process, terminal):
        read_until(terminal, sign)
        process.send_signal(signal.SIGINT)
        rest = read_rest(terminal)
        assert process.wait(timeout=60) == 130
    assert rest.endswith(b"\n")
    # the progress line is cleared before the message
    message = rest.rpartition(b"\r\x1b[K")[2]
    assert message.startswith(f"tui-initflow {arguments.split()[0]}: stopped after ".encode())
    assert b"Traceback" not in rest
    result = json.loads(output.read_text())
    if "points" in result:
        assert 0 < len(result["points"]) < 1000
    else:
        assert 0 < result["settings"]["runs"] < 100_000
        assert len(result["a"]["log10_final"]) == result["settings"]["runs"]


def test_an_interrupt_before_the_first_run_writes_nothing(tmp_path: Path) -> None:
    output = tmp_path / "output"
    script = (
        "import os, signal, sys\n"
        "from tui_initflow.cli import main as cli\n"
        "from tui_initflow.engine import runs as simulate\n"
        "plain = simulate.simulate\n"
        "def interrupted(*arguments, **named):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    assert named['cancel'].wait(10)\n"
        "    return plain(*arguments, **named)\n"
        "simulate.simulate = interrupted\n"
        "sys.exit(cli.entry())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "run", "--json", "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "tui-initflow run: stopped before the first run was complete\n"
    assert not output.exists()


def test_a_second_interrupt_ends_at_once_in_one_line() -> None:
    def interrupted() -> None:
        with interruptible() as cancel:
            os.kill(os.getpid(), signal.SIGINT)
            assert cancel.is_set()
            os.kill(os.getpid(), signal.SIGINT)
            pytest.fail("it goes on")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Failure, match=r"^ended at once by a second Ctrl\+C$") as failure:
        interrupted()
    assert failure.value.status == 130
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        ("theory --layers 1000", b"\rtheory"),
        ("check --layers 30 --runs 100000 --json", b"\rruns "),
    ],
    ids=["theory", "check"],
)
def test_long_work_shows_progress_and_can_be_interrupted(tmp_path: Path, arguments: str, sign: bytes) -> None:
    with watched(*arguments.split(), output=tmp_path / "output") as (process, terminal):
        read_until(terminal, sign)
        process.send_signal(signal.SIGINT)
        rest = read_rest(terminal)
        assert process.wait(timeout=60) == 130
    assert b"Traceback" not in rest


def test_the_progress_line_is_cleared_at_the_end(tmp_path: Path) -> None:
    with watched("run", "--runs", "3000", output=tmp_path / "output") as (process, terminal):
        seen = read_rest(terminal)
        assert process.wait(timeout=60) == 0
    # a machine too fast for a progress line has nothing to clear
    assert seen == b"" or seen.endswith(b"\r\x1b[K")
    assert b"\n" not in seen


def test_on_a_terminal_the_result_begins_on_a_cleared_line() -> None:
    ours, theirs = pty.openpty()
    command = [*PROGRAM, "run", "--runs", "3000"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        with open(ours, "rb", buffering=0):
            before, title, _ = read_rest(ours).partition(b"Uniform vs Normal")
        assert process.wait(timeout=60) == 0
    assert title
    assert before == b"" or before.endswith(b"\r\x1b[K")
