"""Tell how it works in nine steps.

Each asks for a prediction, then runs the engine and shows what comes out; Escape leaves into the app with its
settings. With --markdown or -o, it is written as a hand-out with charts.
"""

from __future__ import annotations

import argparse

from tui_initflow.cli import app
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.parser import Parser, reader
from tui_initflow.cli.work import add_workers, place_of, working
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.model.settings import Real

EXAMPLES = """\
  tui-initflow story
  tui-initflow story --pace 8                    # plays by itself, until a key is pressed
  tui-initflow story -o handout.md
"""
PACE = Real(1.0, 3600.0)
"""Seconds for which a story that plays by itself shows something."""


def add_options(parser: Parser) -> None:
    app.add_screen_options(parser)
    parser.add_argument(
        "--pace",
        type=reader(PACE.read, PACE.allowed),
        metavar="SECONDS",
        help=f"play by itself, each question and each answer for so long: {PACE.allowed}",
    )
    add_workers(parser)
    add_output(parser, "story")


def run(options: argparse.Namespace) -> int:
    if options.output_format is None and options.output is None:
        # --force is for either file
        start = app.start_of(vars(options), replaces_recording=options.force)
        return app.as_screens(start, f"story({options.pace})", f"'{PROGRAM} story --markdown'")
    target = destination_of(options)
    with working(place_of(options)) as work:
        from tui_initflow.story.outcome import play_all

        story = play_all(work.cancel, work.report, place=work.place)
        work.write(work.required(story, "before the last step was complete"), target)
    return 0
