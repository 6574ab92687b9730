"""The phase chart: it fills, reads cells out and gives a cell's settings to the app."""

from __future__ import annotations

import pytest

from tests.tui.conftest import SMALL, Driver, Opener
from tui_initflow.tui.screens.phase import PhaseScreen
from tui_initflow.tui.widgets.picture_view import PictureView

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


def shown(driver: Driver, part: str = "phase") -> str:
    view = driver.app.screen.query_one(f"#{part}", PictureView)
    return "\n".join(view.render_line(y).text.rstrip() for y in range(view.size.height))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_cell_is_read_out_and_adopted(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await driver.press("r", "p")
        assert isinstance(driver.app.screen, PhaseScreen)
        assert "Uniform" in shown(driver)
        assert "gain 1, 4 layers: Uniform's gradient" in shown(driver)
        await driver.press("up", "right", "right")
        readout = shown(driver)
        await driver.press("enter")
        experiment = driver.screen.session.experiment
        assert experiment.layers > SMALL.layers
        assert experiment.a.gain > 1.0
        assert experiment.b.gain == 1.0
        assert f"gain {experiment.a.gain:g}, {experiment.layers} layers" in readout
        assert driver.screen.session.results is not None
        assert driver.screen.session.results.experiment == experiment


async def test_the_other_quantity_and_the_other_plane(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("x", "p")
        assert "Normal's gradient" in shown(driver)
        await driver.press("v")
        assert "Normal/Uniform" in shown(driver)
        await driver.press("g")
        assert "Neurons" in shown(driver)
        assert "8 neurons, 4 layers" in shown(driver)
        await driver.press("left", "enter")
        assert driver.screen.session.experiment.network.widest < SMALL.network.widest
        assert driver.screen.session.experiment.layers == SMALL.layers


@pytest.mark.parametrize("key", ["escape", "p"])
async def test_it_is_left_without_a_change(opened: Opener, key: str) -> None:
    async with opened() as driver:
        before = driver.screen.session.experiment
        await driver.press("p", "right", key)
        assert len(driver.app.screen_stack) == 1
        assert driver.screen.session.experiment == before


async def test_a_list_of_widths_is_refused_in_words(opened: Opener) -> None:
    async with opened(SMALL.with_(widths=(6, 5, 4))) as driver:
        await driver.press("p")
        assert "list of widths" in shown(driver, "phase-status")
        assert "use layers and neurons instead" in shown(driver)
        assert not driver.app._notifications
        await driver.press("right", "enter", "v", "escape")
        assert len(driver.app.screen_stack) == 1


async def test_it_stops_and_keeps_what_is_done(opened: Opener) -> None:
    async with opened() as driver:
        await driver.pilot.press("p", "s")
        await driver.settle()
        await driver.press("escape", "r")
        assert driver.screen.session.results is not None
