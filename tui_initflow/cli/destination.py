"""Where the output of a command goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_initflow.cli.diagnostics import FAILED, Failure, quoted
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.streams import print_out
from tui_initflow.export.formats import DEFAULT, FORMATS, Format, format_for, formats_of
from tui_initflow.storage.files import is_special, reason, write_whole

if TYPE_CHECKING:
    from tui_initflow import lab
    from tui_initflow.export.render import Terminal

COLOURS = ("auto", "always", "never")


def add_output(parser: Parser, command: str) -> None:
    """The options of `destination_of`, with the formats of this command."""
    group = parser.add_argument_group("output")
    choice, formats = group.add_mutually_exclusive_group(), formats_of(command)
    for row in formats:
        note = "default" if row is DEFAULT else row.extension
        choice.add_argument(
            row.flag, dest="output_format", action="store_const", const=row.name, help=f"{row.meaning} ({note})"
        )
    parser.set_defaults(output_format=None)
    group.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to FILE, whole or not at all; its extension selects the format unless an option does",
    )
    group.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
    if FORMATS["plot"] in formats:
        group.add_argument(
            "--color",
            choices=COLOURS,
            metavar="WHEN",
            default="auto",
            help=f"when to colour --plot: one of {', '.join(COLOURS)} (default auto: on a terminal, unless NO_COLOR is "
            "set or TERM is dumb)",
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """A file, or standard output where `path` is None, and the format to write in.

    `kind` is the result's: the name of the file of `export` that tells it.
    """

    path: Path | None
    format: Format
    colour: str
    kind: str

    def text_of(self, result: object) -> str:
        """A result in the format."""
        return self.format.write(self.kind, result, self._terminal)

    def write(self, text: str) -> None:
        """Write a text.

        Raises:
            BrokenPipeError: the reader has closed the pipe.
            Failure: it cannot be written.
        """
        if self.path is None:
            print_out(text)
            return
        try:
            write_whole(self.path, text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Failure(f"--output: {quoted(str(self.path))}: {reason(error)}", FAILED) from None

    @property
    def takes_lines(self) -> bool:
        """Whether each part of a result is printed as it is done, which shows the progress too."""
        return self.format.name == "jsonl" and self.path is None

    def lines(self, found: Callable[[Any], object] = lambda partial: partial) -> Callable[[lab.Progress[Any]], None]:
        """Prints the lines that are new since the last time; `found` makes of a part of the work what tells them."""
        from tui_initflow.export.data import to_json_lines

        written = 0

        def write_new(progress: lab.Progress[Any]) -> None:
            nonlocal written
            lines = to_json_lines(self.format.teller(self.kind)(found(progress.partial()), written))
            self.write(lines)
            written += lines.count("\n")

        return write_new

    def _terminal(self) -> Terminal:
        from tui_initflow.cli import capabilities

        return capabilities.terminal(sys.stdout if self.path is None else None, self.colour)


def destination_of(options: argparse.Namespace, *, force: bool = False) -> Destination:
    """The destination that the options of `add_output` ask for, as `destination` checks it."""
    words = options.command, options.output, options.output_format
    return destination(*words, force=force or options.force, colour=getattr(options, "color", "never"))


def destination(
    command: str, file: str | None, name: str | None = None, *, force: bool = False, colour: str = "never"
) -> Destination:
    """A file, or standard output, and the format of this name, or the usual one, for the results of a command.

    It is checked before the work starts rather than after it.

    Raises:
        Failure: the file exists and is not to be replaced, it cannot be written, or its format is unknown.
    """
    written = format_of(command, file or "") if name is None else FORMATS[name]
    if file is None or file in ("-", "/dev/stdout"):
        return Destination(None, written, colour, command)
    return Destination(file_to_write("output", file, replace=force), written, colour, command)


def file_to_write(option: str, name: str, *, replace: bool) -> Path:
    """The file that an option names, where it can be written, and replaced if it exists.

    Raises:
        Failure: it cannot.
    """
    path = Path(name)
    refusal: str | None = None
    try:
        if not is_special(path):
            # follow a link: replacing it would leave the file it points to as it was
            path = Path(os.path.realpath(path))
        if not name:
            refusal = "not a valid file name"
        elif path.is_dir() or name.endswith("/"):
            refusal = "is a folder; name a file in it"
        elif not path.parent.is_dir():
            refusal = "its folder does not exist"
        elif path.is_file() and not replace:
            refusal = "file exists; --force overwrites it"
        elif not is_special(path) and not os.access(path.parent, os.W_OK | os.X_OK):
            refusal = "no permission to write in its folder"
    except OSError as error:
        refusal = reason(error)
    except ValueError:
        refusal = "not a valid file name"
    if refusal is not None:
        raise Failure(f"--{option}: {quoted(name)}: {refusal}")
    return path


def format_of(command: str, file: str) -> Format:
    """The format that the extension selects, among those of a command, or else its usual one.

    Raises:
        Failure: the extension selects none.
    """
    name = os.path.basename(file)
    formats, extension = formats_of(command), os.path.splitext(name)[1]
    selected = format_for(name, formats)
    if selected is None and extension:
        known = ", ".join(dict.fromkeys(row.extension for row in formats))
        raise Failure(
            f"--output: {quoted(file)}: unknown format {quoted(extension)}; must be one of {known}, "
            f"or add an option such as {formats[0].flag}"
        )
    return selected or (DEFAULT if DEFAULT in formats else formats[0])
