"""Where the output of a command goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_initflow.cli.diagnostics import FAILED, Failure, quoted
from tui_initflow.cli.streams import print_out
from tui_initflow.export.formats import DEFAULT, FORMATS, Format, format_for, formats_of
from tui_initflow.storage.files import is_special, reason, write_whole

if TYPE_CHECKING:
    from tui_initflow.export.render import Terminal


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

    def _terminal(self) -> Terminal:
        from tui_initflow.cli import capabilities

        return capabilities.terminal(sys.stdout if self.path is None else None, self.colour)


def destination(options: argparse.Namespace, kind: str | None = None) -> Destination:
    """The destination in the options, checked before the work starts rather than after it.

    What is written is of another `kind` than the command where an option asks for something else.

    Raises:
        Failure: the file exists and --force is not given, it cannot be written, or its format is unknown.
    """
    output_format, colour = format_of(options), getattr(options, "color", "never")
    kind = kind or options.command
    if options.output in (None, "-", "/dev/stdout"):
        return Destination(None, output_format, colour, kind)
    return Destination(file_to_write("output", options.output, replace=options.force), output_format, colour, kind)


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


def format_of(options: argparse.Namespace) -> Format:
    """The format that an option asks for, else the one that the file's extension selects, else plain text.

    Raises:
        Failure: the extension selects none.
    """
    if options.output_format is not None:
        return FORMATS[options.output_format]
    name = os.path.basename(options.output or "")
    formats, extension = formats_of(options.command), os.path.splitext(name)[1]
    selected = format_for(name, formats)
    if selected is None and extension:
        known = ", ".join(dict.fromkeys(row.extension for row in formats))
        raise Failure(
            f"--output: {quoted(options.output)}: unknown format {quoted(extension)}; must be one of {known}, "
            f"or add an option such as {formats[0].flag}"
        )
    return selected or (DEFAULT if DEFAULT in formats else formats[0])
