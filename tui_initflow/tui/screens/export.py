"""Asks for the name of a file, whose suffix says what is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui_initflow.tui.screens.left_once import LeftOnce

FORMATS: Mapping[str, str] = {
    ".json": "all numbers, as run --json",
    ".runs.csv": "a tidy table, one row for each run",
    ".csv": "a tidy table of the statistics",
    ".md": "a report to read",
    ".svg": "a picture of the screen",
    ".txt": "the screen as text",
}
"""By how the name ends, the longest first where two fit."""
LONGEST = 1000


def suffix_of(path: Path) -> str | None:
    """The one of `FORMATS` that the name ends in."""
    return next((suffix for suffix in FORMATS if path.name.lower().endswith(suffix)), None)


class ExportScreen(LeftOnce[Path | None], ModalScreen[Path | None]):
    """Answers with a path that ends in one of `FORMATS`, None when it was left; an old file asks twice."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave", show=False)]

    def __init__(self, suggestion: str) -> None:
        super().__init__()
        self._suggestion = suggestion
        self._confirmed: Path | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="export"):
            yield Label("Write to a file; its suffix says what", id="export-title")
            yield Input(self._suggestion, max_length=LONGEST, compact=True, select_on_focus=False)
            for suffix, what in FORMATS.items():
                yield Label(f"{suffix:<10}{what}", classes="hint", markup=False)
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
            return "this is no name of a file"
        if suffix_of(path) is None:
            return f"the name has to end in {', '.join(FORMATS)}"
        try:
            if path.is_dir():
                return "this is a folder"
            if not path.parent.is_dir():
                return f"the folder {path.parent} does not exist"
            if path.exists() and path != self._confirmed:
                self._confirmed = path
                return "the file exists: enter again replaces it"
        except (OSError, ValueError):
            return "this is no name of a file"
        return None
