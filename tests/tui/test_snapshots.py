"""Pictures of the whole screen, made of given results: the three sizes, a light theme, dialogues.

Everything else is tested on its text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui import given
from tests.tui.conftest import SIZES, Driver
from tui_initflow.findings.remedies import Remedy
from tui_initflow.lab import simulations, studies
from tui_initflow.model.experiment import Experiment
from tui_initflow.tui.app import InitflowApp

pytestmark = pytest.mark.slow

EXPERIMENT = Experiment(runs=20, seed=11)


@pytest.fixture(autouse=True)
def _results_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for home, stand_ins in (
        (simulations, (given.run, given.quick_sweep, given.plane)),
        (studies, (given.theory, given.train)),
    ):
        for stand_in in stand_ins:
            monkeypatch.setattr(home, stand_in.__name__, stand_in)
    monkeypatch.setattr(Remedy, "tried", given.tried)


def after(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run_before(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, InitflowApp)
        driver = Driver(pilot.app, pilot)
        await driver.settle()
        await driver.press(*keys)
        for field in pilot.app.screen.query(Input):
            # a picture is taken at no certain time
            field.cursor_blink = False
        await driver.settle()

    return run_before


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_runs(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=size, run_before=after("R"))


def test_light_theme(snap_compare: Any) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT, "light"), terminal_size=(120, 40), run_before=after("R", "3"))


def test_theory_and_why(snap_compare: Any) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(120, 40), run_before=after("R", "t", "6"))


def test_phase_chart(snap_compare: Any) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(120, 40), run_before=after("p"))


def test_training(snap_compare: Any) -> None:
    experiment = EXPERIMENT.with_(layers=6, neurons=8)
    assert snap_compare(InitflowApp(experiment), terminal_size=(120, 40), run_before=after("g", "z"))


@pytest.mark.parametrize("key", ["a", "n", "o", "e", "question_mark"])
def test_dialogues(snap_compare: Any, key: str) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(80, 24), run_before=after("R", key))


def test_a_list_of_widths(snap_compare: Any) -> None:
    experiment = Experiment(
        runs=20, seed=11, widths=(784, 128, 64, 10), activation="gelu", a="he-normal", b="orthogonal"
    )
    assert snap_compare(InitflowApp(experiment), terminal_size=(80, 24), run_before=after("R", "2"))
