"""Work on a cluster: the numbers of one machine, whatever happens to the workers, and an end when it is lost."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple, replace
from importlib import import_module
from inspect import getmembers, isfunction, signature
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest
from distributed import LocalCluster

from tui_initflow import Experiment, engine, simulate, sweep, training
from tui_initflow.cluster import executor
from tui_initflow.cluster.address import Scheduler, parse_address
from tui_initflow.cluster.executor import Cluster, Sender
from tui_initflow.cluster.opening import connected, local
from tui_initflow.cluster.watch import Limits
from tui_initflow.engine.fingerprint import Fingerprint
from tui_initflow.engine.grid import compute_grid, whole_grid
from tui_initflow.engine.pool import Cancelled, Load, Progress, Stop
from tui_initflow.engine.results import Results
from tui_initflow.model.training import BEST, TrainingSettings
from tui_initflow.training.data import load_data
from tui_initflow.training.runs import search, train
from tui_initflow.training.trainability import trainability_map

pytestmark = pytest.mark.slow

SMALL = Experiment(layers=3, neurons=12, features=7, runs=4)
MANY = Experiment(layers=8, neurons=50, features=64, runs=2000, format="fp16", seed=3)


@pytest.fixture
def scheduler() -> Iterator[LocalCluster]:
    """With one worker, in a thread of this process, which costs no time to start."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        dashboard_address="127.0.0.1:0",
        silence_logs=60,
    ) as cluster:
        yield cluster


@pytest.fixture
def cluster(scheduler: LocalCluster) -> Iterator[Cluster]:
    with connected(at(scheduler)) as cluster:
        yield cluster


def at(scheduler: LocalCluster) -> Scheduler:
    address = parse_address(scheduler.scheduler_address)
    assert isinstance(address, Scheduler)
    return address


def same(a: Results, b: Results) -> bool:
    """To the last bit, with all statistics."""
    return a.experiment == b.experiment and all(
        np.array_equal(x.log10_gradient, y.log10_gradient)
        and np.array_equal(x.preactivation.histogram, y.preactivation.histogram)
        and x.preactivation.sums.total.values.tobytes() == y.preactivation.sums.total.values.tobytes()
        and x.elements is not None
        and y.elements is not None
        and np.array_equal(x.elements.flushed_by_scale, y.elements.flushed_by_scale)
        for x, y in zip(a.methods, b.methods, strict=True)
    )


def test_two_processes_give_the_numbers_of_one_and_one_may_stop_or_die() -> None:
    with local(2, limits=Limits(worker=2.0)) as cluster:
        pids: list[int] = [*cluster._client.run(os.getpid).values()]
        assert len({os.getpid(), *pids}) == 3

        def at_first(number: int, pid: int) -> Callable[[object], None]:
            sent: list[int] = []

            def send(_: object) -> None:
                if not sent:
                    sent.append(pid)
                    os.kill(pid, number)

            return send

        assert same(simulate(MANY, executor=cluster, on_progress=at_first(signal.SIGSTOP, pids[0])), simulate(MANY))
        os.kill(pids[0], signal.SIGCONT)
        plan = whole_grid(SMALL, ("gain", "layers"), 4, 4)
        killing = at_first(signal.SIGKILL, pids[1])
        there, here = compute_grid(plan, executor=cluster, on_progress=killing), compute_grid(plan)
        assert there.done.all()
        assert np.array_equal([there.log10_a, there.log10_b], [here.log10_a, here.log10_b])
        assert cluster.lost is None


ALL = (simulate, compute_grid, sweep, train, search, trainability_map)


def test_all_that_can_be_given_an_executor_is_compared_here() -> None:
    """By the test above and the one below."""
    modules = [
        import_module(f"{room.__name__}.{module.name}")
        for room in (engine, training)
        for module in iter_modules(room.__path__)
    ]
    functions = {function for module in modules for _, function in getmembers(module, isfunction)}
    given = {function.__name__ for function in functions if "executor" in signature(function).parameters}
    assert given == {function.__name__ for function in ALL}


