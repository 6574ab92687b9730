"""Work on a cluster: the numbers of one machine, whatever happens to the workers, and an end when it is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from distributed import LocalCluster

from tui_initflow import Experiment, simulate, sweep
from tui_initflow.cluster import executor
from tui_initflow.cluster.executor import Cluster, Unreachable, connected, local
from tui_initflow.cluster.worker import compute
from tui_initflow.engine.fingerprint import Fingerprint
from tui_initflow.engine.grid import compute_grid
from tui_initflow.engine.grid_plan import whole_grid
from tui_initflow.engine.pool import Cancelled, Stop
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import Progress
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import load_data
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
    with connected(scheduler.scheduler_address) as cluster:
        yield cluster


def same(a: Results, b: Results) -> bool:
    """To the last bit, with all statistics."""
    return a.experiment == b.experiment and all(
        np.array_equal(x.log10_gradient, y.log10_gradient)
        and np.array_equal(x.preactivation.histogram, y.preactivation.histogram)
        and x.preactivation.sums.total.values.tobytes() == y.preactivation.sums.total.values.tobytes()
        and x.elements is not None
        and y.elements is not None
        and np.array_equal(x.elements.lost_by_scale, y.elements.lost_by_scale)
        for x, y in zip(a.methods, b.methods, strict=True)
    )


def test_two_processes_give_the_numbers_of_one_and_one_may_die() -> None:
    killed: list[int] = []
    with local(2) as cluster:
        workers: dict[str, int] = cluster._client.run(os.getpid)
        assert len({os.getpid(), *workers.values()}) == 3

        def kill(_: Progress) -> None:
            if not killed:
                killed.append(min(workers.values()))
                os.kill(killed[0], signal.SIGKILL)

        assert same(simulate(MANY, executor=cluster, on_progress=kill), simulate(MANY))
        # Dask has started another in its place, or will
        assert killed
        assert cluster.lost is None
        plan = whole_grid(SMALL, ("gain", "layers"), 4, 4)
        there, here = compute_grid(plan, executor=cluster), compute_grid(plan)
        assert there.done.all()
        assert np.array_equal([there.log10_a, there.log10_b], [here.log10_a, here.log10_b])


def test_sweeps_and_maps_are_those_of_one_machine(cluster: Cluster) -> None:
    there, here = (sweep(SMALL, "layers", [1, 2, 5], executor=place) for place in (cluster, None))
    assert [point.value for point in there.points] == [1, 2, 5]
    for a, b in zip(there.points, here.points, strict=True):
        assert np.array_equal(a.log10_ratio, b.log10_ratio)
    some: dict[str, Any] = {"depths": (1, 3), "gains": (0.5, 1.0)}
    settings, digits = TrainingSettings(steps=4, lr=0.1), load_data("digits")
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
    reports: list[Progress] = []

    def close(progress: Progress) -> None:
        if not reports:
            scheduler.close()
        reports.append(progress)

    with connected(scheduler.scheduler_address) as cluster:
        kept = simulate(MANY, executor=cluster, on_progress=close)
        assert cluster.lost == f"{scheduler.scheduler_address} no longer answers"
    assert kept.runs == reports[-1].done < MANY.runs
    assert same(kept, simulate(MANY.with_(runs=kept.runs)))


def test_a_worker_with_other_numbers_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Fingerprint("0.0.9", "2.0.0", "riscv64", "00000000")
    monkeypatch.setattr(executor, "fingerprint", lambda _: here)
    with pytest.raises(Cancelled):
        simulate(SMALL, executor=cluster)
    assert cluster.lost is not None
    assert cluster.lost.startswith("a worker computes other numbers: tui-initflow ")
    assert cluster.lost.endswith(f" there, {here} here")


class Broken:
    """Work that fails on the worker."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, _: object) -> Callable[[int], int]:
        raise self._error


def test_what_fails_on_a_worker_fails_here(cluster: Cluster) -> None:
    def results(error: Exception) -> list[tuple[int, int]]:
        return list(cluster.in_order(Broken(error), [1, 2], Stop(None)))

    with pytest.raises(ZeroDivisionError, match="of the work"):
        results(ZeroDivisionError("of the work"))
    assert cluster.lost is None
    assert results(ModuleNotFoundError("No module named 'tui_initflow'")) == []
    assert cluster.lost == "the workers lack a package: No module named 'tui_initflow'"


def test_short_items_travel_together_and_long_ones_alone(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks: list[int] = []
    submit = cluster._submit

    def counted(function: Any, *arguments: Any) -> Any:
        if function is compute:
            chunks.append(len(arguments[1]))
        return submit(function, *arguments)

    monkeypatch.setattr(cluster, "_submit", counted)
    expected = [(item, item**2) for item in range(200)]
    assert list(cluster.in_order(squares, range(200), Stop(None))) == expected
    assert sum(chunks) == 200
    assert max(chunks) > 10
    for name in ("CHUNK_SECONDS", "SECONDS_HERE"):
        monkeypatch.setattr(executor, name, 0.0)
    chunks.clear()
    assert list(cluster.in_order(squares, range(20), Stop(None))) == expected[:20]
    assert chunks == [1] * 20


def squares(_: object) -> Callable[[int], int]:
    return lambda item: item**2


def test_an_address_without_a_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "CONNECT_SECONDS", 0.3)
    with pytest.raises(Unreachable, match=r"^tcp://127.0.0.1:1 does not answer$"), connected("tcp://127.0.0.1:1"):
        pass
