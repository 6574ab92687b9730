"""Where long work can be done besides this machine's threads: processes of it, or the cluster that an address names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tui_initflow.cluster import address as named
from tui_initflow.engine.pool import Cancelled
from tui_initflow.engine.processes import Processes
from tui_initflow.engine.processors import available_processors

if TYPE_CHECKING:
    from tui_initflow.cluster.executor import Cluster


def processes(count: int | None, tell: Callable[[str], None]) -> Processes:
    """Processes for long work, by default one for each processor; none start before there is such work.

    `tell` is called, in whichever thread, with a line for the user if one of them dies.
    """
    return Processes(available_processors() if count is None else count, tell)


@contextmanager
def cluster_at(address: named.Address, cancel: threading.Event) -> Iterator[Cluster | None]:
    """The cluster, or None if `cancel` was set before it was ready; it is left at the end.

    Raises:
        Unreachable: there is none.
    """
    # which loads Dask
    from tui_initflow.cluster.opening import connected, local

    match address:
        case named.Scheduler():
            opening = connected(address, cancel=cancel)
        case named.Processes(count):
            opening = local(count, cancel=cancel)
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(opening)
        except Cancelled:
            yield None
            return
        yield cluster
