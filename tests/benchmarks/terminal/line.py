"""A line to the app: a pseudo-terminal that records when each byte arrives, at full speed or at a slow line's."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

QUERY, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""A terminal that supports synchronised output answers that it does."""
QUIET = 0.3
"""Seconds without a byte after which a burst is over."""
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Burst:
    """What arrived after a key: chunks of seconds since it was pressed, and bytes."""

    chunks: list[tuple[float, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(size for _, size in self.chunks)

    @property
    def last(self) -> float:
        """Seconds to the last byte."""
        return self.chunks[-1][0] if self.chunks else 0.0

    def until_gap(self, seconds: float) -> Burst:
        """What came before the first pause of so many seconds."""
        burst = Burst()
        for at, size in self.chunks:
            if burst.chunks and at - burst.last > seconds:
                break
            burst.chunks.append((at, size))
        return burst


class Line:
    """The app at the other end of a pseudo-terminal; `rate` in bytes a second."""

    def __init__(
        self, arguments: Sequence[str] = (), *, size: tuple[int, int] = (120, 40), rate: int | None = None
    ) -> None:
        self.rate = rate
        self.text = bytearray()
        self._free_at = 0.0
        self.started = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS="", LINES="")
            os.execv(
                sys.executable,
                [sys.executable, "-m", "tui_initflow", "--no-config", "--no-run", "--seed", "1", *arguments],
            )
        columns, lines = size
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    ended = False

    def press(self, keys: str) -> float:
        """Press keys; the moment at which it was done."""
        os.write(self._terminal, keys.encode())
        return time.perf_counter()

    def read(self, since: float, seconds: float) -> tuple[float, int] | None:
        """One chunk: when it came, after `since`, and its size; None if none came within so many seconds."""
        deadline = time.perf_counter() + seconds
        if self.rate:
            pause = self._free_at - time.perf_counter()
            if pause > 0:
                time.sleep(min(pause, seconds))
        while not self.ended:
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, min(0.02, deadline - time.perf_counter())))
            if ready:
                break
            if time.perf_counter() >= deadline:
                return None
            self._reap()
        try:
            data = os.read(self._terminal, 1 << 16 if self.rate is None else self.rate // 40)
        except OSError:
            data = b""
        if not data:
            self._reap()
            return None
        if self.rate:
            self._free_at = time.perf_counter() + len(data) / self.rate
        asked = (self.text[-len(QUERY) + 1 :] + data).count(QUERY)
        self.text += data
        if asked:
            os.write(self._terminal, ANSWER * asked)
        return time.perf_counter() - since, len(data)

    def _reap(self) -> None:
        if not self.ended:
            pid, _ = os.waitpid(self.pid, os.WNOHANG)
            self.ended = pid != 0

    def burst(self, since: float, quiet: float = QUIET, limit: float = 60.0) -> Burst:
        """Everything until nothing has come for `quiet` seconds."""
        burst = Burst()
        while not self.ended and time.perf_counter() - since < limit:
            chunk = self.read(since, quiet)
            if chunk is None:
                break
            burst.chunks.append(chunk)
        return burst

    def wait_for(self, text: str, limit: float = 30.0) -> float:
        """Seconds until this text has arrived, counted from the whole of what has."""
        since = time.perf_counter()
        while text.encode() not in self.text:
            if self.ended or time.perf_counter() - since > limit:
                raise TimeoutError(f"{text!r} did not come")
            self.read(since, 0.02)
        return time.perf_counter() - since

    def seconds_to_the_end(self, since: float, limit: float = 60.0) -> float:
        """Read on until the app has ended and its last byte, with which the terminal is restored, has been read."""
        while not self.ended and time.perf_counter() - since < limit:
            self.read(since, 0.02)
            self._reap()
        while self.read(since, 0.02):
            pass
        return max(time.perf_counter(), self._free_at) - since

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the app."""
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @property
    def memory(self) -> float:
        """Resident megabytes."""
        with open(f"/proc/{self.pid}/statm") as statm:
            return int(statm.read().split()[1]) * PAGE / 1e6
