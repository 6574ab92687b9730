"""All keys on one page."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_initflow.tui.screens.left_once import LeftOnce

KEYS = (
    (
        "Run",
        (
            ("r", "run once more"),
            ("R", "run as many as the Runs field says"),
            ("s  escape", "stop; what is done stays"),
        ),
    ),
    (
        "Compare",
        (
            ("d", "demo: U(-1,1) against N(0,1)"),
            ("m", "matched variance: U(±√3); again: back"),
            ("l", "literal rand(): U[0,1) against N(0,1)"),
            ("o", "presets: use, save under a new name, delete"),
            ("a  b", "choose initialiser A or B from a list"),
            ("f", "choose the activation function"),
            ("n", "network: widths, gains, biases, backward start"),
            ("x", "which method is meant where only one can be"),
        ),
    ),
    (
        "Look",
        (
            ("1 … 6", "Gradient Layers Pre-activations Runs Sweeps Why"),
            ("[  ]", "previous, next pane"),
            ("t", "theory and advice beside the measurement"),
            ("p", "phase chart: gain or width against depth"),
            ("y", "copy the line of PyTorch for the weights"),
            ("z", "zoom the focused pane or chart; again: back"),
            ("T", "light or dark"),
            ("↑ ↓ PgUp PgDn", "scroll the focused pane"),
        ),
    ),
    (
        "Change",
        (
            ("tab  shift+tab", "next, previous field or chart"),
            ("↑ ↓ → ←", "in a field: one more, one less; with shift: ten"),
            ("0 … 9, enter", "in a field: type a value"),
            ("escape", "while typing: back to the last good value"),
            ("← →, enter", "in a sweep chart: read a point, use its value"),
        ),
    ),
    (
        "More",
        (
            ("e", "export: JSON, CSV, report, screen"),
            ("c", "copy the command that shows the same again"),
            ("?", "this help"),
            ("ctrl+p", "command palette"),
            ("ctrl+l", "draw the screen anew"),
            ("q  ctrl+q", "quit"),
        ),
    ),
)


def help_text() -> Content:
    parts: list[str | tuple[str, str]] = []
    for group, keys in KEYS:
        for i, (key, what) in enumerate(keys):
            parts += [(f"{'' if i else group:<9}", "bold $accent"), (f"{key:<16}", "bold"), f"{what}\n"]
    return Content.assemble(*parts).rstrip()


class HelpScreen(LeftOnce[None], ModalScreen[None]):
    """Closes with the keys people try first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(help_text())

    def on_mount(self) -> None:
        self.query_one("#help").focus()
