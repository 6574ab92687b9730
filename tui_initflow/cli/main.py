"""The entry point: from arguments to an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tui_initflow.cli.commands import COMMANDS
from tui_initflow.cli.diagnostics import INTERRUPTED, PIPE_CLOSED, Failure, say
from tui_initflow.cli.options import APP_ONLY, STORY_TOO, parsers
from tui_initflow.model.settings import SettingError


def main(arguments: Sequence[str]) -> int:
    """Run the command in the arguments and return its exit status.

    Raises:
        SystemExit: the help or the version was asked for, or an argument is invalid.
    """
    known = parsers()
    options, unknown = known.app.parse_known_args(arguments)
    parser = known.commands.get(options.command, known.app)
    if unknown:
        parser.refuse_unknown(unknown)
    if options.command is not None:
        for name in APP_ONLY:
            if name in options and not (options.command == "story" and name in STORY_TOO):
                parser.error(APP_ONLY[name])
    try:
        return COMMANDS[options.command](options)
    except SettingError as error:
        parser.error(f"--{error.field.replace('_', '-')}: {error.problem}; {error.allowed}")
    except Failure as failure:
        say(failure, parser.prog)
        return failure.status


def entry() -> int:
    """The console command."""
    # runs are spread over our own threads; numpy reads these when it is imported
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        try:
            return main(sys.argv[1:])
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes again on exit, which must not fail a second time
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
