"""A user's own keys: what is refused, and that screens, bars and help follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.conftest import Opener
from tui_initflow.pages.chrome import key_links
from tui_initflow.storage.config import KEYS, Config, ConfigError
from tui_initflow.tui.actions import MAIN, SCREENS, actions, bar
from tui_initflow.tui.keys import checked, rebound
from tui_initflow.tui.screens.dialogue import HelpScreen, help_text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("runonce = 'x'", ["'runonce'", "did you mean run_once?"]),
        ("xyz = 'x'", ["'xyz'", "tui-initflow help keys"]),
        ("match = 'foo'", ["match", "unknown key 'foo'"]),
        ("match = ''", ["match", "unknown key ''"]),
        ("match = 'shift+m'", ["match", "unknown key", '"X"']),
        ("match = 'ctrl+p'", ["ctrl+p", "the command palette"]),
        ("match = '?'", ["match: ? is the key of help on the main screen"]),
        ("run_once = 'x'", ["run_once: x is the key of focus_method"]),
        ("run_once = '8'\nrun_many = '8'", ["run_many: 8 is the key of run_once"]),
        ("stop = 'enter'", ["stop: enter is the key of adopt on the phase chart"]),
        ("match = 3", ["'match' must be a key in quotes"]),
        ("[match]", ["'match' must be a key in quotes"]),
        ("match =", ["not valid TOML"]),
    ],
)
def test_what_cannot_be_is_told_in_one_line(tmp_path: Path, content: str, words: list[str]) -> None:
    (tmp_path / KEYS).write_text(content)
    with pytest.raises(ConfigError) as caught:
        checked(Config(tmp_path).keys())
    assert KEYS in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    for word in words:
        assert word in str(caught.value)


def test_keys_are_written_as_people_write_them(tmp_path: Path) -> None:
    assert checked(Config(tmp_path).keys()) == {}
    (tmp_path / KEYS).write_text("zoom = '+, f5'\nmatch = ','\nrun_once = 'x'\nfocus_method = 'r'\nquit = 'ctrl+x'\n")
    assert checked(Config(tmp_path).keys()) == {
        "zoom": "plus,f5",
        "match": "comma",
        "run_once": "x",
        "focus_method": "r",
        "quit": "ctrl+x",
    }


def test_bars_and_help_show_them() -> None:
    keymap = checked({"run_once": "f5", "pane_train": "+"})
    groups = rebound(MAIN, keymap)
    assert ("f5", "Run", "run_once") in bar(groups)
    assert "f5 Run " in [text for text, _ in key_links(bar(groups))]
    lines = help_text(keymap).plain.splitlines()
    assert any(re.search(r"f5 +run once more", line) for line in lines)
    assert any(re.search(r"\+ +Pane: Train", line) for line in lines)
    assert not any(re.search(r" r +run once more", line) for line in lines)


def test_names_are_readable_and_each_is_one_action_of_a_screen() -> None:
    for every in SCREENS.values():
        names = [(action.name, action.run) for action in every if action.name]
        assert len({name for name, _ in names}) == len(set(names))
        assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name, _ in names)
    assert all(action.name for action in actions(MAIN))


@pytest.mark.slow
@pytest.mark.asyncio
async def test_keys_do_what_they_are_bound_to(opened: Opener) -> None:
    keys = checked({"run_once": "x", "focus_method": "r", "help": "f1", "pane_why": "W", "leave": "h"})
    async with opened(keys=keys) as driver:
        assert "x Run" in driver.text("keys")
        assert "f1 Help" in driver.text("keys")
        # in a field that would take the default key, too
        driver.field("layers").input.focus()
        await driver.press("W")
        assert driver.text("why")
        await driver.press("r")
        assert driver.screen.session.results is None
        assert driver.screen.session.focused == "b"
        await driver.press("x")
        assert driver.screen.session.results is not None
        await driver.press("question_mark")
        assert driver.app.screen is driver.screen
        await driver.press("f1")
        assert isinstance(driver.app.screen, HelpScreen)
        await driver.press("f1", "p")
        assert driver.app.screen is not driver.screen
        await driver.press("h")
        assert driver.app.screen is driver.screen
