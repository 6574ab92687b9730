"""Dialogues open one at a time, over whatever is shown, and escape leaves them once."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.conftest import SIZES, Opener
from tui_initflow.tui.keys import checked

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_all_keys_and_closes(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await driver.press("question_mark")
        assert len(driver.app.screen_stack) == 2
        await driver.press("escape")
        assert len(driver.app.screen_stack) == 1


@pytest.mark.parametrize("key", ["question_mark", "a", "n", "o", "p"])
async def test_a_held_escape_leaves_once(opened: Opener, key: str) -> None:
    async with opened() as driver:
        await driver.press("r", key)
        assert len(driver.app.screen_stack) == 2
        for _ in range(3):
            driver.app.post_message(events.Key("escape", None))
        await driver.settle()
        assert driver.app.screen is driver.screen


@pytest.mark.parametrize("action", ["ask('presets')", "ask('phase')", "export", "app.help"])
async def test_keys_that_come_at_once_open_one_dialogue(opened: Opener, action: str) -> None:
    async with opened() as driver:
        for _ in range(5):
            await driver.screen.run_action(action)
        await driver.settle()
        assert len(driver.app.screen_stack) == 2
        await driver.press("escape")
        assert driver.app.screen is driver.screen


@pytest.mark.parametrize("keys", [{}, {"quit": "X"}, {"quit": "ctrl+q"}], ids=str)
async def test_ctrl_q_quits_whatever_is_open(opened: Opener, keys: dict[str, str]) -> None:
    """Over every screen and dialogue, also where something else is opened over them, or a field has the focus."""
    for openers in ("", "question_mark", "a", "f", "n", "o", "e", "w", "G", "i", "p", "h", "ctrl+p", "p i", "h ctrl+p"):
        async with opened(keys=checked(keys)) as driver:
            await driver.pilot.press(*openers.split())
            await driver.pilot.pause()
            assert len(driver.app.screen_stack) == 1 + len(openers.split())
            await driver.pilot.press("ctrl+q")
            await driver.pilot.pause()
            assert driver.app._exit, openers
