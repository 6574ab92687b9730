"""What outlives a session: presets, the last settings, exported files."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Label, OptionList

from tests.export.writing import to_csv, to_csv_by_run, to_json, to_json_lines, to_plot
from tests.tui.conftest import SMALL, Driver, Opener
from tui_initflow.engine.runs import simulate
from tui_initflow.export.render import Terminal
from tui_initflow.model.presets import PRESETS as BUILT_IN
from tui_initflow.storage.config import PRESETS, SESSION, Config, LastSession
from tui_initflow.tui.screens.files import ExportScreen

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "config")


def offered(driver: Driver) -> list[str]:
    options = driver.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(i).id) for i in range(options.option_count)]


async def test_the_session_is_kept(opened: Opener, config: Config) -> None:
    async with opened(config=config) as driver:
        await driver.press("l", "t", "T")
        driver.field("runs").input.focus()
        await driver.press("9", "enter")
    kept = LastSession(SMALL.with_(a="rand", runs=9), "light", theory=True)
    assert config.last_session() == kept


async def test_a_broken_session_stays_as_it_is(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / SESSION).write_text("[experiment]\nlayers = 0\n")
    async with opened(config=Config(tmp_path)) as driver:
        await driver.press("r")
    assert (tmp_path / SESSION).read_text() == "[experiment]\nlayers = 0\n"


async def test_a_preset_is_saved_chosen_and_deleted(opened: Opener, config: Config) -> None:
    async with opened(config=config) as driver:
        await driver.press("l", "o")
        assert offered(driver) == list(BUILT_IN)
        await driver.pilot.press(*"my net")
        await driver.press("enter")
        assert config.presets() == {"my net": SMALL.with_(a="rand", runs=1)}
        await driver.press("d", "o")
        await driver.pilot.press(*"my")
        await driver.press("down", "enter")
        assert driver.screen.session.experiment.a.initialiser == "rand"
        await driver.press("o")
        await driver.pilot.press(*"my net")
        await driver.press("delete")
        assert config.presets() == {}
        assert offered(driver) == list(BUILT_IN)


async def test_a_name_is_shown_as_text(opened: Opener, config: Config) -> None:
    config.save_preset("[red]x[/] [bold", SMALL)
    async with opened(config=config) as driver:
        await driver.press("o")
        assert offered(driver)[-1] == "[red]x[/] [bold"
        await driver.press("end", "delete")
        assert len(driver.app.screen_stack) == 2


async def test_broken_presets_leave_the_built_in_ones(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / PRESETS).write_text("= nonsense")
    async with opened(config=Config(tmp_path)) as driver:
        await driver.press("o")
        assert offered(driver) == list(BUILT_IN)
        await driver.press("down", "enter")
        assert driver.screen.session.experiment.a.initialiser == "glorot-uniform"
    assert (tmp_path / PRESETS).read_text() == "= nonsense"


async def test_without_a_config_nothing_is_saved(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("o")
        await driver.pilot.press(*"mine")
        assert offered(driver) == []
        await driver.press("enter", "escape")
        assert len(driver.app.screen_stack) == 1


async def written(driver: Driver, path: Path) -> str:
    await driver.press("e")
    driver.app.screen.query_one(Input).value = str(path)
    await driver.press("enter")
    # a capture waits until the dialogue is gone from the screen
    await driver.settle()
    return path.read_text(encoding="utf-8")


async def test_results_and_screen_are_written(opened: Opener, tmp_path: Path) -> None:
    async with opened() as driver:
        await driver.press("R")
        expected = simulate(SMALL)
        assert await written(driver, tmp_path / "x.json") == to_json(expected)
        assert await written(driver, tmp_path / "x.jsonl") == to_json_lines(expected)
        assert await written(driver, tmp_path / "x.txt") == to_plot(expected, Terminal(80))
        assert await written(driver, tmp_path / "x.csv") == to_csv(expected)
        assert await written(driver, tmp_path / "x.RUNS.csv") == to_csv_by_run(expected)
        assert "Uniform" in await written(driver, tmp_path / "x.md")
        assert (await written(driver, tmp_path / "x.svg")).startswith("<svg")
        text = await written(driver, tmp_path / "x.screen.txt")
        assert "gradient at L0" in text
        assert "export" not in text.lower()
        assert "wrote" in driver.screen.query_one("#status").render_line(0).text


async def test_a_file_is_replaced_only_when_asked_twice(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("old")
    async with opened() as driver:
        await driver.press("r", "e")
        driver.app.screen.query_one(Input).value = str(path)
        await driver.press("enter")
        assert isinstance(driver.app.screen, ExportScreen)
        assert path.read_text() == "old"
        await driver.press("enter")
        assert path.read_text() != "old"


UNUSABLE = {
    "": "has to end in",
    "x.pdf": ".json",
    "missing/x.json": "does not exist",
    "x\0.json": "not a valid file name",
    "y" * 400 + ".json": "not a valid file name",
}


async def test_an_unusable_file_name_is_refused(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened() as driver:
        await driver.press("r", "e")
        for name, words in UNUSABLE.items():
            driver.app.screen.query_one(Input).value = name
            await driver.press("enter")
            assert isinstance(driver.app.screen, ExportScreen)
            assert words in str(driver.app.screen.query_one(".refusal", Label).content)
        await driver.press("escape", "r")
        assert driver.screen.session.results is not None


async def test_nothing_to_write_before_the_first_run(opened: Opener, tmp_path: Path) -> None:
    async with opened() as driver:
        await driver.press("e")
        driver.app.screen.query_one(Input).value = str(tmp_path / "x.json")
        await driver.press("enter")
        assert not (tmp_path / "x.json").exists()
        assert "press r" in driver.screen.query_one("#status").render_line(0).text
