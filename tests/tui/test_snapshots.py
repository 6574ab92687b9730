"""Pictures of every pane at the three sizes, the same for the same seed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import SIZES, Driver
from tui_initflow.model.experiment import Experiment
from tui_initflow.tui.app import InitflowApp

EXPERIMENT = Experiment(runs=20, seed=11)
PANES = ("1", "2", "3", "4", "5", "6")
TABBED = ("2", "3", "4", "6")


def steps(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run_before(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, InitflowApp)
        driver = Driver(pilot.app, pilot)
        await driver.settle()
        if keys:
            await driver.press(*keys)

    return run_before


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_first_screen(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=size, run_before=steps())


@pytest.mark.parametrize("pane", PANES)
def test_panes_80x24(snap_compare: Any, pane: str) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(80, 24), run_before=steps("R", pane))


@pytest.mark.parametrize("pane", TABBED)
def test_panes_120x40(snap_compare: Any, pane: str) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(120, 40), run_before=steps("R", pane))


def test_dashboard_200x60(snap_compare: Any) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(200, 60), run_before=steps("R"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_light_theme(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT, "light"), terminal_size=size, run_before=steps("R"))


@pytest.mark.parametrize("preset", ["m", "l"])
def test_other_presets(snap_compare: Any, preset: str) -> None:
    app = InitflowApp(EXPERIMENT)
    assert snap_compare(app, terminal_size=(120, 40), run_before=steps("R", preset, "6"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_help(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=size, run_before=steps("question_mark"))


def test_zoomed_gradient(snap_compare: Any) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(120, 40), run_before=steps("R", "1", "z"))


def test_refused_value(snap_compare: Any) -> None:
    keys = ("R", "tab", "0", "enter")
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(80, 24), run_before=steps(*keys))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_theory(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=size, run_before=steps("R", "t"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_phase_chart(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=size, run_before=steps("p"))


@pytest.mark.parametrize("key", ["a", "f", "n", "o", "e"])
def test_dialogues(snap_compare: Any, key: str) -> None:
    assert snap_compare(InitflowApp(EXPERIMENT), terminal_size=(80, 24), run_before=steps("R", key))


def test_a_list_of_widths(snap_compare: Any) -> None:
    experiment = Experiment(
        runs=20, seed=11, widths=(784, 128, 64, 10), activation="gelu", a="he-normal", b="orthogonal"
    )
    assert snap_compare(InitflowApp(experiment), terminal_size=(120, 40), run_before=steps("R", "t", "6"))
