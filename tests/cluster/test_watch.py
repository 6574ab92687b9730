"""Who is taken for lost, and who is not: seconds that pass without waiting for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tui_initflow.cluster import watch as watch_module
from tui_initflow.cluster.watch import Limits, Watch

LIMITS = Limits(scheduler=20.0, worker=30.0, standstill=100.0, empty=200.0)


class Cluster:
    """Stands for Dask's client: those who are asleep do not answer, and computations go on by one checkpoint a look."""

    def __init__(self, *workers: str) -> None:
        self.threads = dict.fromkeys(workers, 2)
        self.asleep: set[str] = set()
        self.computing: dict[str, dict[str, Iterator[int]]] = {worker: {} for worker in workers}

    async def _awake(self, who: str) -> None:
        while who in self.asleep:
            await asyncio.sleep(0)

    async def nthreads(self) -> dict[str, int]:
        await self._awake("scheduler")
        return dict(self.threads)

    async def run(self, _: Callable[..., Any], workers: list[str]) -> dict[str, dict[str, int]]:
        (worker,) = workers
        await self._awake("scheduler")
        await self._awake(worker)
        return {worker: {key: next(passed) for key, passed in self.computing[worker].items()}}


async def wait(watch: Watch, seconds: int) -> None:
    for _ in range(seconds):
        watch.tick(1.0)
        # answers arrive
        for _ in range(4):
            await asyncio.sleep(0)


async def test_all_is_well_while_they_answer() -> None:
    watch = Watch(Cluster("v", "w"), LIMITS)
    watch.listening = True
    await wait(watch, 300)
    sight = watch.sight
    assert sight.threads == 4
    assert sight.fit == {"v", "w"}
    assert sight.problem is None
    assert sight.whole


async def test_a_silent_scheduler_is_lost_and_its_workers_are_not_blamed() -> None:
    cluster = Cluster("w")
    watch = Watch(cluster, LIMITS)
    watch.listening = True
    await wait(watch, 50)
    cluster.asleep.add("scheduler")
    await wait(watch, 15)
    assert watch.sight.problem is None
    await wait(watch, 100)
    assert watch.sight.problem == "does not answer (20 s)"
    assert not watch.sight.unfit


async def test_a_cluster_without_workers_is_lost() -> None:
    cluster = Cluster()
    watch = Watch(cluster, LIMITS)
    await wait(watch, 195)
    assert watch.sight.problem is None
    cluster.threads = {"w": 1}
    await wait(watch, 10)
    cluster.threads = {}
    await wait(watch, 195)
    assert watch.sight.problem is None
    await wait(watch, 10)
    assert watch.sight.problem == "has no workers (200 s)"


async def test_a_silent_worker_is_unfit_until_it_answers() -> None:
    cluster = Cluster("v", "w")
    watch = Watch(cluster, LIMITS)
    cluster.asleep.add("w")
    # nobody asks it before work is late
    await wait(watch, 50)
    assert not watch.sight.unfit
    watch.listening = True
    await wait(watch, 25)
    assert not watch.sight.whole
    await wait(watch, 10)
    assert watch.sight.unfit == {"w"}
    assert watch.sight.fit == {"v"}
    assert watch.sight.whole
    # and it is remembered afterwards
    watch.listening = False
    await wait(watch, 50)
    assert watch.sight.unfit == {"w"}
    cluster.asleep.clear()
    await wait(watch, 10)
    assert not watch.sight.unfit


async def test_work_that_stands_still_makes_its_worker_unfit() -> None:
    cluster = Cluster("v", "w")
    cluster.computing["v"] = {"moving": count()}
    cluster.computing["w"] = {"standing": iter(lambda: 7, None)}
    watch = Watch(cluster, LIMITS)
    watch.listening = True
    await wait(watch, 95)
    assert watch.sight.moving == {"moving", "standing"}
    await wait(watch, 15)
    assert watch.sight.moving == {"moving"}
    assert watch.sight.unfit == {"w"}
    cluster.computing["w"] = {}
    await wait(watch, 10)
    assert not watch.sight.unfit


async def test_a_worker_that_leaves_is_forgotten() -> None:
    cluster = Cluster("v", "w")
    cluster.asleep.add("w")
    watch = Watch(cluster, LIMITS)
    watch.listening = True
    await wait(watch, 50)
    del cluster.threads["w"]
    await wait(watch, 10)
    assert watch.sight.workers == {"v"}
    assert not watch.sight.unfit


async def test_an_hour_in_which_this_process_is_suspended_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster("w")
    cluster.asleep.add("scheduler")
    watch = Watch(cluster, LIMITS)
    hours = count()
    ticked = asyncio.Event()

    def later() -> float:
        if next(hours) > 5:
            ticked.set()
        return 3600.0 * next(hours)

    monkeypatch.setattr(watch_module, "monotonic", later)
    monkeypatch.setattr(watch_module, "TICK_SECONDS", 1e-6)
    running = asyncio.ensure_future(watch.run())
    await ticked.wait()
    running.cancel()
    assert watch.sight.problem is None
