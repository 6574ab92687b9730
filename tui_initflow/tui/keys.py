"""A user's own keys: checked against the table of actions, put into it, and given to the app."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from textual.app import App
from textual.binding import Binding, InvalidBinding
from textual.keys import Keys, key_to_character

from tui_initflow.storage.config import KEYS, LONGEST_NAME, ConfigError
from tui_initflow.tui.actions import SCREENS, Action, Group, Hint, key_name

Keymap = Mapping[str, str]
"""Keys by the name of the action, in Textual's notation, several separated by commas."""
NO_KEYS: Keymap = MappingProxyType({})
ALWAYS_QUITS = "ctrl+q"
RESERVED = {
    "tab": "the next field",
    "shift+tab": "the previous field",
    "ctrl+c": "copying",
    "ctrl+p": "the command palette",
    ALWAYS_QUITS: "quit",
}
"""Keys that Textual needs, and for what; the last may also be listed for the action of that name."""
MOST_KEYS = 8
"""Most keys of an action: all of them are shown in the help."""
MODIFIERS = frozenset(("ctrl", "alt", "shift", "super", "hyper", "meta"))
NAMED = frozenset(key.value.rpartition("+")[2] for key in Keys if not key.value.startswith("<"))


class ReboundApp(App[None]):
    """An app that keeps what `rebind` was given, so that bars and help can show it."""

    keys: Keymap = NO_KEYS

    def rebind(self, keys: Keymap) -> None:
        self.keys = keys
        # one that is bound for everybody already would lose its priority
        own = {name: [key for key in listed.split(",") if key != ALWAYS_QUITS] for name, listed in keys.items()}
        self.set_keymap({name: ",".join(listed) or Keys.Ignore.value for name, listed in own.items()})


def keymap_of(app: App[Any]) -> Keymap:
    return app.keys if isinstance(app, ReboundApp) else NO_KEYS


def rebound(groups: Iterable[Group], keymap: Keymap) -> tuple[Group, ...]:
    """The table with these keys. An action that a hint explained together with others gets a line of its own."""
    return tuple((name, tuple(_moved(row, keymap) for row in rows)) for name, rows in groups)


def _moved(row: Action | Hint, keymap: Keymap) -> Action | Hint:
    if isinstance(row, Hint) or row.name not in keymap:
        return row
    return replace(row, keys=keymap[row.name], help=row.help or row.title)


def checked(keys: Mapping[str, str]) -> Keymap:
    """These keys as Textual writes them.

    Raises:
        ConfigError: an action or a key that does not exist, or two actions of a screen on one key; in one line.
    """
    known = dict.fromkeys(action.name for every in SCREENS.values() for action in every if action.name)
    for name in keys:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]}?" if close else "; 'tui-initflow help keys' lists them"
            raise ConfigError(f"{KEYS}: unknown action {name[:LONGEST_NAME]!a}{hint}")
    keymap = {name: ",".join(_spelled(name, key) for key in _listed(name, text)) for name, text in keys.items()}
    for screen, every in SCREENS.items():
        _refuse_conflicts(screen, every, keymap)
    return keymap


def _listed(name: str, text: str) -> list[str]:
    """The keys in a list; a lone comma is one."""
    if text.count(",") >= MOST_KEYS:
        raise ConfigError(f"{KEYS}: {name}: must be at most {MOST_KEYS} keys")
    return ["comma"] if text == "," else [key.strip() for key in text.split(",")]


def _spelled(name: str, key: str) -> str:
    """A key as Textual writes it."""
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    is_character = len(base) == 1 and base.isprintable() and base != " "
    known = is_character or base in NAMED or (len(base) > 1 and key_to_character(base) is not None)
    # what a terminal sends for shift and a letter is the other letter
    held = MODIFIERS.intersection(modifiers)
    if not known or len(held) < len(modifiers) or (modifiers == ["shift"] and is_character):
        raise ConfigError(
            f'{KEYS}: {name}: unknown key {key[:LONGEST_NAME]!a}; write "x", "X", "ctrl+x", "f5" or "space"'
        )
    try:
        (binding,) = Binding.make_bindings([Binding(key, name)])
    except InvalidBinding:
        raise ConfigError(f"{KEYS}: {name}: needs a key") from None
    return binding.key


def _refuse_conflicts(screen: str, every: Iterable[Action], keymap: Keymap) -> None:
    owners = dict(RESERVED)
    # those that a user has moved last, so that these are the ones complained about
    for action in sorted(every, key=lambda action: action.name in keymap):
        for key in keymap.get(action.name, action.keys).split(","):
            owner = owners.setdefault(key, action.name or action.run)
            if owner not in (action.name, action.run):
                raise ConfigError(f"{KEYS}: {action.name}: {key_name(key)} is the key of {owner} on {screen}")
