"""Dialogues open one at a time, over whatever is shown, and escape leaves them once."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.conftest import ENDS, Opener
from tui_initflow.tui.keys import checked
from tui_initflow.tui.widgets.dashboard import Dashboard

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.mark.parametrize("size", ENDS)
async def test_help_lists_all_keys_and_closes(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await driver.press("question_mark")
        assert len(driver.app.screen_stack) == 2
        await driver.press("escape")
        assert len(driver.app.screen_stack) == 1


async def test_a_held_escape_leaves_once(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("r")
        for key in ("question_mark", "a", "n", "o", "p", "i", "w"):
            await driver.press(key)
            assert len(driver.app.screen_stack) == 2, key
            for _ in range(3):
                driver.app.post_message(events.Key("escape", None))
            await driver.settle()
            assert driver.app.screen is driver.screen, key


async def test_keys_that_come_at_once_open_one_dialogue(opened: Opener) -> None:
    async with opened() as driver:
        for action in ("ask('presets')", "ask('phase')", "export", "app.help"):
            for _ in range(5):
                await driver.screen.run_action(action)
            await driver.settle()
            assert len(driver.app.screen_stack) == 2, action
            await driver.press("escape")
            assert driver.app.screen is driver.screen, action


@pytest.mark.parametrize("keys", [{}, {"quit": "X"}, {"quit": "ctrl+q"}], ids=str)
async def test_ctrl_q_quits_whatever_is_open(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]
) -> None:
    """Over every screen and dialogue, where a field has the focus, and where something is open over them."""
    everything = ("", "question_mark", "a", "n", "o", "e", "w", "G", "i", "p", "h", "ctrl+p", "p i", "h ctrl+p")
    async with opened(keys=checked(keys)) as driver:
        times_left = 0

        def leave(*_: object) -> None:
            nonlocal times_left
            times_left += 1

        monkeypatch.setattr(driver.app, "exit", leave)
        for turn, openers in enumerate(everything if not keys else ("", "a"), 1):
            await driver.pilot.press(*openers.split(), "ctrl+q")
            assert len(driver.app.screen_stack) == 1 + len(openers.split())
            assert times_left == turn, openers
            while len(driver.app.screen_stack) > 1:
                driver.app.screen.dismiss(None)
                await driver.pilot.pause()


async def test_a_held_enter_chooses_from_the_palette_once(opened: Opener) -> None:
    """The palette hears of every one of them before it is gone, and would close what is below it."""
    async with opened() as driver:
        await driver.press("ctrl+p", *"zoom")
        for _ in range(2):
            driver.app.post_message(events.Key("enter", "\r"))
        await driver.settle()
        assert driver.app.screen is driver.screen
        assert driver.screen.query_one(Dashboard).zoomed


@pytest.mark.parametrize("size", [(80, 24), (1, 1)])
async def test_a_page_is_turned_only_where_it_is_laid_out(opened: Opener, size: tuple[int, int]) -> None:
    """Of the palette before it has shown its commands, and of lists on a screen without room for a line of them."""
    async with opened(size=size) as driver:
        await driver.pilot.press("ctrl+p", "y")
        for key in ("pagedown", "pageup", "pagedown"):
            driver.app.post_message(events.Key(key, None))
        await driver.pilot.press("escape", "a", "tab", "pagedown", "pageup", "escape")
        assert driver.app.screen is driver.screen


async def test_one_explanation_opens_however_often_it_is_asked_for(opened: Opener) -> None:
    async with opened() as driver:
        for _ in range(3):
            driver.app.post_message(events.Key("i", "i"))
        await driver.settle()
        assert len(driver.app.screen_stack) == 2
