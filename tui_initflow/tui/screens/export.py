"""Asks for the name of a file, whose extension selects what is written to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.cells import cell_len
from textual import on
from textual.app import App
from textual.widgets import Input, Label

from tui_initflow import lab
from tui_initflow.export.formats import FORMATS, Format, format_for
from tui_initflow.tui.screens.dialogue import Dialogue

LONGEST = 1000
SVG_TEXT = "{http://www.w3.org/2000/svg}text"


class ExportScreen(Dialogue[Path | None]):
    """Answers with a path of a known extension, None if it was cancelled; an existing file takes a second Enter.

    The formats offered are those of the screen, of `command`, whose results are exported, and of the network as code.
    """

    def __init__(self, command: str) -> None:
        self._formats = offered(command)
        # of formats with the same extension, the first is offered
        self._meanings = {known.extension: known.meaning for known in reversed(self._formats)}
        super().__init__(
            "Export to a file; its extension selects the format",
            Input("initflow.md", max_length=LONGEST, compact=True, select_on_focus=False),
            *(Label(f"{end:<13}{meaning}", classes="hint", markup=False) for end, meaning in self._meanings.items()),
        )
        self._confirmed: Path | None = None

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        path = Path(event.value.strip()).expanduser()
        problem = self._problem(path)
        if problem is None:
            self.dismiss(path)
        else:
            self.refuse(problem)

    def _problem(self, path: Path) -> str | None:
        """Why nothing can be written there."""
        if not str(path).isprintable():
            return "not a valid file name"
        if format_for(path.name, self._formats) is None:
            return f"unknown format; the name has to end in {', '.join(self._meanings)}"
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


def offered(command: str) -> tuple[Format, ...]:
    return tuple(row for row in FORMATS.values() if not {command, "code"}.isdisjoint(row.commands) or not row.commands)


def exporter(
    path: Path, app: App[Any], command: str, result: lab.Findings | lab.TrainingResult | None, network: object
) -> Callable[[], str] | None:
    """A function that gives the text of a file, for the thread that writes it; None without a result to write.

    `network` is written as code, which needs no result.
    """
    chosen = format_for(path.name, offered(command))
    if chosen is FORMATS["picture"]:
        return partial(str, app.export_screenshot(simplify=True))
    if chosen is FORMATS["screen"]:
        return partial(str, screen_text(app))
    kind, written = ("code", network) if chosen is FORMATS["python"] else (command, result)
    if chosen is None or written is None:
        return None
    from tui_initflow.export.render import Terminal

    # charts in a file are as wide as the screen and have no colours
    return partial(chosen.write, kind, written, partial(Terminal, app.size.width))


def screen_text(app: App[Any]) -> str:
    """The characters of the screen, blanks at line ends dropped.

    They are read from Textual's picture of it: there is no other public way to them.
    """
    height = app.size.height
    lines: defaultdict[int, str] = defaultdict(str)
    for element in ElementTree.fromstring(app.export_screenshot(simplify=True)).iter(SVG_TEXT):
        _, clipped, line = element.get("clip-path", "").rstrip(")").rpartition("-line-")
        text = element.text or ""
        if not clipped or not text:
            continue  # the title
        # blanks alone are not drawn; the position in pixels tells how many there are
        column = round(float(element.get("x", 0)) * len(text) / float(element.get("textLength", 1)))
        y = int(line)
        lines[y] += " " * (column - cell_len(lines[y])) + text.replace("\xa0", " ")
    return "".join(f"{lines[y].rstrip()}\n" for y in range(height))
