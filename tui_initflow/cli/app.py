"""How the app starts: from which settings, as a screen or as lines, and what records it."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tui_initflow.cli.destination import file_to_write
from tui_initflow.cli.diagnostics import Failure, quoted
from tui_initflow.cli.experiment import experiment_of
from tui_initflow.cli.options import DEFAULT_RUNS, SHORTHANDS
from tui_initflow.cli.streams import print_out
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.storage.files import reason

if TYPE_CHECKING:
    from tui_initflow.storage.config import Config, LastSession
    from tui_initflow.tui.terminal.recording import Recording


class Start(NamedTuple):
    """What the app starts from, where it keeps it, and what it says at first."""

    last: LastSession
    config: Config | None
    notices: list[str]


def start_of(options: argparse.Namespace) -> Start:
    """The last session, or the settings in the options."""
    from tui_initflow.storage.config import Config, ConfigError, LastSession, default_folder

    experiment = experiment_of(options)
    config = None if options.no_config else Config(default_folder(), Experiment(runs=DEFAULT_RUNS))
    last, notices = LastSession(experiment), []
    if config is not None:
        try:
            last = config.last_session() or last
        except ConfigError as error:
            notices.append(f"Ignored: {error}")
    if not {*SETTINGS, *SHORTHANDS, "preset"}.isdisjoint(vars(options)):
        last = replace(last, experiment=experiment)
    return Start(last, config, notices)


def recording_of(options: argparse.Namespace) -> Recording | None:
    """The recording that --record asks for, begun.

    Raises:
        Failure: it cannot be written, or exists and --force is not given.
    """
    if "record" not in options:
        return None
    from tui_initflow.tui.terminal.recording import Recording

    # the story has --force for both
    replace = "replace_recording" in options or (options.command == "story" and options.force)
    path = file_to_write("record", options.record, replace=replace)
    try:
        columns, lines = shutil.get_terminal_size()
        return Recording(path, (columns, lines), os.environ.get("TERM", ""), replace=replace)
    except OSError as error:
        raise Failure(f"--record: {quoted(options.record)}: {reason(error)}") from None


def plain(options: argparse.Namespace, start: Start) -> int:
    """`--plain`: a conversation on standard input and output. Raises Failure if there is none."""
    if "record" in options:
        raise Failure("--record: needs the screen; leave out --plain")
    if sys.stdin is None:
        raise Failure("standard input: is closed")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # what is not text is a word that is not known
        sys.stdin.reconfigure(errors="replace")
    from tui_initflow.cli.plain import converse
    from tui_initflow.lab.session import Session
    from tui_initflow.storage.config import ConfigError

    last = start.last
    session = Session(last.experiment, theory=last.theory, files=last.files)
    for notice in start.notices:
        print_out(f"{notice}\n")
    converse(session, _lines(sys.stdin), lambda text: print_out(f"{text}\n"))
    if start.config is not None:
        # a file that cannot be written was reported when it was read
        with suppress(ConfigError):
            start.config.save_session(session.to_keep(last.theme))
    return 0


def _lines(stream: TextIO) -> Iterator[str]:
    """What is read from standard input. Raises Failure if it cannot be, as from a terminal that has gone away."""
    try:
        yield from stream
    except OSError as error:
        raise Failure(f"standard input: {reason(error)}") from None
