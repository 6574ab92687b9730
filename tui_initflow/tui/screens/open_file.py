"""Asks for the path of a checkpoint: files of the folder typed so far are offered, and before that the last ones."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_initflow.tui.screens.dialogue import Choices, Dialogue

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
