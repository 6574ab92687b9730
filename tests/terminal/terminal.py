"""A real terminal for tests: a pseudo-terminal with an emulator (pyte) at its other end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

from tests.terminal.forks import Fork

SECONDS = 30.0
"""Timeout of every wait: generous, since no wait lasts longer than it must."""

TURN = 0.02
"""Timeout of a read: the end of a program is not an event on its terminal, whose other end stays open here."""

PAUSE = 0.25
"""Seconds between two presses of a key that is pressed until it works: each of them has to be processed as well."""

# the new session's leader takes its standard input as controlling terminal: then ctrl+c and resizing work
LAUNCHER = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"

# queries and modes that pyte would print instead of ignoring: CSI with < = >, requests for a mode, DCS strings
UNKNOWN = re.compile(rb"\x1b\[[<=>][0-9;]*[ -/]*[@-~]|\x1b\[\?[0-9;]*\$[@-~]|\x1bP.*?\x1b\\", re.DOTALL)
UNFINISHED = re.compile(rb"\x1b(\[[0-9;<=>?$ ]*|P[^\x1b]*\x1b?)?\Z")

ENTER_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
HIDE_CURSOR, SHOW_CURSOR = b"\x1b[?25l", b"\x1b[?25h"


PROGRAM = (sys.executable, "-m", "tui_initflow")
"""The program as a process of its own."""


class Terminal:
    """A program on a terminal of its own, if none is named a fork of ours.

    Its output is read only while something is waited for.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        program: Sequence[str] = (),
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        columns, lines = size
        self.screen = pyte.Screen(columns, lines)
        self.output = bytearray()
        """Every byte the program wrote."""
        self._stream = pyte.ByteStream(self.screen)
        self._pending = b""
        # the other end stays open here too, so that the settings can be read after the program has ended
        self._ours, self._theirs = pty.openpty()
        self.set_size(columns, lines)
        self.modes_before = self.modes
        variables = _environment(environment or {})
        self.process: subprocess.Popen[bytes] | Fork
        if program:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCHER, *program, *arguments],
                stdin=self._theirs,
                stdout=self._theirs,
                stderr=self._theirs,
                start_new_session=True,
                cwd=directory,
                env=variables,
            )
        else:
            self.process = Fork(arguments, os.ttyname(self._theirs), directory, variables)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._theirs)
        os.close(self._ours)

    @property
    def modes(self) -> list[Any]:
        """The line discipline's settings: echo, canonical input, signals, speeds, control characters."""
        return termios.tcgetattr(self._theirs)

    @property
    def text(self) -> str:
        """The screen, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str | bytes) -> None:
        """Send what a keyboard sends."""
        os.write(self._ours, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size, as dragging the window does."""
        self.screen.resize(lines, columns)
        self.set_size(columns, lines)

    def hang_up(self) -> None:
        """Close the line, as when a connection drops."""
        os.close(self._ours)
        self._ours = os.open(os.devnull, os.O_RDWR)

    @property
    def stopped(self) -> bool:
        """Whether the program is suspended."""
        state = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state in "Tt"

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)

    def wait_for(self, seen: Callable[[str], bool] | str, seconds: float = SECONDS) -> str:
        """Read until the screen satisfies `seen`, or contains it; the screen's text.

        Raises:
            AssertionError: it does not happen in time, or the program ends before.
        """
        holds = (lambda text: seen in text) if isinstance(seen, str) else seen
        deadline = time.monotonic() + seconds
        text = self.text
        while not holds(text):
            ended = self.process.poll() is not None
            if self._read(TURN):
                # from thousands of cells, which takes longer than drawing them did
                text = self.text
            else:
                assert not ended, f"ended without showing it; the screen:\n{text}"
                assert time.monotonic() < deadline, f"not on the screen after {seconds} s:\n{text}"
        return text

    def wait_for_output(self, seconds: float = SECONDS) -> None:
        """Wait until there is something to read, and leave it unread."""
        assert select.select([self._ours], [], [], seconds)[0], f"nothing written in {seconds} s"

    def press_until(self, keys: str, seen: Callable[[str], bool]) -> None:
        """Press these keys again and again until the screen satisfies `seen`."""

        next_press = 0.0

        def holds(text: str) -> bool:
            nonlocal next_press
            if not seen(text) and time.monotonic() >= next_press:
                self.press(keys)
                next_press = time.monotonic() + PAUSE
            return seen(text)

        self.wait_for(holds)

    def wait_for_exit(self, seconds: float = SECONDS, pressing: str = "") -> int:
        """Read until the program ends, pressing keys meanwhile; its exit status, negative for a signal.

        Raises:
            AssertionError: it does not end in time.
        """
        deadline = time.monotonic() + seconds
        next_press = 0.0
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still running after {seconds} s:\n{self.text}"
            if not self._read(TURN) and time.monotonic() >= next_press:
                self.press(pressing)
                next_press = time.monotonic() + PAUSE
        while self._read(0.0):
            pass
        return self.process.wait()

    def _read(self, seconds: float) -> bool:
        """Read what the program writes within so many seconds; whether there was anything."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        data = os.read(self._ours, 1 << 16)
        self.output += data
        data = UNKNOWN.sub(b"", self._pending + data)
        # a sequence may be cut in two by a read
        unfinished = UNFINISHED.search(data)
        cut = unfinished.start() if unfinished else len(data)
        self._stream.feed(data[:cut])
        self._pending = data[cut:]
        return True

    def set_size(self, columns: int, lines: int) -> None:
        """Tell the program another size than the emulator has."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of a user's terminal, whatever the tests are run in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "SSH_", "COV"))}
    for name in ("NO_COLOR", "LINES", "COLUMNS", "CI"):
        kept.pop(name, None)
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", **changes}
