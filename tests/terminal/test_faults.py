"""Bad conditions: sizes that jump, random keys, dropped lines, terminals of all kinds."""

from __future__ import annotations

import random
import re
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.engine.lives import all_gone, children, has_children, when
from tests.terminal.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE, PROGRAM, Terminal
from tests.terminal.test_app import BADGE, restored

pytestmark = pytest.mark.slow

LONG = ["--no-run", "--runs", "100000", "--workers", "0"]
LEGEND = re.compile(r"(\S+) Uniform\s+(\S+) Normal\s*$", re.MULTILINE)
STATUSES = ("dead", "weak", "healthy")


def computing(terminal: Terminal) -> None:
    terminal.wait_for("press r")
    terminal.press("R")
    terminal.wait_for(lambda text: re.search(r"runs [\d,]+/", text) is not None)


def test_a_storm_of_sizes_during_a_run() -> None:
    sizes = random.Random(1)
    with Terminal(LONG, size=(120, 40)) as terminal:
        computing(terminal)
        terminal.screen.resize(100, 300)
        for _ in range(60):
            terminal.set_size(sizes.randint(1, 300), sizes.randint(1, 100))
            terminal.wait_for(lambda _: True)
        for size in ((1, 1), (300, 100)):
            terminal.set_size(*size)
        terminal.resize(120, 40)
        terminal.wait_for(lambda text: BADGE.search(text) is not None)
        terminal.press("s")
        terminal.wait_for("stopped after")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


def test_a_terminal_that_does_not_tell_its_size_is_80_by_24_until_it_does() -> None:
    with Terminal(["--no-run"], program=PROGRAM) as terminal:
        # long before the program asks
        terminal.set_size(0, 0)
        terminal.wait_for("q Quit")
        terminal.resize(120, 40)
        terminal.wait_for(lambda text: "q Quit" in "".join(text.split("\n")[39:]))
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


KEYS_PRESSED, AT_ONCE = 2 * 1_250, 625
HELP = "run as many times as the Runs field says"
ESCAPE = "\x1b[27u"
"""As the newer keyboard protocol sends it: nothing can follow that would make it another key."""
KEYS = [
    *"abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789[]?.,+-/ ",
    *("\t", "\x1b[Z", "\r", "\x7f", "\x0c"),
    *(f"\x1b[{key}" for key in ("A", "B", "C", "D", "H", "F", "5~", "6~", "1;2A", "1;2B", "1;2C", "1;2D")),
]


@pytest.mark.parametrize("half", [1, 2])
def test_random_keys(tmp_path: Path, half: int) -> None:
    """Two thousand of them reach every pane and dialogue; files they write land in a folder of their own."""
    choice = random.Random(half)
    small = ["--layers", "3", "--neurons", "4", "--features", "4", "--runs", "5", "--no-config", "--no-run"]
    with Terminal(small, directory=tmp_path) as terminal:
        terminal.wait_for("press r")
        for turn in range(KEYS_PRESSED // 2 // AT_ONCE):
            # from another pane each time
            terminal.press(str(turn % 6 + 1) + "".join(choice.choices(KEYS, k=AT_ONCE - 1)))
            # help opens over whatever they led to
            terminal.press_until(ESCAPE + "?", lambda text: HELP in text)
            terminal.press_until(ESCAPE, lambda text: HELP not in text)
        assert terminal.wait_for_exit(120, pressing=ESCAPE + "q") == 0
        restored(terminal)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda signal: signal.name)
def test_a_signal_ends_the_app_and_restores_the_terminal(ending: signal.Signals) -> None:
    with Terminal(LONG) as terminal:
        computing(terminal)
        terminal.signal(ending)
        assert terminal.wait_for_exit() == 128 + ending
        restored(terminal)


def test_a_dropped_line_ends_the_app() -> None:
    with Terminal(LONG, program=PROGRAM) as terminal:
        computing(terminal)
        terminal.hang_up()
        assert terminal.process.wait(timeout=30) != 0


def test_quitting_works_while_the_terminal_reads_nothing() -> None:
    with Terminal(["--no-run", "--seed", "5"], program=PROGRAM, size=(200, 60)) as terminal:
        terminal.wait_for("press r")
        terminal.press("r")
        terminal.wait_for(lambda text: BADGE.search(text) is not None)
        # another theme repaints every cell: more than the line holds
        terminal.press("T")
        terminal.wait_for_output()
        terminal.press("q")
        assert terminal.process.wait(timeout=30) == 0
        assert terminal.wait_for_exit() == 0
        restored(terminal)


