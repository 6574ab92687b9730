"""See how weight initialisation decides whether gradients survive a deep network."""

# the app, which starts without a command: from which settings, as screens or as lines, and what records it

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from tui_initflow import __version__, lab
from tui_initflow.cli.destination import file_to_write
from tui_initflow.cli.diagnostics import FAILED, STATUSES, Failure, quoted, summary
from tui_initflow.cli.interrupts import leave_to_asyncio
from tui_initflow.cli.parser import Parser, aligned
from tui_initflow.cli.settings import DEFAULT_RUNS, SHORTHANDS, add_settings, experiment_of
from tui_initflow.cli.streams import lines_in, print_out, say
from tui_initflow.cli.work import add_workers
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.storage.config import Config, ConfigError, LastSession, Theme, default_folder
from tui_initflow.storage.files import reason, record

if TYPE_CHECKING:
    from tui_initflow.tui.terminal.recording import Recording

EXAMPLES = f"""\
  tui-initflow                                # the app
  tui-initflow --layers 30 --preset matched   # the app with these settings
  tui-initflow story                          # how it works, in nine steps
  tui-initflow run --runs 200 --seed 1        # the verdict and a table by layer
  tui-initflow run --plot                     # the app's charts as text
  tui-initflow run -o result.json             # all numbers, for a script
  tui-initflow sweep --over layers --values 1:20 --csv

exit status:
{aligned([(str(status), meaning) for status, meaning in STATUSES.items()])}
Each command has its own --help. 'tui-initflow help' lists topics, such as keys,
settings and json."""
APP_ONLY: Mapping[str, str] = {
    "theme": "--theme: only the app has a theme",
    "plain": "--plain: commands write lines already",
    "record": "--record: only the app is recorded",
    "replace_recording": "--force: belongs after the command",
}
"""What is said of options before a command that does not take them."""


def add_options(parser: Parser) -> None:
    parser.add_argument(
        "--version", action="version", version=f"{PROGRAM} {__version__}", help="show the version and exit"
    )
    parser.set_defaults(no_config=False)
    parser.add_argument("--no-run", action="store_true", help="wait for a key before the first run")
    parser.add_argument(
        "--force",
        dest="replace_recording",
        action="store_true",
        default=argparse.SUPPRESS,
        help="overwrite the recording if it exists",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        default=argparse.SUPPRESS,
        help="a command and a statement a line instead of screens: for screen readers and pipes",
    )
    add_screen_options(parser)
    add_workers(parser)
    add_settings(parser)


def add_screen_options(parser: Parser) -> None:
    """What only screens ask for, with or without the story. No defaults: they would overwrite what is given."""
    parser.add_argument(
        "--theme",
        choices=get_args(Theme),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"colour theme of the app: one of {', '.join(get_args(Theme))} (default dark)",
    )
    parser.add_argument(
        "--record",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="record the app in FILE, as asciinema plays it (asciicast v2)",
    )
    parser.add_argument(
        "--no-config",
        action="store_true",
        default=argparse.SUPPRESS,
        help="neither read nor write presets and the last session",
    )


class Start(NamedTuple):
    """What the app starts from, where it keeps it, what it says at first, and what screens are asked for."""

    last: LastSession
    config: Config | None
    notices: tuple[str, ...]
    theme: Theme
    recording: str | None
    """The file that records the screens."""
    replaces_recording: bool
    workers: int | None
    """Processes for long work; None for one for each processor."""


def run(options: argparse.Namespace) -> int:
    start = start_of(vars(options), replaces_recording="replace_recording" in options)
    if "plain" in options:
        return _as_lines(start)
    return as_screens(start, "sweep" if options.no_run else "run_once", f"'{PROGRAM} --plain' or '{PROGRAM} run'")


