"""Print the network of one method as a PyTorch module.

It has the shapes, the activation, the blocks and the initialisation of method a, or of b with --method b. Nothing is
simulated: settings of runs change nothing.
"""

from __future__ import annotations

import argparse

from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.settings import add_settings, experiment_of
from tui_initflow.model.pair import SIDES

EXAMPLES = """\
  tui-initflow code --layers 20 --a he-normal --activation relu
  tui-initflow code --preset skips --method b
  tui-initflow code --widths 784-512x20-10 --gain-a critical -o network.py
"""


def add_options(parser: Parser) -> None:
    add_settings(parser)
    parser.add_argument(
        "--method", choices=SIDES, metavar="NAME", default="a", help=f"one of {', '.join(SIDES)} (default a)"
    )
    add_output(parser, "code")


def run(options: argparse.Namespace) -> int:
    experiment, target = experiment_of(vars(options)), destination_of(options)
    target.write(target.text_of((experiment.network, experiment.methods[options.method])))
    return 0