def test_the_app_can_be_suspended() -> None:
    with Terminal(["--no-run"], size=(120, 40)) as terminal:
        terminal.wait_for("press r")
        terminal.signal(signal.SIGTSTP)
        terminal.wait_for(lambda _: terminal.stopped and LEAVE_ALTERNATE in terminal.output)
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for("press r")
        terminal.press("r")
        terminal.wait_for(lambda text: BADGE.search(text) is not None)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "vt100", "COLORTERM": ""},
        {"TERM": "xterm", "COLORTERM": ""},
        {"TERM": "xterm-256color", "COLORTERM": ""},
        {"NO_COLOR": "1"},
        {"LC_ALL": "C", "LANG": "C"},
    ],
    ids=lambda changes: " ".join(f"{name}={value}" for name, value in changes.items()),
)
def test_the_series_differ_without_colour(environment: dict[str, str]) -> None:
    """By their strokes; statuses by their words."""
    arguments = ["--no-run", "--seed", "1", "--layers", "20"]
    # the locale is read by the interpreter
    program = PROGRAM if "LC_ALL" in environment else ()
    with Terminal(arguments, program=program, size=(120, 60), environment=environment) as terminal:
        terminal.wait_for("press r")
        terminal.press("r2")
        text = terminal.wait_for(lambda text: all(status in text for status in STATUSES))
        legend = LEGEND.search(text)
        assert legend is not None
        assert legend[1] != legend[2]
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


NOT_TEXT = (
    b"\xff",
    b"\xe9",
    b"\xc3(",
    b"\x1b[M \xff\xfe",
    b"\x1b[M",
    b"\x1b[<999999999999;1;1M",
    b"\x00\x80\xed\xa0\x80",
)


def test_bytes_that_are_no_text_press_no_key_and_end_nothing() -> None:
    """Latin-1, old reports of the mouse, halves of sequences; the last key of each round still arrives."""
    with Terminal(["--no-run", "--seed", "5"]) as terminal:
        terminal.wait_for("press r")
        for noise in NOT_TEXT:
            terminal.press(noise + ESCAPE.encode())
        terminal.press_until("r", lambda text: BADGE.search(text) is not None)
        assert terminal.wait_for_exit(pressing="q") == 0
        restored(terminal)


def test_a_dumb_terminal_gets_one_clear_line() -> None:
    with Terminal([], environment={"TERM": "dumb"}) as terminal:
        assert terminal.wait_for_exit() == 2
        assert ENTER_ALTERNATE not in terminal.output
        assert b"TERM is dumb" in terminal.output


def test_an_exception_on_the_screen_comes_after_the_terminal_is_restored() -> None:
    broken = (
        "from tui_initflow.tui.screens.main import MainScreen\n"
        "MainScreen.action_run_once = lambda self: 1 / 0\n"
        "from tui_initflow.cli.main import entry\n"
        "import sys; sys.exit(entry())\n"
    )
    with Terminal(["--no-run"], program=[sys.executable, "-c", broken]) as terminal:
        terminal.wait_for("press r")
        terminal.press("r")
        assert terminal.wait_for_exit() == 1
        output = bytes(terminal.output)
        said = output[output.rfind(LEAVE_ALTERNATE) :].decode()
        assert "tui-initflow: the app failed: ZeroDivisionError: division by zero. To report it, " in said
        assert "Traceback" not in said
        assert terminal.modes == terminal.modes_before


def test_no_process_that_computes_outlives_the_app() -> None:
    endings: dict[Callable[[Terminal], None], int] = {
        lambda terminal: terminal.press("q"): 0,
        Terminal.hang_up: 128 + signal.SIGHUP,
        lambda terminal: terminal.signal(signal.SIGKILL): -signal.SIGKILL,
    }
    with ExitStack() as stack:
        terminals = [stack.enter_context(Terminal([*LONG[:-1], "2"], program=PROGRAM)) for _ in endings]
        for terminal, (end, status) in zip(terminals, endings.items(), strict=True):
            computing(terminal)
            when(partial(has_children, terminal.process.pid, 2))
            workers = children(terminal.process.pid)
            end(terminal)
            # there may be nothing to read from any longer
            assert terminal.process.wait() == status
            when(partial(all_gone, workers))