def start_of(given: Mapping[str, Any], *, replaces_recording: bool) -> Start:
    """The last session, but for what the options given say.

    Raises:
        Failure, SettingError: they contradict each other.
    """
    experiment = experiment_of(given)
    config = None if given["no_config"] else Config(default_folder(), Experiment(runs=DEFAULT_RUNS))
    last, notices = LastSession(experiment), list[str]()
    if config is not None:
        try:
            last = config.last_session() or last
        except ConfigError as error:
            notices.append(f"Ignored: {error}")
    if not given.keys().isdisjoint((*SETTINGS, *SHORTHANDS, "preset")):
        last = replace(last, experiment=experiment)
    return Start(
        last,
        config,
        tuple(notices),
        given.get("theme", last.theme),
        given.get("record"),
        replaces_recording,
        given.get("workers"),
    )


def _as_lines(start: Start) -> int:
    """`--plain`: a conversation on standard input and output. Raises Failure if there is none."""
    if start.recording is not None:
        raise Failure("--record: needs the screen; leave out --plain")
    if sys.stdin is None:
        raise Failure("standard input: is closed")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # what is not text is a word that is not known
        sys.stdin.reconfigure(errors="replace")
    from tui_initflow.cli.plain import converse
    from tui_initflow.lab.session import Session

    last = start.last
    for notice in start.notices:
        print_out(f"{notice}\n")
    with lab.Processes(start.workers, lambda line: say(line, PROGRAM)) as place:
        session = Session(last.experiment, theory=last.theory, files=last.files, place=place)
        converse(session, lines_in(sys.stdin), lambda text: print_out(f"{text}\n"))
    if start.config is not None:
        # a file that cannot be written was reported when it was read
        with suppress(ConfigError):
            start.config.save_session(session.to_keep(last.theme))
    return 0


def as_screens(start: Start, opening: str, instead: str) -> int:
    """The app, which begins with the action `opening`, until it is left.

    Raises:
        Failure: it fails, or has no terminal, which names the commands to use `instead`.
    """
    # Textual reads the first, draws on the last and asks the middle one for its size
    for stream in () if "TEXTUAL_DRIVER" in os.environ else (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise Failure(f"the app needs a terminal; without one, use {instead}")
    if os.environ.get("TERM") == "dumb":
        raise Failure(f"the app cannot draw where TERM is dumb; use {instead}")
    # over SSH every frame of an animation is sent; Textual reads this when it is imported
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui_initflow.tui.app import InitflowApp
    from tui_initflow.tui.keys import NO_KEYS, checked

    keys, notices = NO_KEYS, [*start.notices]
    if start.config is not None:
        try:
            keys = checked(start.config.keys())
        except ConfigError as error:
            notices.append(f"Ignored: {error}")
    recording = None if start.recording is None else _recording(start.recording, replaces=start.replaces_recording)
    # the app, when there is something to tell
    with lab.Processes(start.workers, lambda line: screen.tell(line)) as place:
        screen = InitflowApp(
            start.last.experiment,
            start.theme,
            theory=start.last.theory,
            files=start.last.files,
            config=start.config,
            keys=keys,
            notices=notices,
            recording=recording,
            opening=opening,
            place=place,
        )
        leave_to_asyncio()
        try:
            screen.run()
        except Exception as error:
            screen.crash = error
    if recording is not None:
        recording.close()
    if screen.crash is not None:
        raise Failure(f"the app failed: {summary(screen.crash)}. To report it, {record(screen.crash)}", FAILED)
    if recording is not None and recording.problem:
        raise Failure(f"--record: the recording is incomplete: {recording.problem}", FAILED)
    # there is none where Textual ends without being asked to
    return FAILED if screen.return_code is None else screen.return_code


def _recording(name: str, *, replaces: bool) -> Recording:
    """The recording in a file, begun.

    Raises:
        Failure: it cannot be written, or exists and is not to be replaced.
    """
    from tui_initflow.tui.terminal.recording import Recording

    path = file_to_write("record", name, replace=replaces)
    try:
        columns, lines = shutil.get_terminal_size()
        return Recording(path, (columns, lines), os.environ.get("TERM", ""), replace=replaces)
    except OSError as error:
        raise Failure(f"--record: {quoted(name)}: {reason(error)}") from None