def test_sweeps_and_maps_are_those_of_one_machine(cluster: Cluster) -> None:
    there, here = (sweep(SMALL, "layers", [1, 2, 5], executor=place) for place in (cluster, None))
    assert [point.value for point in there.points] == [1, 2, 5]
    for a, b in zip(there.points, here.points, strict=True):
        assert np.array_equal(a.log10_ratio, b.log10_ratio)
    some: dict[str, Any] = {"depths": (1, 3), "gains": (0.5, 1.0)}
    settings, digits = TrainingSettings(steps=4, lr=0.1), load_data("digits")
    # without a rate, which is searched for
    networks = SMALL.with_(features=digits.features, runs=2)
    learned, by_one = (train(networks, replace(settings, lr=BEST), digits, executor=place) for place in (cluster, None))
    for of, of_one in zip(learned.methods, by_one.methods, strict=True):
        assert of.search is not None
        assert of.search == of_one.search
        assert of.final_accuracy == of_one.final_accuracy
        assert np.array_equal(of.curves.loss, of_one.curves.loss)
    trained, alone = (
        trainability_map(SMALL, "a", settings, digits, executor=place, **some) for place in (cluster, None)
    )
    assert not np.ma.getmaskarray(trained.accuracy).any()
    assert np.array_equal(trained.accuracy, alone.accuracy)


def test_a_cancel_keeps_what_is_done_and_takes_back_the_rest(cluster: Cluster) -> None:
    cancel = threading.Event()
    stopped = simulate(MANY, executor=cluster, cancel=cancel, on_progress=lambda _: cancel.set())
    assert 0 < stopped.runs < MANY.runs
    assert same(stopped, simulate(MANY.with_(runs=stopped.runs)))
    assert cluster.lost is None
    assert not cluster._client.futures
    # and is ready for more
    assert same(simulate(MANY.with_(runs=3), executor=cluster), simulate(MANY.with_(runs=3)))


def test_a_worker_ends_what_is_taken_back(scheduler: LocalCluster, cluster: Cluster) -> None:
    (worker,) = scheduler.workers.values()
    cancel = threading.Event()
    watch = threading.Thread(target=set_when, args=(cancel, lambda: worker.state.executing))
    watch.start()
    with pytest.raises(Cancelled):
        # minutes of work
        simulate(Experiment(layers=1000, neurons=1500, runs=9), executor=cluster, cancel=cancel)
    watch.join()
    gone = threading.Event()
    set_when(gone, lambda: not worker.state.executing and not worker.state.tasks)
    assert gone.is_set()


def set_when(event: threading.Event, is_so: Callable[[], object]) -> None:
    """Within 30 seconds."""
    for _ in range(3000):
        if is_so():
            event.set()
            return
        time.sleep(0.01)


def test_a_scheduler_that_vanishes_ends_the_work_with_what_is_done(scheduler: LocalCluster) -> None:
    reports: list[Progress[Results]] = []

    def close(progress: Progress[Results]) -> None:
        if not reports:
            scheduler.close()
        reports.append(progress)

    with connected(at(scheduler)) as cluster:
        kept = simulate(MANY, executor=cluster, on_progress=close)
        assert cluster.lost == f"{scheduler.scheduler_address} no longer answers"
    assert kept.runs == reports[-1].done < MANY.runs
    assert same(kept, simulate(MANY.with_(runs=kept.runs)))


