"""The entry point: from arguments to an exit status.

The modules of the command line are imported by `main`, so that an interrupt while they load is answered too.
"""

from __future__ import annotations

import os
import sys

from tui_initflow.cli import interrupts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run the command in the arguments and return its exit status.

    Raises:
        SystemExit: the help or the version was asked for, or an argument is invalid.
    """
    from tui_initflow.cli.app import APP_ONLY
    from tui_initflow.cli.commands import command, parsers
    from tui_initflow.cli.diagnostics import PIPE_CLOSED, Failure
    from tui_initflow.cli.streams import say
    from tui_initflow.model.settings import SettingError

    every = parsers()
    parser = every[None]
    try:
        options, unknown = parser.parse_known_args(arguments)
        parser = every[options.command]
        if unknown:
            parser.refuse_unknown(unknown)
        for name, refusal in APP_ONLY.items():
            if name in options and not parser.takes(name):
                parser.error(refusal)
        return command(options.command).run(options)
    except SettingError as error:
        parser.error(f"--{error.field.replace('_', '-')}: {error.problem}; {error.allowed}")
    except Failure as failure:
        say(failure, parser.prog)
        return failure.status
    except BrokenPipeError:
        return PIPE_CLOSED


def entry() -> int:
    """The console command."""
    try:
        try:
            interrupts.take()
            from tui_initflow.lab import BLAS_THREADS

            # runs are spread over our own threads and processes; numpy reads these when it is imported
            for variable in BLAS_THREADS:
                os.environ.setdefault(variable, "1")
            return main(sys.argv[1:])
        finally:
            interrupts.end_at_once()
            _forget_what_cannot_be_written()
    except KeyboardInterrupt:
        return interrupts.INTERRUPTED


def _forget_what_cannot_be_written() -> None:
    """The interpreter flushes the streams on exit; that a command failed to, it has said already."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
