"""A checkpoint in the app: it is found, its tensors are listed, filtered, sorted and shown, and its weights chained."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.tui.conftest import SMALL, Driver, Opener
from tests.tui.test_phase_screen import shown
from tui_initflow.lab.session import Session
from tui_initflow.storage.config import Config
from tui_initflow.tui.screens.files import OpenScreen, matching
from tui_initflow.tui.screens.inspect import InspectScreen

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three layers as PyTorch draws them, one of which is broken, and another tensor; in the present folder."""
    generator = np.random.default_rng(1)
    arrays = {
        f"layer{layer}.weight": generator.uniform(-1, 1, (32, 32)).astype(np.float32) / np.sqrt(32, dtype=np.float32)
        for layer in range(3)
    }
    arrays["head[red].bias"] = np.full(5, np.nan, np.float32)
    path = tmp_path / "net.npz"
    np.savez(path, **arrays)
    (tmp_path / "notes.txt").write_text("not a checkpoint")
    monkeypatch.chdir(tmp_path)
    return path


async def open_file(driver: Driver) -> InspectScreen:
    """Type the beginning of its name and open it."""
    await driver.press("w")
    assert isinstance(driver.app.screen, OpenScreen)
    await driver.press("n", "e", "t", "enter")
    screen = driver.app.screen
    assert isinstance(screen, InspectScreen)
    await rest(driver)
    return screen


async def rest(driver: Driver) -> None:
    """Until the file and the chosen tensor are read."""
    screen = driver.app.screen
    await driver.until(lambda: not (isinstance(screen, InspectScreen) and screen.busy))
    await driver.pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_tensors_are_listed_with_what_is_wrong(opened: Opener, weights: Path, size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await open_file(driver)
        assert "net.npz · 4 tensors, 3,077 numbers · 1 broken, 3 untouched" in shown(driver, "inspect-heading")
        table = shown(driver, "inspect-table")
        assert [line.split()[0] for line in table.splitlines()[1:5]] == [
            "layer0.weight",
            "layer1.weight",
            "layer2.weight",
            "head[red].bias",
        ]
        assert "torch-linear" in table
        assert "these numbers  ━ torch-linear" in shown(driver, "inspect-distribution")
        await driver.press("end")
        await rest(driver)
        assert "no finite numbers" in shown(driver, "inspect-distribution")
        await driver.press("enter")
        assert "head[red].bias: broken" in shown(driver, "inspect-page")
        assert str(weights.resolve()) in driver.screen.session.files
        await driver.press("escape", "escape")
        assert len(driver.app.screen_stack) == 1


async def test_a_file_that_has_changed_leaves_a_notice_and_what_was_read(opened: Opener, weights: Path) -> None:
    async with opened() as driver:
        await open_file(driver)
        table = shown(driver, "inspect-table")
        os.utime(weights, ns=(1, 1))
        await driver.press("down")
        await rest(driver)
        assert "✗ net.npz: changed while it was read" in shown(driver, "inspect-status")
        assert shown(driver, "inspect-table") == table


async def test_they_are_filtered_and_sorted(opened: Opener, weights: Path) -> None:
    async with opened() as driver:
        await open_file(driver)
        await driver.press("slash", "b", "i", "a", "s", "enter")
        assert [line.split()[0] for line in shown(driver, "inspect-table").splitlines()[1:] if line.strip()] == [
            "head[red].bias"
        ]
        await driver.press("slash")
        await driver.press("escape")
        await driver.press("o")
        await rest(driver)
        assert shown(driver, "inspect-table").splitlines()[1].startswith("head[red].bias")
        assert "status▾" in shown(driver, "inspect-table")


async def test_the_chain_is_shown_beside_a_fresh_draw(opened: Opener, weights: Path) -> None:
    async with opened(SMALL.with_(b="glorot-normal")) as driver:
        await open_file(driver)
        await driver.press("3")
        assert "net.npz" in shown(driver, "inspect-page")
        await driver.press("4")
        assert "Glorot-normal" in shown(driver, "inspect-page") or "Normal" in shown(driver, "inspect-page")
        await driver.press("5")
        assert "mean |z|" in shown(driver, "inspect-page")


async def test_what_is_no_checkpoint_is_refused_in_a_line(opened: Opener, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes((1 << 60).to_bytes(8, "little"))
    async with opened() as driver:
        driver.app.push_screen(InspectScreen(broken, SMALL))
        await driver.settle()
        await rest(driver)
        assert "✗ broken.safetensors: " in shown(driver, "inspect-status")
        await driver.press("down", "enter", "o", "slash", "escape", "escape", "escape")
        assert len(driver.app.screen_stack) == 1


async def test_the_last_files_are_offered_first(opened: Opener, weights: Path, tmp_path: Path) -> None:
    config = Config(tmp_path / "config")
    async with opened(config=config) as driver:
        driver.screen.session.opened("/some/where/else.npy")
        await driver.press("w")
        screen = driver.app.screen
        assert isinstance(screen, OpenScreen)
        assert screen.offered[0] == Path("/some/where/else.npy")
        await driver.press("x", "enter")
        assert isinstance(driver.app.screen, OpenScreen)
        await driver.press("escape")
    last = config.last_session()
    assert last is not None
    assert last.files == ("/some/where/else.npy",)


async def test_paths_are_completed_and_hostile_names_are_text(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "net.npy").touch()
    (tmp_path / "net.txt").touch()
    assert matching(f"{tmp_path}{os.sep}ne") == [tmp_path / "nets", tmp_path / "net.npy"]
    assert matching("/no/such/folder/x") == []
    session = Session(SMALL)
    session.opened("bad\udcff.npy")
    assert session.files == []
