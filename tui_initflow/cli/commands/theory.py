"""Predict without a simulation, by mean-field theory.

Prints the gradient by layer at infinite and at finite width, the phase, the depth scale and the critical gain.
"""

from __future__ import annotations

import argparse

from tui_initflow import lab
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.settings import add_settings, experiment_of
from tui_initflow.cli.work import working

EXAMPLES = """\
  tui-initflow theory --activation gelu --a he-normal --b orthogonal
  tui-initflow theory --layers 30 --gain-a critical --plot
  tui-initflow theory --widths 784-512x20-10 --a lecun-normal --activation selu --json
"""


def add_options(parser: Parser) -> None:
    add_settings(parser)
    add_output(parser, "theory")


def run(options: argparse.Namespace) -> int:
    experiment, target = experiment_of(vars(options)), destination_of(options)
    with working() as work:
        work.show("theory")
        predicted = lab.theory(experiment, work.cancel)
        work.write(work.required(predicted, "before the prediction was complete"), target)
    return 0
