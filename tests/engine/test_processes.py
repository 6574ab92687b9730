"""Processes of this machine: the numbers of one thread, whatever happens to them, and none left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine import works
from tests.engine.lives import all_gone, when
from tests.engine.test_runs import content
from tui_initflow import Experiment, simulate, sweep, train
from tui_initflow.engine import processes as module
from tui_initflow.engine.grid import compute_grid, whole_grid
from tui_initflow.engine.pool import Load, Stop, Threads
from tui_initflow.engine.processes import Processes
from tui_initflow.engine.processors import BLAS_THREADS
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import load_data
from tui_initflow.training.trainability import trainability_map

pytestmark = pytest.mark.slow

LONG = Load(seconds=1e6)
SMALL = Experiment(layers=3, neurons=12, features=7, runs=40, seed=3, format="fp16", b="orthogonal")


@pytest.fixture(autouse=True)
def all_work_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONG", "LONG_WHEN_READY"):
        monkeypatch.setattr(module, name, 0.0)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def two(told: list[str]) -> Iterator[Processes]:
    """Ready ones; a test that kills one leaves another in its place."""
    with Processes(2, told.append) as two:
        two._start()
        when(lambda: len(two._ready) == 2)
        yield two


def done(place: Processes | Threads, work: Any, items: Any) -> list[tuple[Any, Any]]:
    return list(place.in_order(work, items, Stop(None), LONG))


def test_runs_sweeps_and_grids_are_those_of_one_thread(two: Processes) -> None:
    assert content(simulate(SMALL, executor=two)) == content(simulate(SMALL, threads=1))
    for over in ("layers", "neurons"):
        there, here = sweep(SMALL, over, [1, 2, 5], executor=two), sweep(SMALL, over, [1, 2, 5], threads=1)
        assert [point.log10_ratio.tobytes() for point in there.points] == [
            point.log10_ratio.tobytes() for point in here.points
        ]
    plan = whole_grid(SMALL, ("gain", "layers"), 4, 4)
    grids = compute_grid(plan, executor=two), compute_grid(plan, threads=1)
    assert grids[0].done.all()
    for quantity in ("a", "b"):
        assert np.array_equal(grids[0].log10(quantity), grids[1].log10(quantity))


@pytest.mark.parametrize("settings", [{"optimizer": "adam"}, {"lr": 500.0, "optimizer": "momentum"}])
def test_training_the_search_of_rates_and_maps_are_those_of_one_thread(
    settings: dict[str, Any], two: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # several groups of each method, of which one diverges if the rate is large
    monkeypatch.setattr("tui_initflow.training.runs.TOGETHER_SIGNALS", 2 * 12 * 16)
    experiment, digits = SMALL.with_(runs=3, norm_b="batch", activation="relu"), load_data("digits")
    how = TrainingSettings(steps=12, batch_size=16, **settings)
    there, here = train(experiment, how, digits, executor=two), train(experiment, how, digits, threads=1)
    assert (here.a.diverged_at == (None,) * 3) == ("lr" not in settings)
    for a, b in zip(there.methods, here.methods, strict=True):
        assert (a.search, a.final_loss, a.diverged_at) == (b.search, b.final_loss, b.diverged_at)
        assert repr(a.curves) == repr(b.curves)
    maps = [
        trainability_map(SMALL, "a", how, digits, depths=(1, 3), gains=(0.5, 1.0), **place)
        for place in ({"executor": two}, {"threads": 1})
    ]
    assert np.array_equal(maps[0].accuracy, maps[1].accuracy)


def test_a_process_loads_what_computes_and_none_of_the_user_interface(two: Processes) -> None:
    ((_, modules),) = done(two, works.loaded, [0, 1])[:1]
    assert {"numpy", "tui_initflow.engine.simulator"} <= modules
    # nor what the tests have loaded, nor the other machinery for processes
    others = {"textual", "rich", "plotext", "pytest", "distributed", "multiprocessing", "asyncio", "tui_initflow.cli"}
    assert not others & modules


def test_a_process_is_in_a_session_of_its_own_and_its_blas_in_one_thread(two: Processes) -> None:
    for _, (process, session) in done(two, works.processes, range(4)):
        assert process == session != os.getpid()
    assert [value for _, value in done(two, works.variables, BLAS_THREADS)] == ["1"] * len(BLAS_THREADS)


@pytest.mark.parametrize(
    ("item", "kind", "text"),
    [
        (3, MemoryError, "no room"),
        (5, SettingError, "layers: too many; fewer"),
        (7, RuntimeError, "Unsendable: 1 and 2"),
    ],
)
def test_what_work_raises_comes_out_after_what_was_done(
    item: int, kind: type[Exception], text: str, two: Processes
) -> None:
    done = two.in_order(works.failing, [0, 1, item, 2], Stop(None), LONG)
    assert [next(done), next(done)] == [(0, 0), (1, 1)]
    with pytest.raises(kind) as raised:
        next(done)
    assert str(raised.value) == text
    if isinstance(raised.value, SettingError):
        assert (raised.value.field, raised.value.allowed) == ("layers", "fewer")


def test_a_stop_ends_what_is_computed_and_leaves_processes_for_other_work(two: Processes) -> None:
    before, cancel = {process.pid for process in two._ready}, threading.Event()
    found = []
    for pair in two.in_order(works.endless, [0, 1, 2, 3, 4, 5, 6, 7], Stop(cancel), LONG):
        found.append(pair)
        cancel.set()
    assert found == [(0, 0)]
    # so does one who takes no more
    taken = two.in_order(works.endless, [0, 1, 2, 3], Stop(None), LONG)
    assert next(taken) == (0, 0)
    taken.close()  # type: ignore[attr-defined]
    assert done(two, works.squares, range(100)) == [(item, item**2) for item in range(100)]
    assert {process.pid for process in two._ready} == before


def test_works_at_the_same_time_share_the_processes(two: Processes) -> None:
    found: list[list[tuple[int, int]]] = []
    threads = [threading.Thread(target=lambda: found.append(done(two, works.squares, range(3000)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(item, item**2) for item in range(3000)]] * 3


def test_what_a_process_that_is_killed_was_doing_is_done_again_and_told_once(
    two: Processes, told: list[str], tmp_path: Path
) -> None:
    told.clear()
    for flag in ("once", "again"):
        dying = partial(works.dying, 4, str(tmp_path / flag))
        assert done(two, dying, range(9)) == [(item, item) for item in range(9)]
    assert told == ["a process ended (signal 9); what it was doing is done again"]
    assert two.lost is None


def test_work_that_costs_two_processes_ends_with_what_was_done_before(told: list[str], tmp_path: Path) -> None:
    with Processes(2, told.append) as place:
        place._start()
        when(lambda: place._ready)
        assert done(place, partial(works.dying, 3, ""), range(9)) == [(item, item) for item in range(3)]
        assert place.lost == "2 processes ended in the same work (signal 9)"
        assert told[-1] == place.lost
        assert done(place, works.squares, range(9)) == [(item, item**2) for item in range(9)]


def test_without_a_python_to_start_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/there/is/none")
    with Processes(2) as place:
        assert done(place, works.processes, range(3)) == [(item, (os.getpid(), os.getsid(0))) for item in range(3)]
    monkeypatch.setattr(sys, "executable", "")
    with Processes(2) as place:
        assert done(place, works.squares, range(3)) == [(0, 0), (1, 1), (2, 4)]


def test_short_work_starts_none_and_neither_does_work_that_memory_is_enough_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONG", 0.5)
    with Processes(2) as place:
        for load in (Load(seconds=0.4), Load(seconds=100.0, signals=1 << 30)):
            assert list(place.in_order(works.squares, [1, 2], Stop(None), load)) == [(1, 1), (2, 4)]
        assert list(place.in_order(works.squares, [1], Stop(None), LONG)) == [(1, 1)]
        assert not place._drivers
    with Processes(0) as place:
        assert done(place, works.squares, [1, 2]) == [(1, 1), (2, 4)]
        assert not place._drivers


def test_what_takes_longer_than_expected_is_expected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONG", 0.5)
    clock = iter([0.0, 1.0])
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    with Processes(2) as place:
        assert list(place.in_order(works.squares, [1, 2], Stop(None), Load(seconds=0.4))) == [(1, 1), (2, 4)]
        monkeypatch.undo()
        monkeypatch.setattr(module, "LONG", 0.9)
        list(place.in_order(works.squares, [1, 2], Stop(None), Load(seconds=0.4)))
        assert place._drivers


# a script as users write it, without a guard against being imported; a folder full of traps beside it
SCRIPT = """
import sys, threading
from tui_initflow import Experiment, simulate
from tui_initflow.engine import processes
processes.LONG = 0
simulate(Experiment(runs=20))
assert "subprocess" not in sys.modules or not threading.enumerate()[1:]
place = processes.Processes(2)
many = Experiment(runs=100_000)
def show(progress):
    if len(place._ready) == 2:
        print(*(process.pid for process in place._ready), flush=True)
        ENDING
simulate(many, executor=place, on_progress=show)
"""
ENDINGS = {
    "raise SystemExit": 0,
    "import os; os._exit(0)": 0,
    "import os; os.kill(os.getpid(), 9)": -9,
    "import os; os.kill(os.getpid(), 15)": -15,
    "import os, signal; os.killpg(0, signal.SIGINT)": -2,
}


def test_no_process_outlives_a_script_however_it_ends(tmp_path: Path) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('a file of the user was imported')")
    scripts = []
    for ending in ENDINGS:
        text = SCRIPT.replace("ENDING", ending)
        command = [sys.executable, "-P", "-c", text]
        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        scripts.append(
            subprocess.Popen(
                command,
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
    for script, status in zip(scripts, ENDINGS.values(), strict=True):
        out, said = script.communicate(timeout=120)
        assert script.returncode == status, said
        started = [int(number) for number in out.split()]
        assert len(started) == 2
        when(partial(all_gone, started))
