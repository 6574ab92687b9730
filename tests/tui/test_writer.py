"""The thread between the app and the terminal, on a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import select
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.drivers._writer_thread import WriterThread

from tui_initflow.tui.terminal.writer import Writer

NUMBERED = " ".join(f"{i:05}" for i in range(20_000))
"""More than a pseudo-terminal holds, and a gap in it shows."""


@contextmanager
def writing() -> Iterator[tuple[Writer, WriterThread, int]]:
    """A writer, its thread, and the other end of its terminal."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    with open(theirs, "w", encoding="utf-8") as file:
        thread = WriterThread(file)
        thread.start()
        yield Writer(thread, thread._queue), thread, ours
        thread.stop()
    os.close(ours)


def read(terminal: int, most: int) -> str:
    """What arrives, up to so many bytes."""
    data = b""
    while len(data) < most and select.select([terminal], [], [], 0.05)[0]:
        data += os.read(terminal, min(most - len(data), 1 << 16))
    return data.decode()


def test_a_terminal_that_keeps_up_is_given_everything() -> None:
    with writing() as (writer, thread, terminal):
        thread.write("short")
        assert writer.finishes(10)
        assert not writer.has_work
        assert read(terminal, 100) == "short"


@pytest.mark.parametrize("already_read", [0, 1003, 9002])
def test_what_arrives_after_a_discard_has_no_gap(already_read: int) -> None:
    with writing() as (writer, thread, terminal):
        thread.write(NUMBERED)
        thread.write("never started")
        arrived = read(terminal, already_read)
        assert len(arrived) == already_read
        assert not writer.finishes()

        writer.discard()
        assert writer.finishes(10), "it waits for nobody"
        thread.write("\x1b[?1049l")
        before, closing, after = (arrived + read(terminal, 1 << 20)).partition("\x1b[?1049l")
        assert closing
        assert after == ""
        assert NUMBERED.startswith(before)
        assert len(before) < len(NUMBERED)
