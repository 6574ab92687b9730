"""List all initialisers and activations.

Each initialiser comes with its distribution and variance, each activation with its critical gain.
"""

from __future__ import annotations

import argparse

from tui_initflow import lab
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.parser import Parser

EXAMPLES = """\
  tui-initflow list
  tui-initflow list --json | python -m json.tool
"""


def add_options(parser: Parser) -> None:
    add_output(parser, "list")


def run(options: argparse.Namespace) -> int:
    target = destination_of(options)
    target.write(target.text_of(lab.listing()))
    return 0
