"""The table of actions: bindings, bars, help and palette say the same."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Opener
from tui_initflow.pages.glossary import GLOSSARY
from tui_initflow.tui.actions import APP, INSPECT, MAIN, PHASE, STORY, actions, bar
from tui_initflow.tui.screens.dialogue import glossary_text, help_text
from tui_initflow.tui.screens.inspect import InspectScreen
from tui_initflow.tui.screens.main import MainScreen
from tui_initflow.tui.screens.phase import PhaseScreen
from tui_initflow.tui.screens.story import StoryScreen


def explained() -> list[tuple[str, str]]:
    """Keys with their help, as people read them."""
    return [(row.shown, row.help) for _, rows in (*MAIN, *PHASE, *INSPECT, *STORY) for row in rows if row.help]


def test_no_key_is_bound_twice_on_a_screen() -> None:
    for groups in (MAIN, PHASE, INSPECT, STORY):
        keys = [key for action in actions(groups) for key in action.keys.split(",")]
        assert len(keys) == len(set(keys))


def test_every_action_exists() -> None:
    for screen, groups in ((MainScreen, MAIN), (PhaseScreen, PHASE), (InspectScreen, INSPECT), (StoryScreen, STORY)):
        for action in actions(groups):
            if not action.run.startswith("app."):
                assert hasattr(screen, f"action_{action.run.partition('(')[0]}"), action


def test_the_help_has_every_key_and_fits_its_box() -> None:
    lines = help_text().plain.splitlines()
    assert len(lines) == len(explained())
    assert max(map(len, lines)) <= 73
    for (shown, meaning), line in zip(explained(), lines, strict=True):
        assert shown in line
        assert meaning in line


def test_the_help_explains_the_words_of_the_field() -> None:
    lines = glossary_text().plain.splitlines()[2:]
    assert [(line[:17].rstrip(), line[18:]) for line in lines] == list(GLOSSARY.items())
    assert max(map(len, lines)) <= 73


def test_the_bar_fits_the_smallest_terminal() -> None:
    for groups in (MAIN, PHASE, INSPECT, STORY):
        assert sum(len(key) + len(word) + 2 for key, word, _ in bar(groups)) <= 80


@pytest.mark.slow
@pytest.mark.asyncio
async def test_the_palette_offers_every_action(opened: Opener) -> None:
    async with opened() as driver:
        commands = {command.title: command.callback for command in driver.app.get_system_commands(driver.app.screen)}
        for action in actions(MAIN):
            assert action.title in commands
        # and what it offers is what the key does
        driver.app.action_command_palette()
        await driver.settle()
        await driver.pilot.press(*"run once")
        await driver.settle()
        await driver.press("enter", "enter")
        assert driver.screen.session.results is not None


@pytest.mark.slow
@pytest.mark.asyncio
async def test_the_palette_of_the_phase_chart_offers_its_actions(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("p")
        screen = driver.app.screen
        commands = {command.title: command.callback for command in driver.app.get_system_commands(screen)}
        titles = {action.title for action in (*actions(PHASE), *APP) if action.title}
        assert titles <= commands.keys()
        assert "Run once" not in commands
        driver.app.action_command_palette()
        await driver.settle()
        await driver.pilot.press(*"back")
        await driver.settle()
        await driver.press("enter", "enter")
        await driver.settle()
        assert driver.app.screen is driver.screen


def test_titles_are_unique() -> None:
    for groups in (MAIN, PHASE, INSPECT, STORY):
        titles = [action.title for action in actions(groups) if action.title]
        assert len(titles) == len(set(titles))


@pytest.mark.slow
@pytest.mark.asyncio
async def test_a_dialogue_stands_in_the_middle_of_the_main_screen(opened: Opener) -> None:
    async with opened(size=(120, 40)) as driver:
        for key in ("question_mark", "a", "n", "o", "e"):
            await driver.press(key)
            (box,) = driver.app.screen.query(".box, #help")
            left, right = box.region.x, 120 - box.region.right
            above, below = box.region.y, 40 - box.region.bottom
            assert abs(left - right) <= 1, key
            assert abs(above - below) <= 1, key
            assert driver.app.screen.styles.background.a == 0, "the main screen stays visible"
            await driver.press("escape")
