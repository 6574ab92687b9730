"""Reaching a cluster and leaving it: one line whatever answers, an end whoever interrupts, and nothing left behind."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from multiprocessing.process import BaseProcess

import pytest

from tui_initflow.cluster.address import Scheduler
from tui_initflow.cluster.opening import WORKER_PROCESS, Unreachable, connected, local
from tui_initflow.cluster.watch import Limits
from tui_initflow.engine.pool import Cancelled

pytestmark = pytest.mark.slow

HASTY = Limits(connect=0.2)
Answer = Callable[[socket.socket], object]


@contextmanager
def stranger(answer: Answer) -> Iterator[Scheduler]:
    """An address at which each connection gets this answer, and stays open."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    kept.append(server.accept()[0])
                    answer(kept[-1])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield Scheduler("127.0.0.1", server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


def echo(connection: socket.socket) -> None:
    """What is said first."""
    connection.sendall(connection.recv(1 << 16))


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (lambda _: None, r" \(0\.2 s\)"),
        (lambda connection: connection.sendall(struct.pack("<QQQ", 48, 1, 24) + b"\x82\xa2op"), r" \(0\.2 s\)"),
        (echo, r" \(0\.2 s\)"),
        # if it is closed before it is complete, Dask tries again
        (lambda connection: connection.shutdown(socket.SHUT_RDWR), r"( \(0\.2 s\))?"),
        (lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ""),
        (lambda connection: connection.sendall(struct.pack("<QQQ", 24, 1, 8) + 8 * b"\xc1"), ""),
        (lambda connection: connection.sendall(4 * b"\x1b[2J\x07\n"), ""),
    ],
    ids=["silent", "half a message", "half a handshake", "closed", "HTTP", "garbage", "escapes"],
)
def test_a_stranger_is_one_line_now_and_later(answer: Answer, end: str, capfd: pytest.CaptureFixture[str]) -> None:
    with stranger(answer) as address:
        with pytest.raises(Unreachable) as caught:
            # one that says anything is not waited for
            opened(address, HASTY if end else Limits(connect=1000.0))
        said = re.escape(f"{address} accepts connections, but does not answer as a Dask scheduler") + end
        assert re.fullmatch(said, str(caught.value))
        del caught
    gc.collect()
    assert capfd.readouterr() == ("", "")
    assert not [thread for thread in threading.enumerate() if thread.name == "cluster"]


def test_nobody_at_an_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = Scheduler("127.0.0.1", server.getsockname()[1])
    with pytest.raises(Unreachable, match=f"^{free} cannot be reached: Connection refused$"):
        opened(free, HASTY)


def opened(address: Scheduler, limits: Limits, cancel: threading.Event | None = None) -> None:
    with connected(address, limits=limits, cancel=cancel):
        pass


def test_a_name_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    with pytest.raises(Unreachable, match=r"^tcp://somewhere:8786 does not answer \(0\.2 s\)$"):
        opened(Scheduler("somewhere", 8786), HASTY)
    over.set()


def test_a_cancel_ends_the_wait_for_an_answer() -> None:
    cancel = threading.Event()
    with stranger(lambda _: cancel.set()) as address, pytest.raises(Cancelled):
        opened(address, Limits(connect=1000.0), cancel)


def test_a_second_interrupt_leaves_no_process_not_even_a_stopped_one() -> None:
    stopped: list[BaseProcess] = []

    def interrupted() -> None:
        with local(1, limits=Limits(close=1000.0)):
            stopped.extend(child for child in active_children() if child.name.startswith(WORKER_PROCESS))
            assert stopped[0].pid is not None
            os.kill(stopped[0].pid, signal.SIGSTOP)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (process,) = stopped
    process.join()
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one that is stopped ends when it goes on")
def test_processes_end_with_the_one_that_started_them() -> None:
    script = (
        "import os, signal\n"
        "from multiprocessing import active_children\n"
        "from tui_initflow.cluster.opening import local\n"
        "with local(1):\n"
        "    print('started', flush=True)\n"
        "    os.kill(active_children()[0].pid, signal.SIGSTOP)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # they have its standard output, which is at its end when the last of them has ended
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"started\n")
