"""All keys on one page, from the table of actions."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_initflow.tui.actions import MAIN, PHASE
from tui_initflow.tui.screens.dialogue import LeftOnce


def help_text() -> Content:
    parts: list[str | tuple[str, str]] = []
    for group, rows in (*MAIN, *PHASE):
        explained = [row for row in rows if row.help]
        for i, row in enumerate(explained):
            name = "" if i else group
            parts += [(f"{name:<9}", "bold $accent"), (f"{row.shown:<16}", "bold"), f"{row.help}\n"]
    return Content.assemble(*parts).rstrip()


class HelpScreen(LeftOnce[None], ModalScreen[None]):
    """Closes with the keys people try first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(help_text())