class Line:
    """A connection to a scheduler that can go dead: it stays open, and nothing that is sent arrives."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.dead = threading.Event()
        self._scheduler = scheduler
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = Scheduler("127.0.0.1", self._server.getsockname()[1])
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, theirs = self._server.accept()[0], socket.create_connection(astuple(self._scheduler))
                self._ends += [ours, theirs]
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if not self.dead.is_set():
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for end in (self._server, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_line_that_goes_dead_ends_the_work_with_what_is_done(scheduler: LocalCluster) -> None:
    reports: list[Progress[Results]] = []
    line = Line(at(scheduler))

    def die(progress: Progress[Results]) -> None:
        reports.append(progress)
        line.dead.set()

    with connected(line.address, limits=Limits(scheduler=1.0, close=0.1)) as cluster:
        kept = simulate(MANY, executor=cluster, on_progress=die)
        assert cluster.lost == f"{line.address} does not answer (1 s)"
    line.close()
    assert kept.runs == reports[-1].done < MANY.runs
    assert same(kept, simulate(MANY.with_(runs=kept.runs)))


def test_a_cancel_waits_for_nobody_who_does_not_answer(scheduler: LocalCluster) -> None:
    cancel, line = threading.Event(), Line(at(scheduler))

    def die(_: Progress[Results]) -> None:
        line.dead.set()
        cancel.set()

    with connected(line.address, limits=Limits(close=0.1)) as cluster:
        assert 0 < simulate(MANY, executor=cluster, cancel=cancel, on_progress=die).runs < MANY.runs
        assert cluster.lost is None
    line.close()


STANDING = threading.Event()
"""What the first item of some work waits for, as if for ever; it is set at the end."""
waits: list[int] = []


def standing(stop: Stop) -> Callable[[int], int]:
    """Items of which the first one computed stands still."""

    def compute(item: int) -> int:
        stop.checkpoint()
        if not waits:
            waits.append(item)
            STANDING.wait()
        return item**2

    return compute


@pytest.fixture
def stands() -> Iterator[None]:
    waits.clear()
    STANDING.clear()
    yield
    STANDING.set()


@pytest.mark.usefixtures("stands")
def test_what_stands_still_is_done_by_others(scheduler: LocalCluster) -> None:
    scheduler.scale(2)
    with connected(at(scheduler), limits=Limits(worker=1.0, standstill=0.5)) as cluster:
        set_when(threading.Event(), lambda: len(cluster._watch.sight.workers) == 2)
        assert list(cluster.in_order(standing, range(20), Stop(None), Load())) == [
            (item, item**2) for item in range(20)
        ]
        assert len(cluster._watch.sight.unfit) == 1
        STANDING.set()


@pytest.mark.usefixtures("stands")
def test_without_others_the_work_is_lost(scheduler: LocalCluster) -> None:
    with connected(at(scheduler), limits=Limits(worker=1.0, standstill=0.5)) as cluster:
        assert list(cluster.in_order(standing, range(20), Stop(None), Load())) == []
        assert cluster.lost is not None
        assert cluster.lost.endswith(" does not answer (1 s) or stands still (0.5 s)")
        STANDING.set()


def test_a_worker_with_other_numbers_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Fingerprint("0.0.9", "2.0.0", "riscv64", "00000000")
    monkeypatch.setattr(executor, "fingerprint", lambda _: here)
    with pytest.raises(Cancelled):
        simulate(SMALL, executor=cluster)
    assert cluster.lost is not None
    assert cluster.lost.startswith("the numbers of a worker may not be those of this machine: tui-initflow ")
    assert cluster.lost.endswith(f" there, {here} here")


class Broken:
    """Work that fails on the worker."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, _: object) -> Callable[[int], int]:
        raise self._error


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (ZeroDivisionError("of the work"), "the work failed on a worker: ZeroDivisionError: of the work"),
        (ModuleNotFoundError("No module named 'a'"), "the workers lack a package: No module named 'a'"),
        (OSError("\x1b[2J\n" + 200 * "x"), rf"the work failed on a worker: OSError: \x1b[2J\n{115 * 'x'}..."),
    ],
)
def test_what_fails_on_a_worker_is_one_line(cluster: Cluster, error: Exception, lost: str) -> None:
    assert list(cluster.in_order(Broken(error), [1, 2], Stop(None), Load())) == []
    assert cluster.lost == lost


def test_short_items_travel_together_and_long_ones_alone(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks: list[int] = []
    plain = Sender.chunk

    def counted(sender: Sender, items: Any, sight: Any) -> Any:
        chunks.append(len(items))
        return plain(sender, items, sight)

    monkeypatch.setattr(Sender, "chunk", counted)
    expected = [(item, item**2) for item in range(200)]
    assert list(cluster.in_order(squares, range(200), Stop(None), Load())) == expected
    assert sum(chunks) == 200
    assert max(chunks) > 10
    for name in ("CHUNK_SECONDS", "SECONDS_HERE"):
        monkeypatch.setattr(executor, name, 0.0)
    chunks.clear()
    assert list(cluster.in_order(squares, range(20), Stop(None), Load())) == expected[:20]
    assert chunks == [1] * 20


def squares(_: object) -> Callable[[int], int]:
    return lambda item: item**2
