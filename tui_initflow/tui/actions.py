"""The one table of actions: what every key does, on which screen, and what the bars, help and palette call it.

To add a key, add a row here and the method `action_…` to its screen. Bindings, bottom bars, the help and the command
palette are made from this table; a test holds the README's table against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from tui_initflow.tui.regions import PANES


@dataclass(frozen=True, slots=True)
class Action:
    """What a key does.

    `run` is the action in Textual's notation and `keys` are Textual's names of the keys; `shown` is what people call
    them. `title` stands in the palette, `bar` in the bottom bar, `help` explains; actions without a help line are
    described with another one.
    """

    run: str
    keys: str
    shown: str
    title: str
    help: str = ""
    bar: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """Keys that a field or a chart handles itself: told in the help."""

    shown: str
    help: str


Group = tuple[str, tuple[Action | Hint, ...]]

_NUMBERS = tuple(
    Action(f"pane('{name}')", str(number), str(number), f"Pane: {title}")
    for number, (name, title) in enumerate(PANES.items(), 1)
)

MAIN: tuple[Group, ...] = (
    (
        "Run",
        (
            Action("run_once", "r", "r", "Run once", "run once more", "Run"),
            Action("run_many", "R", "R", "Run many", "run as many times as the Runs field says", "Many"),
            Action("stop", "s,escape", "s, escape", "Stop", "stop; what is done stays", "Stop"),
        ),
    ),
    (
        "Compare",
        (
            Action("preset('demo')", "d", "d", "Preset: demo", "demo: U(-1,1) vs N(0,1)", "Demo"),
            Action(
                "match",
                "m",
                "m",
                "Preset: matched variance",
                "matched variance: U(±√3) vs N(0,1); again: back",
                "Match",
            ),
            Action("preset('rand')", "l", "l", "Preset: literal rand()", "literal rand(): U[0,1) vs N(0,1)", "Rand"),
            Action("ask('presets')", "o", "o", "Presets", "presets: use one, save the settings, delete one"),
            Action("ask('a')", "a", "a", "Initialiser A", "choose initialiser A from a list"),
            Action("ask('b')", "b", "b", "Initialiser B", "choose initialiser B from a list"),
            Action("ask('activation')", "f", "f", "Activation", "choose the activation function"),
            Action(
                "ask('network')",
                "n",
                "n",
                "Network",
                "network: widths, gains, biases, seed",
                "Net",
            ),
            Action("focus_method", "x", "x", "Switch the focused method", "switch the focused method, for p and y"),
        ),
    ),
    (
        "Look",
        (
            *_NUMBERS,
            Hint("1 … 6", " ".join(PANES.values())),
            Action("next_pane(1)", "right_square_bracket", "]", "Next pane"),
            Action("next_pane(-1)", "left_square_bracket", "[", "Previous pane"),
            Hint("[ ]", "previous, next pane"),
            Action("theory", "t", "t", "Theory", "toggle theory and advice", "Theory"),
            Action("ask('phase')", "p", "p", "Phase chart", "phase chart: gain or width vs depth", "Phase"),
            Action("zoom", "z", "z", "Zoom", "zoom the focused pane or chart, and back"),
            Action("app.toggle_dark", "T", "T", "Light or dark", "light or dark"),
            Hint("↑ ↓ PgUp PgDn", "scroll the focused pane"),
        ),
    ),
    (
        "Change",
        (
            Hint("tab, shift+tab", "next, previous field or chart"),
            Hint("↑ ↓ → ←", "in a field: one more, one less; with shift: ten"),
            Hint("0 … 9, enter", "in a field: type a value"),
            Hint("escape", "while typing: back to the last good value"),
            Hint("← →, enter", "in a sweep: read out a point, use its value"),
        ),
    ),
    (
        "More",
        (
            Action("export", "e", "e", "Export", "export to a file: data, report, picture, text"),
            Action("copy_command", "c", "c", "Copy the command", "copy the command that reproduces this"),
            Action("copy_pytorch", "y", "y", "Copy the PyTorch line", "copy the line of PyTorch for the weights"),
            Action("app.help", "question_mark", "?", "Help", "this help", "Help"),
            Hint("ctrl+p", "command palette"),
            Action("app.redraw", "ctrl+l", "ctrl+l", "Redraw", "redraw the screen"),
            Action("app.quit", "q", "q, ctrl+q", "Quit", "quit", "Quit"),
        ),
    ),
)

PHASE: tuple[Group, ...] = (
    (
        "Phase",
        (
            *(
                Action(f"move({x}, {y})", key, key, "")
                for key, x, y in (
                    ("left", -1, 0),
                    ("right", 1, 0),
                    ("up", 0, 1),
                    ("down", 0, -1),
                    ("shift+left", -5, 0),
                    ("shift+right", 5, 0),
                    ("shift+up", 0, 5),
                    ("shift+down", 0, -5),
                )
            ),
            Hint("arrows", "in the phase chart: read out a cell"),
            Action(
                "adopt", "enter", "enter", "Use the cell", "in the phase chart: use the cell's settings", "Use cell"
            ),
            Action(
                "next_quantity", "v", "v", "A, B or ratio", "in the phase chart: A, B or their ratio", "A, B or ratio"
            ),
            Action(
                "next_plane", "g", "g", "Gain or width", "in the phase chart: gain or width vs depth", "Gain or width"
            ),
            Action("stop", "s", "s", "Stop", "", "Stop"),
            Action("leave", "escape,p", "esc", "Back", "", "Back"),
            Action("app.help", "question_mark", "?", "Help", "", "Help"),
        ),
    ),
)

BAR_ORDER = ("app.help", "run_once", "run_many", "stop")
"""First on the bottom bar, which narrow terminals cut on the right."""


def actions(groups: Iterable[Group]) -> tuple[Action, ...]:
    """The actions of all groups."""
    return tuple(row for _, rows in groups for row in rows if isinstance(row, Action))


def bindings(groups: Iterable[Group]) -> list[BindingType]:
    """What a screen binds of its groups; the app binds its own actions."""
    return [_binding(action, action.run) for action in actions(groups) if not action.run.startswith("app.")]


def app_bindings() -> list[BindingType]:
    """What the app binds, for every screen that is not a dialogue."""
    own = [action for action in actions(MAIN) if action.run.startswith("app.")]
    return [_binding(action, action.run.removeprefix("app.")) for action in own]


def _binding(action: Action, run: str) -> Binding:
    return Binding(action.keys, run, action.title, show=False)


def bar(groups: Iterable[Group]) -> list[tuple[str, str, str]]:
    """The links of the bottom bar: key, word and action."""
    shown = [action for action in actions(groups) if action.bar]
    first = [action for name in BAR_ORDER for action in shown if action.run == name]
    rest = [action for action in shown if action not in first]
    return [(action.shown.partition(",")[0], action.bar, action.run) for action in (*first, *rest)]
