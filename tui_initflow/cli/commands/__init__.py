"""The commands, a file each, and the parsers that are made of them.

The docstring of a command's module and EXAMPLES are its help; `add_options` gives its parser the options; and `run`
turns those that were given into settings, does the command and returns the exit status. To add a command, write its
module and add its name to the table. Heavy modules are imported when they are needed: `run` never loads the user
interface.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from tui_initflow.cli import app
from tui_initflow.cli.parser import Command, Parser
from tui_initflow.findings.snippets import PROGRAM

COMMANDS = (
    *("run", "sweep", "grid", "theory", "check", "train", "inspect"),
    *("story", "code", "list", "help", "completion"),
)
"""In the order of the help."""


def command(name: str | None) -> Command:
    """The module of a command; that of the app without one."""
    return cast(Command, app if name is None else import_module(f"{__name__}.{name}"))


def parsers() -> dict[str | None, Parser]:
    """The parser of each command, and under None that of the whole line, which leaves the command's words to them."""
    whole = Parser(prog=PROGRAM, command=command(None)).with_options()
    group = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    every: dict[str | None, Parser] = {None: whole}
    for name in COMMANDS:
        module = command(name)
        gist = (module.__doc__ or "").partition(".")[0]
        every[name] = group.add_parser(name, command=module, help=gist[:1].lower() + gist[1:])
    return every
