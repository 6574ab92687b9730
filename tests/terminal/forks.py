"""The program in forks of a process that has imported it, since importing takes longer than most cases do.

A fork ends as Python ends. Only what an interpreter reads when it starts, as the locale, is that of the first process.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORTED = ("cli.commands", "lab.simulations", "pages.why", "tui.app")
"""With what they import, all that an app imports which shows its runs."""


class Fork:
    """The program on a terminal, with those members of `subprocess.Popen` that tests need; one at a time."""

    def __init__(
        self, arguments: Sequence[str], terminal: str, directory: Path | None, environment: Mapping[str, str]
    ) -> None:
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        self._answers = server.stdout
        server.stdin.write(f"{json.dumps([arguments, terminal, str(directory or ROOT), environment])}\n".encode())
        self.pid = int(self._answers.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        status = self._ended(timeout)
        assert status is not None, f"still running after {timeout} s"
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._answers], [], [], seconds)[0]:
            self.returncode = int(self._answers.readline())
        return self.returncode


@cache
def _server() -> subprocess.Popen[bytes]:
    """Takes cases on standard input, and answers each with a process id and, at its end, a status."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
        # the second is what the app sets before it imports Textual
        env={**os.environ, "LC_ALL": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"},
    )
    # closes its standard input, at whose end it ends
    atexit.register(process.communicate)
    return process


def _serve() -> None:
    """Return in a fork for each case, and end at the end of standard input."""
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            return _become(*json.loads(line))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    sys.exit()


def _become(arguments: list[str], terminal: str, directory: str, environment: dict[str, str]) -> None:
    """Take the place of a process that a shell has just started on a terminal."""
    os.setsid()
    line = os.open(terminal, os.O_RDWR)
    # the new session's leader takes its standard input as controlling terminal: then ctrl+c and resizing work
    fcntl.ioctl(line, termios.TIOCSCTTY, 0)
    for standard in range(3):
        os.dup2(line, standard)
    os.close(line)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tui-initflow", *arguments]


if __name__ == "__main__":
    for name in IMPORTED:
        import_module(f"tui_initflow.{name}")
    _serve()
    sys.exit(import_module("tui_initflow.cli.main").entry())
