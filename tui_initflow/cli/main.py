"""The way in from a shell: options, command, exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tui_initflow.cli.commands import COMMANDS
from tui_initflow.cli.failure import INTERRUPTED, PIPE_CLOSED, Failure
from tui_initflow.cli.options import parsers


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit status.

    Raises:
        SystemExit: help or the version was asked for, or the arguments are wrong.
    """
    known = parsers()
    options, unknown = known.app.parse_known_args(arguments)
    parser = known.commands.get(options.command, known.app)
    if unknown:
        parser.refuse_unknown(unknown)
    if options.command is not None and "theme" in options:
        parser.error("--theme: belongs to the app, not to this command")
    try:
        return COMMANDS[options.command](options)
    except Failure as failure:
        print(f"{parser.prog}: {failure}", file=sys.stderr)
        return failure.status


def entry() -> int:
    """The console command."""
    # the runs are spread over our own threads; set before numpy is imported
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        try:
            return main(sys.argv[1:])
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more when it ends; let that go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
