"""Dialogues that name a file: where to write a result, and which weights to open."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

from rich.cells import cell_len
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from tui_initflow import lab
from tui_initflow.export.formats import FORMATS, Format, format_for
from tui_initflow.tui.screens.dialogue import Choices, Dialogue

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


ENDINGS = (".safetensors", ".index.json", ".npz", ".npy", ".pt", ".pth", ".bin", ".ckpt", ".pth.tar")
MOST_OFFERED, LONGEST_PATH = 200, 4096


class OpenScreen(Dialogue[Path | None]):
    """Answers with a path that exists. Tab takes the path that is marked into the field, Enter opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, last: Sequence[str]) -> None:
        self._last = [Path(file) for file in last]
        self.offered: list[Path] = []
        self._input = Input(
            f"{Path.cwd()}{os.sep}", max_length=LONGEST_PATH, compact=True, select_on_focus=False, id="path"
        )
        self._options = Choices(compact=True)
        super().__init__("Open a checkpoint: Tab completes, Enter opens, Escape cancels", self._input, self._options)

    def on_mount(self) -> None:
        self._offer()

    def on_input_changed(self) -> None:
        self._offer()

    def _typed(self) -> Path:
        return Path(self._input.value.strip()).expanduser()

    def _offer(self) -> None:
        """The last files as long as nothing is typed; the folders and checkpoints that go on as what is typed does."""
        text = self._input.value.strip()
        first = self._last if text == f"{Path.cwd()}{os.sep}" else []
        found = [path for path in matching(text) if path not in first]
        self.offered = [*first, *found][:MOST_OFFERED]
        self._options.clear_options()
        self._options.add_options(Option(Content(shown(path))) for path in self.offered)
        if self.offered:
            self._options.highlighted = 0

    def action_move(self, by: int) -> None:
        self._options.action_cursor_down() if by > 0 else self._options.action_cursor_up()

    def action_complete(self) -> None:
        at = self._options.highlighted
        if at is not None:
            path = self.offered[at]
            self._input.value = f"{path}{os.sep}" if path.is_dir() else str(path)
            self._input.cursor_position = len(self._input.value)

    def on_input_submitted(self) -> None:
        """A file that is typed in full, else the one that is marked; a folder may hold a sharded checkpoint."""
        at = self._options.highlighted
        try:
            typed = self._typed()
            self._take(typed if typed.is_file() or at is None else self.offered[at])
        except (OSError, ValueError):
            self.refuse("not a valid file name")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._take(self.offered[event.option_index])

    def _take(self, path: Path) -> None:
        if path.is_dir() and not any(path.glob("*.safetensors")):
            self.action_complete()
        elif path.exists():
            self.dismiss(path)
        else:
            self.refuse("no such file")


def matching(text: str) -> list[Path]:
    """Folders and checkpoints whose paths begin with the text, folders first."""
    folder, _, start = text.rpartition(os.sep)
    try:
        with os.scandir(Path(f"{folder}{os.sep}").expanduser()) as entries:
            found = [
                (not entry.is_dir(), entry.name, entry.path)
                for entry in entries
                if entry.name.startswith(start)
                and (start or not entry.name.startswith("."))
                and (entry.is_dir() or entry.name.lower().endswith(ENDINGS))
            ]
    except (OSError, ValueError):
        return []
    return [Path(path) for *_, path in sorted(found)]


def shown(path: Path) -> str:
    """A path as text: nothing in a name is taken for a command of the terminal."""
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in str(path))
    return f"{text}{os.sep}" if path.is_dir() else text
