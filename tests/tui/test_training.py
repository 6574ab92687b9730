"""Training in the app: it starts and stops by a key, shows what is trained, and says what the data decides."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.conftest import SMALL, Driver, Opener
from tests.tui.test_phase_screen import shown
from tui_initflow.cli.commands import parsers
from tui_initflow.cli.settings import training_of
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training import trainability
from tui_initflow.tui.widgets.bars import StatusLine
from tui_initflow.tui.widgets.number_field import NumberField

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]

QUICK = TrainingSettings(steps=8, lr=0.1, batch_size=16)


async def trained(driver: Driver, settings: TrainingSettings = QUICK) -> None:
    driver.screen.session.training_settings = settings
    await driver.press("g")


async def test_both_methods_are_trained_and_shown(opened: Opener) -> None:
    async with opened() as driver:
        assert "Press g" in driver.text("train") or "train" not in driver.visible()
        await trained(driver)
        result = driver.screen.session.training
        assert result is not None
        assert (result.settings, result.steps_done) == (QUICK, 8)
        assert len(result.a.final_accuracy) == driver.screen.session.trainings == 5
        text = driver.text("train")
        assert "Uniform" in text
        assert "in 8 steps of SGD" in text
        # the data has other features than the network
        assert SMALL.features != 64
        assert "trained: 64" in str(driver.field("features").query("Label").last().render())


async def test_other_settings_drop_what_was_trained_and_more_runs_do_not(opened: Opener) -> None:
    async with opened() as driver:
        await trained(driver)
        await driver.press("r", "R")
        assert driver.screen.session.training is not None
        await driver.press("m")
        assert driver.screen.session.training is None
        assert "Press g" in driver.text("train")
        assert "65536" in str(driver.field("features").query("Label").last().render())


async def test_a_second_g_stops_and_keeps_what_is_done(opened: Opener) -> None:
    async with opened(SMALL.with_(layers=20, neurons=60)) as driver:
        session = driver.screen.session
        session.training_settings = TrainingSettings(steps=100_000, lr=0.1)
        await driver.pilot.press("g")
        await driver.until(lambda: session.training is not None)
        await driver.press("g")
        assert session.training is not None
        assert 0 < session.training.steps_done < 100_000
        assert "of 100,000 steps" in driver.text("status")


async def test_no_key_drops_a_training_by_the_way(opened: Opener) -> None:
    async with opened() as driver:
        before, job = driver.screen.session.experiment, driver.screen._work._training
        job.busy = True
        for keys in (["d"], ["m"], ["G"], ["n"], ["tab", "right"]):
            driver.screen.query_one("#status", StatusLine).say("")
            await driver.pilot.press(*keys)
            await driver.until(lambda: "training is under way: s stops it" in driver.text("status"))
            assert driver.screen.session.experiment == before
            assert driver.screen.query_one("#field-layers", NumberField).value == SMALL.layers
            assert len(driver.app.screen_stack) == 1
        job.busy = False
        await driver.press("escape", "d")
        assert driver.screen.session.experiment != before


async def test_what_cannot_be_trained_is_refused_in_a_line(opened: Opener) -> None:
    async with opened(size=(120, 40)) as driver:
        await trained(driver, TrainingSettings(data="none.csv"))
        assert "none.csv cannot be read" in driver.text("status")
        assert "a file that can be read" in " ".join(driver.text("train").split())
        assert driver.screen.session.training is None
        await trained(driver)
        assert driver.screen.session.training is not None


async def test_the_form_sets_how_networks_are_trained(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("G")
        form = driver.app.screen
        for name, value in {"optimizer": "adam", "lr": "0.01", "steps": "5", "runs": "2"}.items():
            form.query_one(f"#form-{name}", Input).value = value
        form.query_one("#form-data", Input).focus()
        await driver.press("enter")
        session = driver.screen.session
        assert session.training_settings == TrainingSettings(optimizer="adam", lr=0.01, steps=5)
        assert session.trainings == 2
        await driver.press("G")
        driver.app.screen.query_one("#form-steps", Input).value = "0"
        driver.app.screen.query_one("#form-steps", Input).focus()
        await driver.press("enter")
        assert session.training_settings.steps == 5
        assert len(driver.app.screen_stack) == 2


async def test_on_its_pane_the_training_is_exported_and_its_command_copied(opened: Opener, tmp_path: Path) -> None:
    async with opened(Experiment(layers=2, neurons=6)) as driver:
        await trained(driver)
        await driver.press("c")
        words = driver.app.clipboard.split()
        assert words[:2] == ["tui-initflow", "train"]
        experiment, settings = training_of(vars(parsers()[None].parse_args(words[1:])))
        assert (experiment, settings) == (driver.screen.session.to_train(), QUICK)
        path = tmp_path / "training.md"
        await driver.press("e")
        driver.app.screen.query_one(Input).value = str(path)
        await driver.press("enter")
        assert path.read_text(encoding="utf-8").startswith("# Uniform vs Normal: training")


async def test_the_phase_chart_goes_on_to_trained_accuracy(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    shallow = partial(trainability.trainability_map, depths=(2, 4))
    monkeypatch.setattr("tui_initflow.lab.studies.trainability_map", shallow)
    async with opened() as driver:
        driver.screen.session.training_settings = QUICK
        await driver.press("x", "p", "v", "v")
        assert "Normal's test accuracy" in shown(driver) or "Accuracy" in shown(driver)
        assert "gain 1, 4 layers: " in shown(driver)
        assert "chance 10%" in shown(driver)
        await driver.press("g")
        assert "over gain and depth" in shown(driver, "phase-status")
        await driver.press("right", "enter")
        assert driver.screen.session.experiment.b.gain == 1.2
        assert driver.screen.session.experiment.layers == 4
