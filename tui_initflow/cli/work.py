"""Long work of a command: where it is done, how far it is, and what becomes of it when Ctrl+C stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeVar

from tui_initflow import lab
from tui_initflow.cli.destination import Destination
from tui_initflow.cli.diagnostics import FAILED, Failure, interruptible
from tui_initflow.cli.interrupts import INTERRUPTED
from tui_initflow.cli.parser import Parser, reader
from tui_initflow.cli.streams import progress_line

Result = TypeVar("Result")


def add_cluster(parser: Parser, condition: str = "") -> None:
    """`--cluster`, which names where the work is done."""
    parser.add_argument(
        "--cluster",
        type=reader(lab.parse_address, lab.ADDRESSES),
        metavar="ADDRESS",
        help=f"where the work is done, with the same numbers: {lab.ADDRESSES}{condition}",
    )


class Work(NamedTuple):
    """What work needs: an event that stops it, a place for it, None for threads, and a line to show or clear."""

    cancel: threading.Event
    place: lab.Cluster | None
    show: Callable[[str], None]
    clear: Callable[[], None]

    def report(self, progress: lab.Progress[object]) -> None:
        self.show(progress.text)

    def write(self, result: object, target: Destination) -> None:
        self.show(f"writing {target.format.name}")
        text = target.text_of(result)
        # on a terminal, the text would begin behind the line
        self.clear()
        target.write(text)

    @property
    def ended_early(self) -> bool:
        """Whether the work was interrupted, or its cluster lost."""
        return self.cancel.is_set() or (self.place is not None and self.place.lost is not None)

    def stopped(self, extent: str) -> Failure:
        """What is said where work ended early: how far it was, and the reason if that is the cluster."""
        if self.place is None or self.place.lost is None:
            return Failure(f"stopped {extent}", INTERRUPTED)
        return Failure(f"stopped {extent}: {self.place.lost}", FAILED)

    def required(self, result: Result | None, extent: str) -> Result:
        """The result; where there is none, because the work ended before anything was complete, `stopped` is raised."""
        if result is None:
            raise self.stopped(extent)
        return result


@contextmanager
def working(address: lab.Address | None = None) -> Iterator[Work]:
    """Work that Ctrl+C asks to stop, in threads or on the cluster at `address`.

    Raises:
        Failure: there is no such cluster, its extra is not installed, or Ctrl+C came twice.
    """
    with interruptible() as cancel, _cluster_at(address, cancel) as place, ExitStack() as line:
        yield Work(cancel, place, line.enter_context(progress_line()), line.close)


@contextmanager
def _cluster_at(address: lab.Address | None, cancel: threading.Event) -> Iterator[lab.Cluster | None]:
    if address is None:
        yield None
        return
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(lab.cluster_at(address, cancel))
        except ImportError:
            raise Failure("--cluster: needs the extra 'cluster': pip install 'tui-initflow[cluster]'", FAILED) from None
        except lab.Unreachable as error:
            raise Failure(f"--cluster: {error}", FAILED) from None
        if cluster is None:
            raise Failure("stopped before the cluster was ready", INTERRUPTED)
        yield cluster
