"""The formats that results are written in: the one table of names, file extensions, meanings and writers.

The command line has an option for each, the app and `-o` select them by the extension. To add a format, write its
writer in a file of this room and add a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_initflow.export.plots import Terminal

Writer = Callable[[object, Callable[[], "Terminal"]], str]
"""The text of a result, and what charts may use where it is printed, which is asked for only where there are any."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format with the commands whose results it can hold, and its writer.

    The formats of the screen have neither: the app alone writes them.
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


# each writer is loaded when it is asked for: the options need the names, and only charts need plotext


def _json(found: object, _terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.json import to_json

    return to_json(found)


def _json_lines(found: object, _terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.json import to_json_lines

    return to_json_lines(found)


def _csv(found: object, _terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.csv import to_csv

    return to_csv(found)


def _csv_by_run(found: object, _terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.csv import to_csv_by_run

    return to_csv_by_run(found)


def _markdown(found: object, _terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.markdown import to_markdown

    return to_markdown(found)


def _plot(found: object, terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.plots import to_plot

    return to_plot(found, terminal())


def _text(found: object, _terminal: Callable[[], Terminal]) -> str:
    from tui_initflow.export.text import to_text

    return to_text(found)


_EVERY = ("run", "sweep", "theory", "check", "list")
_ALL = (
    Format("json", ".json", "one JSON object, null where a value is not a finite number", _EVERY, _json),
    Format("jsonl", ".jsonl", "one JSON object for each run, as soon as it is complete", ("run",), _json_lines),
    Format("csv", ".csv", "a tidy table of the statistics", ("run", "sweep"), _csv),
    Format("csv-runs", ".runs.csv", "a tidy table with one row for each run", ("run",), _csv_by_run),
    Format("markdown", ".md", "a report to read and to send", ("run", "sweep"), _markdown),
    Format("plot", ".txt", "the charts as text, as wide as the terminal", ("run", "sweep", "theory"), _plot),
    Format("text", ".txt", "a summary to read: the default", _EVERY, _text),
    Format("picture", ".svg", "the screen as a picture", ()),
    Format("screen", ".screen.txt", "the screen as text", ()),
)

FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ALL})
DEFAULT = FORMATS["text"]


def formats_of(command: str) -> tuple[Format, ...]:
    """The formats that the results of a command can be written in."""
    return tuple(each for each in FORMATS.values() if command in each.commands)


def format_for(file_name: str, formats: tuple[Format, ...]) -> Format | None:
    """The one of `formats` that the file's extension selects: the longest where two fit, then the first."""
    fitting = [each for each in formats if file_name.lower().endswith(each.extension)]
    return max(fitting, key=lambda each: len(each.extension), default=None)
