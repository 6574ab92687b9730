"""The formats that results are written in: one table of names, file extensions, help and writers.

The command line makes an option of each, the app's export dialogue lists them, `-o` and the dialogue select one by the
extension, and `tui-initflow help commands` prints the table.

A result has a file in this room, whose functions tell it: `as_json` its values, `report` all of it in parts. A format
is one of these functions, and what makes text of what it tells. To add a format, write the latter and add a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from tui_initflow.export.render import Terminal

AskTerminal = Callable[[], "Terminal"]
"""Says what the terminal can show. Only charts ask."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format, the commands whose results it can hold, the function that tells a result for it, and its writer.

    Formats of the screen have none of these: only the app writes them.
    """

    name: str
    extension: str
    meaning: str
    commands: tuple[str, ...] = ()
    told_by: str = ""
    writer: str = ""

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return f"--{self.name}"

    def teller(self, kind: str) -> Callable[..., Any]:
        """What tells a result for this format: a function of the file `kind` of this room."""
        return _function(f"{kind}.{self.told_by}")

    def write(self, kind: str, result: Any, ask_terminal: AskTerminal) -> str:
        """The text of a result, which is told by the file `kind` of this room."""
        told = self.teller(kind)(result)
        # charts are drawn for a terminal; code is text already
        asked = (ask_terminal(),) if self.told_by == "charts" else ()
        return str(_function(self.writer)(told, *asked) if self.writer else told)


def _function(name: str) -> Callable[..., Any]:
    """A function of this room, loaded when it is needed: --help needs the table alone."""
    module, _, function = name.partition(".")
    return cast("Callable[..., Any]", getattr(import_module(f"tui_initflow.export.{module}"), function))


_EVERY = ("run", "sweep", "grid", "theory", "check", "train", "inspect", "list")
_CHARTED = ("run", "sweep", "grid", "theory", "train", "inspect")
_REPORTED = ("run", "sweep", "train", "inspect", "story")
_TABULAR = ("run", "sweep", "train", "inspect")
_ALL = (
    Format(
        "json", ".json", "one JSON object, with null where a value is not finite", _EVERY, "as_json", "data.to_json"
    ),
    Format(
        "jsonl",
        ".jsonl",
        "one JSON object per run or step, as each is done",
        ("run", "train"),
        "lines",
        "data.to_json_lines",
    ),
    Format("csv", ".csv", "a tidy table of the statistics", _TABULAR, "rows", "data.to_csv"),
    Format("csv-runs", ".runs.csv", "a table with one row per run", ("run",), "rows_by_run", "data.to_csv"),
    Format("markdown", ".md", "a report in Markdown, with the charts", _REPORTED, "report", "render.to_markdown"),
    Format("plot", ".txt", "the charts as text", _CHARTED, "charts", "render.to_plot"),
    Format("text", ".txt", "a summary in plain text", _EVERY, "summary", "render.to_text"),
    Format("python", ".py", "the network of one method as a PyTorch module", ("code",), "module"),
    Format("picture", ".svg", "the screen as a picture"),
    Format("screen", ".screen.txt", "the screen as text"),
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
