"""Where long work can be done besides this machine's threads: the cluster that an address names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tui_initflow.cluster.address import Address, Processes, Scheduler
from tui_initflow.cluster.executor import Cluster
from tui_initflow.cluster.opening import connected, local
from tui_initflow.engine.pool import Cancelled


@contextmanager
def cluster_at(address: Address, cancel: threading.Event) -> Iterator[Cluster | None]:
    """The cluster, or None if `cancel` was set before it was ready; it is left at the end.

    Raises:
        Unreachable: there is none.
    """
    match address:
        case Scheduler():
            opening = connected(address, cancel=cancel)
        case Processes(count):
            opening = local(count, cancel=cancel)
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(opening)
        except Cancelled:
            yield None
            return
        yield cluster
