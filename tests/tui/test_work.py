"""The work that follows what is asked for: it starts, stops, gives way and fails, and only the newest arrives."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button

from tests.tui.conftest import SMALL, Driver, Opener
from tui_initflow.engine.pool import Cancelled, Progress
from tui_initflow.engine.runs import simulate
from tui_initflow.lab import simulations
from tui_initflow.model.experiment import Experiment
from tui_initflow.tui.app import InitflowApp
from tui_initflow.tui.widgets.dashboard import Dashboard

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


class Gate:
    """Holds the engine inside a simulation until it is opened or cancelled, so that tests need no clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()
        self._simulate = simulate
        monkeypatch.setattr("tui_initflow.lab.simulations.simulate", self.held)

    def held(self, experiment: Any, *, cancel: threading.Event, **options: Any) -> Any:
        self.entered.set()
        while not (self.opened.is_set() or cancel.wait(0.005)):
            pass
        # the work done before the stop came
        return self._simulate(replace(experiment, runs=1), **options)


async def test_stop_keeps_what_is_done(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as driver:
        gate = Gate(monkeypatch)
        await driver.pilot.press("R")
        await driver.until(gate.entered.is_set)
        assert driver.screen.busy
        await driver.press("s")
        assert driver.screen.session.results is not None
        assert driver.screen.session.results.runs == 1
        assert "stopped after 1 of 5" in driver.text("status")
        assert "x in one run" in driver.text("banner")


async def test_a_stop_before_the_first_run_leaves_nothing(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    entered = threading.Event()

    def cancelled(_experiment: Any, *, cancel: threading.Event, **_options: Any) -> Any:
        entered.set()
        cancel.wait()
        raise Cancelled

    monkeypatch.setattr("tui_initflow.lab.simulations.simulate", cancelled)
    async with opened() as driver:
        await driver.pilot.press("R")
        await driver.until(entered.is_set)
        await driver.press("s")
        assert driver.screen.session.results is None
        assert "stopped after 0 of 5" in driver.text("status")


async def test_late_result_of_old_settings_never_lands(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, released, returned = threading.Event(), threading.Event(), threading.Event()

    def late(experiment: Experiment, **options: Any) -> Any:
        if experiment.layers != SMALL.layers:
            return simulate(experiment, **options)
        entered.set()
        released.wait(timeout=30)
        options["on_progress"](Progress("runs", 5, 5, 1.0, lambda: simulate(experiment)))
        returned.set()
        return simulate(experiment)

    monkeypatch.setattr("tui_initflow.lab.simulations.simulate", late)
    async with opened() as driver:
        await driver.pilot.press("R")
        await driver.until(entered.is_set)
        driver.field("layers").input.focus()
        await driver.press("up")
        released.set()
        await driver.until(returned.is_set)
        await driver.settle()
        assert driver.screen.session.results is not None
        assert driver.screen.session.results.experiment.layers == SMALL.layers + 1
        assert driver.screen.session.summary is not None
        assert driver.screen.session.summary.experiment.layers == SMALL.layers + 1


async def test_changed_settings_are_announced_until_they_have_run(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as driver:
        await driver.press("R")
        gate = Gate(monkeypatch)
        driver.field("layers").input.focus()
        await driver.pilot.press("up")
        await driver.until(gate.entered.is_set)
        await driver.pilot.pause()
        assert any(badge in driver.text("banner") for badge in ("settings changed", "running"))
        gate.opened.set()
        await driver.settle()
        assert "settings changed" not in driver.text("banner")


async def test_a_failing_engine_is_reported_and_the_next_run_works(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, config_folder: Path
) -> None:
    async with opened() as driver:
        with monkeypatch.context() as broken:

            def fail(*_args: Any, **_options: Any) -> None:
                raise MemoryError("no room")

            broken.setattr(simulations, "simulate", fail)
            await driver.press("r")
            assert "runs failed: no room" in driver.text("status")
        (log,) = config_folder.rglob("errors.log")
        assert "MemoryError: no room" in log.read_text()
        assert "Traceback" in log.read_text()
        (message,) = driver.app._notifications
        assert message.message.endswith(f"the traceback is in {log}")
        assert "try again" in message.message
        await driver.press("r")
        assert driver.screen.session.results is not None


async def test_the_opening_run_comes_before_the_sweeps() -> None:
    app = InitflowApp(SMALL, opening="run_once")
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.settle()
        assert driver.screen.session.results is not None
        assert driver.screen.session.results.runs == 1
        assert set(driver.screen.session.sweeps) == {"layers", "neurons", "features"}


async def test_a_run_that_takes_long_says_that_it_runs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def hold(*_: object, **_named: object) -> None:
        held.wait(20)

    monkeypatch.setattr(simulations, "run", hold)
    app = InitflowApp(SMALL, opening="run_many")
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: "running" in driver.text("banner"))
        assert "runs 0/5" in driver.text("status")
        held.set()
        await driver.settle()


async def test_what_will_take_long_says_so_beside_the_button(opened: Opener) -> None:
    async with opened() as driver:
        button = driver.screen.query_one("#run-many", Button)
        assert str(button.label) == "Run 5x"
        session = driver.screen.session
        session.took(5, 20.0)
        assert session.expected_seconds(5) == pytest.approx(20.0)
        driver.screen.query_one(Dashboard).show_expected()
        assert str(button.label) == "Run 5x ~20 s"


async def test_sweeps_give_way_to_runs_and_are_completed_afterwards(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeping, at_work = threading.Event(), simulations.quick_sweep

    def slow(experiment: Experiment, over: str, cancel: threading.Event, *rest: Any, **place: Any) -> Any:
        if not sweeping.is_set():
            sweeping.set()
            cancel.wait(20)
        return at_work(experiment, over, cancel, *rest, **place)

    async with opened() as driver:
        monkeypatch.setattr(simulations, "quick_sweep", slow)
        await driver.pilot.press("m")
        await driver.until(sweeping.is_set)
        await driver.press("r")
        results = driver.screen.session.results
        assert results is not None
        assert results.runs == 2
        assert all(len(swept.points) > 1 for swept in driver.screen.session.sweeps.values())
        assert set(driver.screen.session.sweeps) == {"layers", "neurons", "features"}
