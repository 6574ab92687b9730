"""Long work of a command: where it is done, how far it is, and what becomes of it when Ctrl+C stops it."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeVar

from tui_initflow import lab
from tui_initflow.cli.destination import Destination
from tui_initflow.cli.diagnostics import FAILED, Failure, interruptible
from tui_initflow.cli.interrupts import INTERRUPTED
from tui_initflow.cli.parser import Parser, reader
from tui_initflow.cli.streams import progress_line, say
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.model.settings import Whole

Result = TypeVar("Result")
WORKERS = Whole(0, 1024)

Place = lab.Address | int | None
"""Where the work is asked to be done: on a cluster, or by so many processes; None for one for each processor."""


def add_workers(parser: Parser) -> None:
    """`--workers`, which says how many processes do the work."""
    # no default, which would overwrite what is given before a command
    parser.add_argument(
        "--workers",
        type=reader(WORKERS.read, WORKERS.allowed),
        metavar=WORKERS.metavar,
        default=argparse.SUPPRESS,
        help=f"processes for work that takes longer than a moment: {WORKERS.allowed}, 0 for none "
        "(default one for each processor)",
    )


def add_cluster(parser: Parser, condition: str = "") -> None:
    """`--cluster`, which names where the work is done."""
    parser.add_argument(
        "--cluster",
        type=reader(lab.parse_address, lab.ADDRESSES),
        metavar="ADDRESS",
        help=f"where the work is done, with the same numbers: {lab.ADDRESSES}{condition}",
    )


def place_of(options: argparse.Namespace) -> Place:
    """Where the options say that the work is done. Raises Failure if they contradict each other."""
    workers, cluster = (getattr(options, name, None) for name in ("workers", "cluster"))
    if workers is not None and cluster is not None:
        raise Failure("--workers: not with --cluster, which does the work")
    return workers if cluster is None else cluster


class Work(NamedTuple):
    """What work needs: an event that stops it, a place for it, and a line to show or clear."""

    cancel: threading.Event
    place: lab.Cluster | lab.Processes
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
        """Whether the work was interrupted, or what does it lost."""
        return self.cancel.is_set() or self.place.lost is not None

    def stopped(self, extent: str) -> Failure:
        """What is said where work ended early: how far it was, and the reason if that is the place."""
        if self.place.lost is None:
            return Failure(f"stopped {extent}", INTERRUPTED)
        return Failure(f"stopped {extent}: {self.place.lost}", FAILED)

    def required(self, result: Result | None, extent: str) -> Result:
        """The result; where there is none, because the work ended before anything was complete, `stopped` is raised."""
        if result is None:
            raise self.stopped(extent)
        return result


@contextmanager
def working(place: Place = None) -> Iterator[Work]:
    """Work that Ctrl+C asks to stop.

    Raises:
        Failure: there is no such cluster, its extra is not installed, or Ctrl+C came twice.
    """
    with interruptible() as cancel, _opened(place, cancel) as opened, ExitStack() as line:
        yield Work(cancel, opened, line.enter_context(progress_line()), line.close)


@contextmanager
def _opened(place: Place, cancel: threading.Event) -> Iterator[lab.Cluster | lab.Processes]:
    if place is None or isinstance(place, int):
        with _processes(place) as processes:
            yield processes
        return
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(lab.cluster_at(place, cancel))
        except ImportError:
            raise Failure("--cluster: needs the extra 'cluster': pip install 'tui-initflow[cluster]'", FAILED) from None
        except lab.Unreachable as error:
            raise Failure(f"--cluster: {error}", FAILED) from None
        if cluster is None:
            raise Failure("stopped before the cluster was ready", INTERRUPTED)
        yield cluster


@contextmanager
def _processes(count: int | None) -> Iterator[lab.Processes]:
    told: list[str] = []
    try:
        with lab.Processes(count, told.append) as processes:
            yield processes
    finally:
        # not while there is a line of progress; why the work ended is said with how far it was
        for line in told:
            if line != processes.lost:
                say(line, PROGRAM)
