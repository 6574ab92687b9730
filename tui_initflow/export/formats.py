"""The formats that results are written in: one table of names, file extensions, help and writers.

The command line makes an option of each, the app's export dialogue lists them, `-o` and the dialogue select one by the
extension, and `tui-initflow help commands` prints the table. To add a format, write a function that returns the text
of a result, here or in a file of its own, and add a row to the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_initflow.export.plots import Terminal

AskTerminal = Callable[[], "Terminal"]
Writer = Callable[[Any, AskTerminal], str]
"""Gives the text of a result. Only charts ask what the terminal can show, because answering loads plotext."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format, the commands whose results it can hold, and its writer.

    Formats of the screen have no commands and no writer: only the app writes them.
    """

    name: str
    extension: str
    meaning: str
    commands: tuple[str, ...]
    write: Writer | None = None

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return f"--{self.name}"


def _lazy(name: str) -> Writer:
    """A function of this room, loaded when it is called: --help needs the table alone, and only charts need plotext."""
    module, _, function = name.partition(".")

    def write(result: Any, _terminal: AskTerminal) -> str:
        return str(getattr(import_module(f"tui_initflow.export.{module}"), function)(result))

    return write


def _plot(result: Any, terminal: AskTerminal) -> str:
    from tui_initflow.export.plots import to_plot

    return to_plot(result, terminal())


def _module(result: Any, _terminal: AskTerminal) -> str:
    from tui_initflow.findings.snippets import pytorch_module

    network, method = result
    return pytorch_module(network, method)


_EVERY = ("run", "sweep", "grid", "theory", "check", "train", "inspect", "list")
_ALL = (
    Format("json", ".json", "one JSON object, with null where a value is not finite", _EVERY, _lazy("data.to_json")),
    Format(
        "jsonl",
        ".jsonl",
        "one JSON object per run or step, as each is done",
        ("run", "train"),
        _lazy("data.to_json_lines"),
    ),
    Format(
        "csv", ".csv", "a tidy table of the statistics", ("run", "sweep", "train", "inspect"), _lazy("tables.to_csv")
    ),
    Format("csv-runs", ".runs.csv", "a table with one row per run", ("run",), _lazy("tables.to_csv_by_run")),
    Format(
        "markdown",
        ".md",
        "a report in Markdown, with the charts",
        ("run", "sweep", "train", "inspect", "story"),
        _lazy("markdown.to_markdown"),
    ),
    Format("plot", ".txt", "the charts as text", ("run", "sweep", "grid", "theory", "train", "inspect"), _plot),
    Format("text", ".txt", "a summary in plain text", _EVERY, _lazy("text.to_text")),
    Format("python", ".py", "the network of one method as a PyTorch module", ("code",), _module),
    Format("picture", ".svg", "the screen as a picture", ()),
    Format("screen", ".screen.txt", "the screen as text", ()),
)

FORMATS: Mapping[str, Format] = MappingProxyType({row.name: row for row in _ALL})
DEFAULT = FORMATS["text"]


def formats_of(command: str) -> tuple[Format, ...]:
    """The formats that the results of a command can be written in."""
    return tuple(row for row in FORMATS.values() if command in row.commands)


def format_for(file_name: str, formats: tuple[Format, ...]) -> Format | None:
    """The one of `formats` that a file name selects: the longest extension that fits, of equal ones the first."""
    fitting = [row for row in formats if file_name.lower().endswith(row.extension)]
    return max(fitting, key=lambda row: len(row.extension), default=None)
