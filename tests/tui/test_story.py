"""The story in the app: predict, see, go on; by itself with a pace; and out of it into the lab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.conftest import SMALL, Driver, Opener
from tui_initflow.charts.cells import Picture
from tui_initflow.charts.palette import Palette
from tui_initflow.model.training import TrainingSettings
from tui_initflow.story.outcome import Outcome
from tui_initflow.story.page import Shown, page
from tui_initflow.story.steps import STEPS, SUGGESTIONS
from tui_initflow.tui.screens.dialogue import AidScreen
from tui_initflow.tui.screens.story import StoryScreen
from tui_initflow.tui.widgets.picture_view import PictureView

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


def told(driver: Driver) -> str:
    """What the story shows."""
    assert isinstance(driver.app.screen, StoryScreen)
    view = driver.app.screen.query_one("#story", PictureView)
    return "\n".join(view.render_line(y).text.rstrip() for y in range(view.size.height))


async def test_predict_see_go_on_and_leave_into_the_lab(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("h")
        assert "1/9" in told(driver)
        assert "Predict first" in told(driver)
        assert "Gradient magnitude" not in told(driver)
        await driver.press("3")
        assert "✗ a thousandth ← you" in told(driver)
        assert "✓ about a third" in told(driver)
        assert "Gradient magnitude" in told(driver)
        # a second guess comes too late
        await driver.press("2")
        assert "✗ a thousandth ← you" in told(driver)
        await driver.press("enter")
        assert "2/9" in told(driver)
        assert "Predict first" in told(driver)
        # enter shows the answer without a guess
        await driver.press("enter")
        assert "✓ uniform" in told(driver)
        assert "← you" not in told(driver)
        await driver.press("left")
        assert "✗ a thousandth ← you" in told(driver), "a step that was told stays told"
        await driver.press("left")
        assert "1/9" in told(driver), "there is none before the first"
        await driver.press("right", "right")
        assert "3/9" in told(driver)
        await driver.press("l")
        session = driver.screen.session
        assert session.experiment == STEPS[2].experiment.with_(runs=1)
        assert session.results is not None
        assert session.results.runs == STEPS[2].experiment.runs
        assert "4.56e-03" in driver.text("banner")


async def test_it_is_left_to_the_lab_as_it_was(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("r")
        before = driver.screen.session.results
        await driver.press("h", "right", "1", "escape")
        assert (driver.screen.session.experiment, driver.screen.session.results) == (SMALL.with_(runs=1), before)


async def test_the_end_has_settings_to_try(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    suggestion = replace(SUGGESTIONS[1], experiment=SMALL.with_(seed=8), training=None)
    for module in ("tui_initflow.tui.screens.story", "tui_initflow.story.page"):
        monkeypatch.setattr(f"{module}.STEPS", STEPS[:1])
    monkeypatch.setattr("tui_initflow.tui.screens.story.SUGGESTIONS", (SUGGESTIONS[0], suggestion, SUGGESTIONS[2]))
    async with opened() as driver:
        await driver.press("h", "1", "enter")
        assert "What to try next" in told(driver)
        # there is nothing after it, and nothing of a step to try or to explain
        await driver.press("right", "l", "i")
        assert "What to try next" in told(driver)
        await driver.press("left")
        assert "✗ most of it ← you" in told(driver)
        await driver.press("right", "2")
        assert driver.screen.session.experiment == suggestion.experiment.with_(runs=1)
        before = driver.screen.session.results
        await driver.press("h", "right", "enter")
        assert driver.app.screen is driver.screen
        assert driver.screen.session.results is before


async def test_the_last_step_goes_on_with_its_training(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = TrainingSettings(steps=3, lr=0.1)
    steps = (replace(STEPS[-1], experiment=SMALL.with_(seed=8), training=settings),)
    for module in ("tui_initflow.tui.screens.story", "tui_initflow.story.page"):
        monkeypatch.setattr(f"{module}.STEPS", steps)
    async with opened() as driver:
        await driver.press("h", "1")
        assert "Test accuracy by step" in told(driver)
        await driver.press("l")
        assert driver.screen.session.training_settings == settings
        assert "Press g to train" in driver.text("train")


async def test_with_a_pace_it_plays_until_a_key_is_pressed(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tui_initflow.tui.screens.story", "tui_initflow.story.page"):
        monkeypatch.setattr(f"{module}.STEPS", STEPS[:2])
    seen: list[tuple[int, bool]] = []
    hints: list[str] = []

    def noted(shown: Shown, outcome: Outcome | None, hint: str, width: int, height: int, palette: Palette) -> Picture:
        if (shown.index, shown.is_told) not in seen[-1:]:
            seen.append((shown.index, shown.is_told))
            hints.append(hint)
        return page(shown, outcome, hint, width, height, palette)

    monkeypatch.setattr("tui_initflow.tui.screens.story.page", noted)
    async with opened() as driver:
        await driver.screen.run_action("story(0.05)")
        await driver.until(lambda: len(seen) >= 6)
        screen = driver.app.screen
        assert isinstance(screen, StoryScreen)
        # question, answer, question, answer, and after the end from the beginning
        assert seen[:6] == [(0, False), (0, True), (1, False), (1, True), (0, False), (0, True)]
        assert "any key stops it" in hints[0]
        assert screen.plays
        await driver.press("x")
        assert not screen.plays


async def test_i_explains_what_is_focused(opened: Opener) -> None:
    explained = {(): "Gradient", ("3",): "Pre-activations", ("5", "tab"): "Sweeps", ("p",): "Phase chart"}
    async with opened() as driver:
        for keys, title in explained.items():
            await driver.press(*keys, "i")
            dialogue = driver.app.screen
            assert isinstance(dialogue, AidScreen)
            heading, *sentences = (str(label.render()) for label in dialogue.query("Label.heading, .aid"))
            assert heading == title
            assert [text.partition(":")[0] for text in sentences] == ["What it is", "How to read it", "What to try"]
            await driver.press("i")
            assert driver.app.screen is not dialogue


async def test_i_explains_the_picture_of_a_step(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("h", "i")
        assert isinstance(driver.app.screen, AidScreen)
        await driver.press("escape")
        assert isinstance(driver.app.screen, StoryScreen)
