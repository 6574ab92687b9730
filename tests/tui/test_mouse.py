"""The mouse: what looks clickable is, the wheel steps a field, a drag reads a sweep; the terminal is quiet at rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input, OptionList

from tests.charts.samples import lines
from tests.tui.conftest import SMALL, Driver, Opener
from tui_initflow.charts.palette import DARK, UNICODE
from tui_initflow.engine.sweep import sweep as simulated_sweep
from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.chrome import title, title_links
from tui_initflow.pages.sweeps import point_at, sweep
from tui_initflow.tui.app import InitflowApp
from tui_initflow.tui.screens.questions import Form
from tui_initflow.tui.terminal.textual_private import NO_DRAGS, ONLY_DRAGS
from tui_initflow.tui.widgets.sweep_view import SweepView


@pytest.mark.parametrize(("width", "height"), [(38, 12), (80, 20), (120, 6)])
def test_the_point_under_a_column_is_the_one_drawn_there(width: int, height: int) -> None:
    experiment = replace(SMALL, runs=2)
    result = simulated_sweep(experiment, "layers", (1, 2, 5, 9, 20))
    for index in range(5):
        picture = lines(sweep(result, experiment, index, width, height, DARK))
        (column,) = {row.index(UNICODE.current) for row in picture if UNICODE.current in row}
        assert point_at(result, experiment, column, width, height, DARK) == index
    columns = [point_at(result, experiment, column, width, height, DARK) for column in range(-1, width + 1)]
    assert columns == sorted(columns)
    assert set(columns) == set(range(5))


@pytest.mark.parametrize("width", [20, 60, 100])
def test_the_links_of_the_title_cover_what_it_names(width: int) -> None:
    experiment = Experiment(sigma_b=0.5, start="signs")
    links = title_links(experiment, "b", width)
    assert "".join(text for text, _ in links) == lines(title(experiment, "b", width, 1, DARK))[0]
    opened = {action: text for text, action in links if action}
    assert opened["ask('a')"].startswith("Uni")
    if width == 100:
        assert opened["ask('b')"].startswith("Normal")
        assert opened["ask('activation')"] == "tanh"
        assert "seed 0" in opened["ask('network')"]


async def wheel(driver: Driver, setting: str, *, down: bool = False, shift: bool = False) -> None:
    kind = events.MouseScrollDown if down else events.MouseScrollUp
    field = driver.field(setting).input
    field.post_message(kind(field, 1, 0, 0, 1 if down else -1, 0, shift, False, False))
    await driver.pilot.pause()


@pytest.mark.slow
@pytest.mark.asyncio
async def test_wheel_click_and_drag(opened: Opener) -> None:
    async with opened(size=(120, 40)) as driver:
        await wheel(driver, "layers")
        await wheel(driver, "neurons", shift=True)
        await wheel(driver, "features", down=True)
        expected = replace(SMALL, layers=5, neurons=18, features=5, runs=1)
        assert driver.screen.session.experiment == expected
        await wheel(driver, "features", down=True, shift=True)
        assert driver.screen.session.experiment.features == 1

        await driver.settle()
        # along a chart: it reads, and takes nothing
        chart = driver.screen.query_one("#sweep-layers", SweepView)
        values = [point.value for point in driver.screen.session.sweeps["layers"].points]
        left, right = (chart.gutter.left + 2, 5), (chart.size.width, 5)
        await driver.pilot.mouse_down(chart, offset=left)
        await driver.pilot.pause()
        assert f"Layers {values[0]}:" in driver.text("sweep-layers").replace("\n", " ")
        await driver.pilot.hover(chart, offset=right)
        await driver.pilot.mouse_up(chart, offset=right)
        await driver.pilot.pause()
        assert f"Layers {values[-1]}:" in driver.text("sweep-layers").replace("\n", " ")
        assert driver.screen.session.experiment.layers == 5
        # moving without a button reads nothing
        await driver.pilot.hover(chart, offset=left)
        assert f"Layers {values[-1]}:" in driver.text("sweep-layers").replace("\n", " ")
        # another click on what is read takes it
        await driver.pilot.mouse_down(chart, offset=right)
        await driver.pilot.mouse_up(chart, offset=right)
        await driver.pilot.pause()
        assert driver.screen.session.experiment.layers == values[-1]

        # the title opens what chooses its parts
        for at, dialogue in ((12, OptionList), (118, Form)):
            await driver.pilot.click("#title", offset=(at, 0))
            await driver.pilot.pause()
            assert isinstance(driver.app.screen, dialogue) or driver.app.screen.query_one(dialogue)
            assert driver.app.screen.query(Input)
            await driver.press("escape")
        assert driver.app.screen is driver.screen
        await driver.pilot.click("#title", offset=(2, 0))
        assert driver.app.screen is driver.screen


@pytest.mark.asyncio
async def test_a_terminal_is_asked_to_report_drags_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    app = InitflowApp(SMALL)
    driver = app.get_driver_class()(app, debug=False, mouse=True, size=None)
    written: list[str] = []
    monkeypatch.setattr(driver, "write", written.append)
    monkeypatch.setattr(driver, "flush", lambda: None)
    driver._enable_mouse_support()  # type: ignore[attr-defined]
    assert written[-1] == ONLY_DRAGS
    driver._disable_mouse_support()  # type: ignore[attr-defined]
    assert NO_DRAGS in written
