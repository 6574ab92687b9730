"""Where the work of a command is done: in threads, or on the cluster that `--cluster` names."""

from __future__ import annotations

import argparse
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tui_initflow.cli.diagnostics import FAILED, MOST_ECHOED, Failure, quoted
from tui_initflow.cli.interrupts import INTERRUPTED

if TYPE_CHECKING:
    from tui_initflow.lab import Cluster

LOCAL = "local"
MOST_PROCESSES = 1024
ALLOWED = f"{LOCAL}, {LOCAL}:N for N processes of this machine, or a scheduler such as tcp://HOST:8786"
_ADDRESS = re.compile(r"(?:tcp|tls|ws|wss|ucx)://[^\s/]+:[0-9]{1,5}")


def address(text: str) -> str:
    """The value of `--cluster`, if it is one."""
    _, colon, processes = text.partition(":")
    is_local = text == LOCAL or (text.startswith(LOCAL) and bool(colon) and _is_count(processes))
    if not (is_local or _ADDRESS.fullmatch(text)):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; must be {ALLOWED}")
    return text


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text[:MOST_ECHOED]) <= MOST_PROCESSES


@contextmanager
def cluster_of(options: argparse.Namespace, cancel: threading.Event) -> Iterator[Cluster | None]:
    """The cluster in the options; None if they name none.

    Raises:
        Failure: there is none, or the extra is not installed.
    """
    if options.cluster is None:
        yield None
        return
    try:
        from tui_initflow.lab import Unreachable, connected, local
    except ImportError:
        raise Failure("--cluster: needs the extra 'cluster': pip install 'tui-initflow[cluster]'", FAILED) from None
    name, _, processes = options.cluster.partition(":")
    # by default one process for each processor
    opened = local(int(processes) if processes else None) if name == LOCAL else connected(options.cluster)
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(opened)
        except Unreachable as error:
            if cancel.is_set():
                raise Failure("stopped before the cluster was ready", INTERRUPTED) from None
            raise Failure(f"--cluster: {error}", FAILED) from None
        yield cluster


def has_ended_early(cancel: threading.Event, cluster: Cluster | None) -> bool:
    """Whether the work was interrupted, or its cluster lost."""
    return cancel.is_set() or (cluster is not None and cluster.lost is not None)


def stopped(extent: str, cluster: Cluster | None) -> Failure:
    """What is said where work ended early: how far it was, and the reason if that is the cluster."""
    if cluster is None or cluster.lost is None:
        return Failure(f"stopped {extent}", INTERRUPTED)
    return Failure(f"stopped {extent}: {cluster.lost}", FAILED)
