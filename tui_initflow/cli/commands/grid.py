"""Compare over a plane of two settings.

It is the app's phase chart: both methods' final gradients at each gain, or width, and depth, with --runs runs in each
cell.
"""

from __future__ import annotations

import argparse

from tui_initflow import lab
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.diagnostics import Failure
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.settings import DEFAULT_SWEEP_RUNS, add_settings, experiment_of
from tui_initflow.cli.work import add_cluster, add_workers, place_of, working

EXAMPLES = """\
  tui-initflow grid --over gain --plot
  tui-initflow grid --over neurons --against layers --runs 20 --json
  tui-initflow grid --over gain --runs 200 --cluster tcp://10.0.0.7:8786 -o grid.json
"""
OVER, AGAINST = ("gain", "neurons"), ("layers",)


def add_options(parser: Parser) -> None:
    parser.add_argument("--over", choices=OVER, metavar="NAME", help=f"the setting along x: one of {', '.join(OVER)}")
    parser.add_argument(
        "--against",
        choices=AGAINST,
        metavar="NAME",
        default=AGAINST[0],
        help=f"the setting along y: one of {', '.join(AGAINST)} (default {AGAINST[0]})",
    )
    add_workers(parser)
    add_cluster(parser)
    add_settings(parser, DEFAULT_SWEEP_RUNS)
    add_output(parser, "grid")


def run(options: argparse.Namespace) -> int:
    if options.over is None:
        raise Failure(f"--over: required; must be one of {', '.join(OVER)}")
    experiment, target = experiment_of(vars(options), DEFAULT_SWEEP_RUNS), destination_of(options)
    if experiment.widths is not None:
        raise Failure("--widths: a list of widths has no depth to vary; use --layers and --neurons instead")
    with working(place_of(options)) as work:
        axes = options.over, options.against
        result = lab.grid(experiment, axes, work.cancel, work.report, place=work.place)
        if result.done.any():
            work.write(result, target)
    if work.ended_early:
        raise work.stopped(f"after {result.done.sum()} of {result.done.size} cells")
    return 0
