"""Asks for the name of a file, whose extension selects what is written to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Label

from tui_initflow.export.formats import FORMATS, Format, format_for
from tui_initflow.tui.screens.dialogue import Dialogue
from tui_initflow.tui.terminal.capture import screen_text

if TYPE_CHECKING:
    from tui_initflow.engine.results import Results
    from tui_initflow.export.plots import Terminal

OFFERED = tuple(each for each in FORMATS.values() if "run" in each.commands or not each.commands)
"""Of formats with the same extension, the first one is offered."""
LONGEST = 1000


class ExportScreen(Dialogue[Path | None]):
    """Answers with a path of a known extension, None when it was left; an existing file takes a second enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave", show=False)]

    def __init__(self, suggestion: str) -> None:
        super().__init__()
        self._suggestion = suggestion
        self._confirmed: Path | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="export"):
            yield Label("Export to a file; its extension selects the format", id="export-title")
            yield Input(self._suggestion, max_length=LONGEST, compact=True, select_on_focus=False)
            for extension, meaning in _offered().items():
                yield Label(f"{extension:<13}{meaning}", classes="hint", markup=False)
            yield Label("", id="export-refusal", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        path = Path(event.value.strip()).expanduser()
        refusal = self._refusal(path)
        if refusal is None:
            self.dismiss(path)
        else:
            self.query_one("#export-refusal", Label).update(f"✗ {refusal}")

    def _refusal(self, path: Path) -> str | None:
        if not str(path).isprintable():
            return "not a valid file name"
        if _format(path) is None:
            return f"unknown format; the name has to end in {', '.join(_offered())}"
        try:
            if path.is_dir():
                return "this is a folder"
            if not path.parent.is_dir():
                return f"the folder {path.parent} does not exist"
            if path.exists() and path != self._confirmed:
                self._confirmed = path
                return "file exists; press Enter again to overwrite"
        except (OSError, ValueError):
            return "not a valid file name"
        return None


def _format(path: Path) -> Format | None:
    return format_for(path.name, OFFERED)


def _offered() -> dict[str, str]:
    """Meanings by extension."""
    return {each.extension: each.meaning for each in reversed(OFFERED)}


def exporter(path: Path, screen: Screen[None], results: Results | None) -> Callable[[], str] | None:
    """What gives the text for a file, in the thread that writes it; None where there are no results to write."""
    chosen = _format(path)
    if chosen is FORMATS["picture"]:
        return partial(str, screen.app.export_screenshot(simplify=True))
    if chosen is FORMATS["screen"]:
        return partial(str, screen_text(screen.app))
    if chosen is None or chosen.write is None or results is None:
        return None
    return partial(chosen.write, results, partial(_terminal, screen.size.width))


def _terminal(width: int) -> Terminal:
    """Charts in a file are as wide as the screen and have no colours."""
    from tui_initflow.export.plots import Terminal

    return Terminal(width)
