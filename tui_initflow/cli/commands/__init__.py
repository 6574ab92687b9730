"""The commands, a file each, and the parsers that are made of them.

A command's module has its help, HELP; `add_options`, which gives its parser the options; and `run`, which turns those
that were given into settings, does the command and returns the exit status. To add a command, write its module and add
its name to the table. Heavy modules are imported when they are needed: `run` never loads the user interface.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from tui_initflow.cli import app
from tui_initflow.cli.parser import Help, Parser
from tui_initflow.findings.snippets import PROGRAM

COMMANDS = (
    *("run", "sweep", "grid", "theory", "check", "train", "inspect"),
    *("story", "code", "list", "help", "completion"),
)
"""In the order of the help."""


class Command(Protocol):
    """What a command's module has; the app's, which starts without a command, has it too."""

    HELP: Help
    add_options: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


def command(name: str | None) -> Command:
    """The module of a command; that of the app without one."""
    return cast(Command, app if name is None else import_module(f"{__name__}.{name}"))


class Parsers(NamedTuple):
    """What understands the whole line, and what it leaves each command's words to."""

    app: Parser
    commands: dict[str, Parser]


def parsers() -> Parsers:
    """Everything that the command line understands."""
    whole = Parser(prog=PROGRAM, text=app.HELP, add_options=app.add_options).with_options()
    group = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    modules = {name: command(name) for name in COMMANDS}
    return Parsers(
        whole,
        {
            name: group.add_parser(name, help=of.HELP.summary, text=of.HELP, add_options=of.add_options)
            for name, of in modules.items()
        },
    )
