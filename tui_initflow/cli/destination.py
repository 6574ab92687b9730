"""Where the output of a command goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_initflow.cli.failure import FAILED, Failure, quoted
from tui_initflow.cli.options import format_of
from tui_initflow.storage.files import reason, write_whole

if TYPE_CHECKING:
    from tui_initflow.export.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the output goes and in which format: to standard output, or a file that is only ever complete."""

    path: Path | None
    format: str
    colour: str

    def terminal(self) -> Terminal:
        """What charts may use there."""
        from tui_initflow.export import terminal

        return terminal.standard_output(self.colour) if self.path is None else terminal.file(self.colour)

    def write(self, text: str) -> None:
        """Write it.

        Raises:
            BrokenPipeError: nobody reads it any more.
            Failure: it cannot be written.
        """
        try:
            if self.path is None:
                _write_to_standard_output(text)
            elif _special(self.path):
                self.path.write_text(text, encoding="utf-8")
            else:
                write_whole(self.path, text)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = "standard output" if self.path is None else f"--output: {quoted(str(self.path))}"
            raise Failure(f"{where}: {reason(error)}", FAILED) from None


def destination(options: argparse.Namespace) -> Destination:
    """Where to write, refused before the work starts rather than after it.

    Raises:
        Failure: the file exists and --force is not given, or it cannot be written there.
    """
    format_, colour = format_of(options), getattr(options, "color", "never")
    if options.output in (None, "-", "/dev/stdout"):
        return Destination(None, format_, colour)
    path = Path(options.output)
    if not _special(path):
        # a link is followed: replacing it would leave the file it points to as it was
        path = Path(os.path.realpath(path))
    refusal: str | None = None
    try:
        if not options.output:
            refusal = "is not allowed; the name of a file"
        elif path.is_dir() or options.output.endswith("/"):
            refusal = "is a folder; name a file in it"
        elif not path.parent.is_dir():
            refusal = "its folder does not exist"
        elif path.is_file() and not options.force:
            refusal = "exists; --force replaces it"
        elif not _special(path) and not os.access(path.parent, os.W_OK | os.X_OK):
            refusal = "no permission to write in its folder"
    except OSError as error:
        refusal = reason(error)
    except ValueError:
        refusal = "is not allowed; the name of a file"
    if refusal is not None:
        raise Failure(f"--output: {quoted(options.output)}: {refusal}")
    return Destination(path, format_, colour)


def _special(path: Path) -> bool:
    """Whether it is a device or a pipe, such as a shell's >(gzip): written to, never replaced."""
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _write_to_standard_output(text: str) -> None:
    if sys.stdout is None:
        raise OSError(0, "is closed")
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        # a report has characters that the locale may lack
        text = text.encode(sys.stdout.encoding, errors="replace").decode(sys.stdout.encoding)
    sys.stdout.write(text)
    sys.stdout.flush()
