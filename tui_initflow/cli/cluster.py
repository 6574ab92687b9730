"""Where the work of a command is done: in threads, or on the cluster that `--cluster` names."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tui_initflow import lab
from tui_initflow.cli.diagnostics import FAILED, Failure, quoted
from tui_initflow.cli.interrupts import INTERRUPTED


def address(text: str) -> lab.Address:
    """The value of `--cluster`, if it is one."""
    try:
        return lab.parse_address(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; must be {lab.ADDRESSES}") from None


@contextmanager
def cluster_of(options: argparse.Namespace, cancel: threading.Event) -> Iterator[lab.Cluster | None]:
    """The cluster in the options; None if they name none.

    Raises:
        Failure: there is none, or the extra is not installed.
    """
    if options.cluster is None:
        yield None
        return
    try:
        opening = lab.cluster_at(options.cluster, cancel)
    except ImportError:
        raise Failure("--cluster: needs the extra 'cluster': pip install 'tui-initflow[cluster]'", FAILED) from None
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(opening)
        except lab.Unreachable as error:
            raise Failure(f"--cluster: {error}", FAILED) from None
        if cluster is None:
            raise Failure("stopped before the cluster was ready", INTERRUPTED)
        yield cluster


def has_ended_early(cancel: threading.Event, cluster: lab.Cluster | None) -> bool:
    """Whether the work was interrupted, or its cluster lost."""
    return cancel.is_set() or (cluster is not None and cluster.lost is not None)


def stopped(extent: str, cluster: lab.Cluster | None) -> Failure:
    """What is said where work ended early: how far it was, and the reason if that is the cluster."""
    if cluster is None or cluster.lost is None:
        return Failure(f"stopped {extent}", INTERRUPTED)
    return Failure(f"stopped {extent}: {cluster.lost}", FAILED)
