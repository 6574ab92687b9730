"""Print a completion script for a shell.

It completes commands, options and their values; needs the extra 'completion'.
"""

from __future__ import annotations

import argparse

from tui_initflow.cli.commands import parsers
from tui_initflow.cli.diagnostics import FAILED, Failure
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.streams import print_out
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import InitialiserName

EXAMPLES = """\
  eval "$(tui-initflow completion bash)"          # in ~/.bashrc
  tui-initflow completion zsh > _tui-initflow   # in a folder of fpath
"""
SHELLS = ("bash", "zsh")


def add_options(parser: Parser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")


def run(options: argparse.Namespace) -> int:
    try:
        import shtab
    except ImportError:
        raise Failure("needs the extra 'completion': pip install 'tui-initflow[completion]'", FAILED) from None
    every = parsers()
    for parser in every.values():
        for action in parser.with_options()._actions:
            if action.dest in SETTINGS and isinstance(SETTINGS[action.dest].kind, InitialiserName):
                # expressions are allowed too, but only names can be listed
                action.choices = tuple(INITIALISERS)
            elif action.dest in ("output", "files", "record"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    print_out(f"{shtab.complete(every[None], options.shell)}\n")
    return 0
