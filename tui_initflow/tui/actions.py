"""The one table of actions: what every key does, on which screen, and what bars, help and palette call it.

To add a key, add a row here and a method `action_…` to its screen. Bindings, bottom bars, help and command palette are
made from this table, and `tui-initflow help keys` prints it. `tui/keys.py` puts a user's own keys into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import format_key

from tui_initflow.pages.panes import CHECKPOINT_VIEWS, PANES

ARROWS = {"left": "←", "right": "→"}


def key_name(key: str) -> str:
    """What people call a key: the character where it has one of its own, as question_mark does."""
    character = format_key(key)
    return character if len(character) == 1 and character.isascii() else ARROWS.get(key, key)


@dataclass(frozen=True, slots=True)
class Action:
    """What a key does.

    `run` is the action and `keys` are the keys, both in Textual's notation. `title` is its name in the palette, `help`
    explains it and `bar` is its word in the bottom bar. Actions without a help line are explained by a hint.
    """

    run: str
    keys: str
    title: str = ""
    help: str = ""
    bar: str = ""

    @property
    def name(self) -> str:
        """What `keys.toml` calls it: preset_demo for preset('demo'). Empty if its keys cannot be changed."""
        return re.sub(r"\W+", "_", self.run.removeprefix("app.")).strip("_") if self.title else ""

    @property
    def shown(self) -> str:
        return ", ".join(map(key_name, self.keys.split(",")))

    @property
    def binding(self) -> Binding:
        return Binding(self.keys, self.run, self.title, show=False, id=self.name or None)


@dataclass(frozen=True, slots=True)
class Hint:
    """A line of the help for keys that a field or a chart handles, or for several actions together."""

    shown: str
    help: str


Group = tuple[str, tuple[Action | Hint, ...]]

_PANES = tuple(
    Action(f"pane('{name}')", str(number), f"Pane: {PANES[name].title}") for number, name in enumerate(PANES, 1)
)
_ARROWS = tuple(
    Action(f"move({step * x}, {step * y})", f"{shift}{key}")
    for shift, step in (("", 1), ("shift+", 5))
    for key, x, y in (("left", -1, 0), ("right", 1, 0), ("up", 0, 1), ("down", 0, -1))
)

MAIN: tuple[Group, ...] = (
    (
        "Run",
        (
            Action("run_once", "r", "Run once", "run once more", "Run"),
            Action("run_many", "R", "Run many", "run as many times as the Runs field says", "Many"),
            Action("train", "g", "Train both", "train both networks on data; again: stop", "Train"),
            Action("ask_training", "G", "Training settings", "training: optimiser, rate, steps, data"),
            Action("stop", "s,escape", "Stop", "stop, keeping what is done", "Stop"),
        ),
    ),
    (
        "Compare",
        (
            Action("preset('demo')", "d", "Preset: demo, the defaults", "the whole demo: U(-1,1) vs N(0,1)"),
            Action("match", "m", "Preset: matched variance", "toggle matched variance: U(±√3) vs N(0,1)", "Match"),
            Action("preset('rand')", "l", "Preset: literal rand()", "literal rand(): U[0,1) vs N(0,1)"),
            Action("ask('presets')", "o", "Presets", "presets: load, save or delete one"),
            Action("ask('a')", "a", "Initialiser A", "choose initialiser A"),
            Action("ask('b')", "b", "Initialiser B", "choose initialiser B"),
            Action("ask('activation')", "f", "Activation function", "choose the activation function"),
            Action("ask('network')", "n", "Network settings", "network: widths, gains, blocks, norms, seed"),
            Action("keep", "k", "Keep to compare", "keep this result to compare with; again: clear"),
            Action("focus_method", "x", "Switch the focused method", "switch the focused method, used by p and y"),
        ),
    ),
    (
        "Look",
        (
            *_PANES,
            Hint(f"1 … {len(PANES)}", "choose a pane, from Gradient to Train"),
            Action("next_pane", "right_square_bracket", "Next pane"),
            Action("previous_pane", "left_square_bracket", "Previous pane"),
            Hint("[ ]", "previous, next pane"),
            Action("theory", "t", "Toggle theory and advice", "toggle theory and advice", "Theory"),
            Action("ask('phase')", "p", "Phase chart", "phase chart: gain or width vs depth", "Phase"),
            Action("next_format", "v", "Number format", "number format: what fp16, bf16, fp8 lose"),
            Action("zoom", "z", "Zoom", "toggle zoom of the focused pane or chart"),
            Action("app.next_theme", "T", "Next theme", "next theme: dark, light, high contrast"),
            Hint("↑ ↓ PgUp PgDn", "scroll the focused pane"),
        ),
    ),
    (
        "Change",
        (
            Hint("tab, shift+tab", "next, previous field or chart"),
            Hint("↑ ↓ → ←", "in a field: step by 1, with shift by 10"),
            Hint("0 … 9, enter", "in a field: type a value"),
            Hint("escape", "while typing: restore the last valid value"),
            Hint("← →, enter", "in a sweep: read a point, use its value"),
            Hint("wheel", "over a field: step by 1, with shift by 10"),
            Hint("drag, click", "in a sweep: read a point; again: use it"),
        ),
    ),
    (
        "More",
        (
            Action("open", "w", "Open a checkpoint", "open a checkpoint: its tensors, what is wrong", "File"),
            Action("export", "e", "Export to a file", "export data, report, picture or text to a file"),
            Action("copy_command", "c", "Copy the command", "copy the command that reproduces these results"),
            Action("copy_pytorch", "y", "Copy as PyTorch", "copy the focused method's network as PyTorch"),
            Action("story", "h", "How it works", "how it works: a story in nine steps", "How"),
            Action("explain", "i", "Explain this", "explain the focused pane or chart"),
            Action("app.help", "question_mark", "Help", "show this help, and the words of the field", "Help"),
            Hint("ctrl+p", "command palette"),
            Action("app.redraw", "ctrl+l", "Redraw the screen", "redraw the screen"),
            Action("app.quit", "q", "Quit", "quit", "Quit"),
            # Textual's own, which goes before whatever has the focus; so it is the same for everybody
            Hint("ctrl+q", "quit, whatever is open"),
        ),
    ),
)

PHASE: tuple[Group, ...] = (
    (
        "Phase",
        (
            *_ARROWS,
            Hint("arrows", "in the phase chart: read a cell"),
            Action("adopt", "enter", "Use this cell", "in the phase chart: use the cell's settings", "Use cell"),
            Action(
                "next_shown",
                "v",
                "A, B, ratio, trained",
                "in the phase chart: A, B, ratio, trained",
                "Next view",
            ),
            Action("next_plane", "g", "Gain or width", "in the phase chart: gain or width vs depth", "Gain or width"),
            Action("stop", "s", "Stop", bar="Stop"),
            Action("explain", "i", "Explain this", bar="Explain"),
            Action("leave", "escape,p", "Back", bar="Back"),
            Action("app.help", "question_mark", "Help", bar="Help"),
        ),
    ),
)

INSPECT: tuple[Group, ...] = (
    (
        "File",
        (
            *(Action(f"view('{view}')", str(number)) for number, view in enumerate(CHECKPOINT_VIEWS, 1)),
            *(Action(f"move({by})", key) for key, by in (("up", -1), ("down", 1))),
            *(Action(f"page({by})", key) for key, by in (("pageup", -1), ("pagedown", 1))),
            *(Action(f"end({by})", key) for key, by in (("home", -1), ("end", 1))),
            Hint("↑ ↓ PgUp PgDn", "of a checkpoint: choose a tensor"),
            Action("view('tensor')", "enter", "One tensor", "of a checkpoint: show one tensor in full", "Show"),
            Action("filter", "slash", "Filter", "of a checkpoint: filter by name", "Filter"),
            Action("next_sort", "o", "Sort", "of a checkpoint: sort by another column", "Sort"),
            Action("explain", "i", "Explain the picture", bar="Explain"),
            Action("stop", "s", "Stop", bar="Stop"),
            Action("leave", "escape,w", "Back", bar="Back"),
            Action("app.help", "question_mark", "Help", bar="Help"),
        ),
    ),
)

STORY: tuple[Group, ...] = (
    (
        "Story",
        (
            *(Action(f"predict({number - 1})", str(number)) for number in (1, 2, 3)),
            Hint("1 2 3", "in the story: predict; at its end, try one"),
            Action("go_on", "enter", "Go on", "in the story: show the answer, then go on", "Go on"),
            Action("previous_step", "left", "Previous step", bar="Back"),
            Action("next_step", "right", "Next step", bar="Next"),
            Hint("← →", "in the story: previous, next step"),
            Action("scroll(-1)", "up"),
            Action("scroll(1)", "down"),
            Action("try_step", "l", "Try it", "in the story: to the lab, with these settings", "Try it"),
            Action("leave", "escape", "Leave", "in the story: back to the lab as it was", "Leave"),
            Action("explain", "i", "Explain the picture", bar="Explain"),
            Action("app.help", "question_mark", "Help", bar="Help"),
        ),
    ),
)

EVERY: tuple[Group, ...] = (*MAIN, *PHASE, *INSPECT, *STORY)
"""All groups, in the order in which they are explained."""

BAR_ORDER = ("app.help", "story", "run_once", "run_many", "stop")
"""First on the bottom bar, which narrow terminals cut on the right."""


def actions(groups: Iterable[Group]) -> tuple[Action, ...]:
    return tuple(row for _, rows in groups for row in rows if isinstance(row, Action))


APP = tuple(action for action in actions(MAIN) if action.run.startswith("app."))
"""The actions that work on every screen but a dialogue; the app binds them."""
SCREENS: Mapping[str, tuple[Action, ...]] = {
    name: (*actions(groups), *APP)
    for name, groups in (
        ("the main screen", MAIN),
        ("the phase chart", PHASE),
        ("a checkpoint", INSPECT),
        ("the story", STORY),
    )
}
"""What can be done on each screen."""


def explained(groups: Iterable[Group]) -> Iterator[tuple[str, str, str]]:
    """The lines of the help: the group on its first line, the keys, and what they do."""
    for group, rows in groups:
        name = group
        for row in rows:
            if row.help:
                yield name, row.shown, row.help
                name = ""


def bindings(groups: Iterable[Group]) -> list[BindingType]:
    """What a screen binds of its groups."""
    return [action.binding for action in actions(groups) if not action.run.startswith("app.")]


def bar(groups: Iterable[Group]) -> list[tuple[str, str, str]]:
    """The links of the bottom bar: key, word and action."""
    named = [action for action in actions(groups) if action.bar]
    first = [action for run in BAR_ORDER for action in named if action.run == run]
    rest = [action for action in named if action not in first]
    return [(key_name(action.keys.partition(",")[0]), action.bar, action.run) for action in (*first, *rest)]
