"""The line to the terminal, which here is a real pseudo-terminal."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from tui_initflow.tui.terminal.line import Line

NUMBERED = " ".join(f"{i:05}" for i in range(20_000))
"""More than a pseudo-terminal holds, and a gap in it shows."""


@contextmanager
def terminal() -> Iterator[tuple[Line, int]]:
    """The line to a terminal, and the terminal's other end."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    with open(theirs, "w", encoding="utf-8") as file:
        yield Line(file), ours
    os.close(ours)


def read(terminal: int, most: int) -> str:
    """What arrives, up to so many bytes."""
    data = b""
    while len(data) < most and select.select([terminal], [], [], 0.05)[0]:
        data += os.read(terminal, min(most - len(data), 1 << 16))
    return data.decode()


def test_a_terminal_that_keeps_up_is_given_everything() -> None:
    with terminal() as (line, other_end):
        line.write("short")
        assert line.finishes(10)
        assert not line.has_work
        assert read(other_end, 100) == "short"


@pytest.mark.parametrize("already_read", [0, 1003, 9002])
def test_what_arrives_after_a_discard_has_no_gap(already_read: int) -> None:
    with terminal() as (line, other_end):
        line.write(NUMBERED)
        line.write("never started")
        arrived = read(other_end, already_read)
        assert len(arrived) == already_read
        assert not line.finishes()

        line.discard()
        assert line.finishes(10), "it waits for nobody"
        line.write("\x1b[?1049l")
        before, closing, after = (arrived + read(other_end, 1 << 20)).partition("\x1b[?1049l")
        assert closing
        assert after == ""
        assert NUMBERED.startswith(before)
        assert len(before) < len(NUMBERED)


def test_a_terminal_that_is_gone_holds_nothing_up() -> None:
    with terminal() as (line, other_end):
        line.write(NUMBERED)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, other_end)
        os.close(null)
        line.write("nobody is there")
        assert line.finishes(10)


def test_a_file_that_is_no_terminal_is_given_everything() -> None:
    file = io.StringIO()
    line = Line(file)
    line.write("a")
    line.discard()
    line.write("b")
    assert line.finishes(10)
    assert file.getvalue() == "ab"


def test_a_signal_may_be_answered_with_a_text_whatever_it_interrupts() -> None:
    """As suspending the app is; the handler would otherwise wait for what it has interrupted."""
    line = Line(io.StringIO())
    depth = answered = 0

    def answer(_number: int, _frame: FrameType | None) -> None:
        nonlocal depth, answered
        assert depth < 100, "it waits for itself"
        depth += 1
        line.write("from the handler")
        depth -= 1
        answered += 1

    before = signal.signal(signal.SIGALRM, answer)
    signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
    try:
        while answered < 300:
            line.write("from what it interrupts")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert line.finishes(30)
