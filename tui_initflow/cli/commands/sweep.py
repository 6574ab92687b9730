"""Compare at several values of one setting.

There are --runs runs at each value.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tui_initflow import lab
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.diagnostics import Failure
from tui_initflow.cli.parser import Parser, refusal
from tui_initflow.cli.settings import DEFAULT_SWEEP_RUNS, add_settings, experiment_of
from tui_initflow.cli.work import add_cluster, add_workers, place_of, working
from tui_initflow.model.experiment import SETTINGS, SIZES

EXAMPLES = """\
  tui-initflow sweep --over layers --plot
  tui-initflow sweep --over neurons --values 1,10:100:10 --runs 50 --csv
"""
MOST_VALUES = 1000


def add_options(parser: Parser) -> None:
    parser.add_argument(
        "--over", choices=SIZES, metavar="NAME", help=f"the setting that varies: one of {', '.join(SIZES)}"
    )
    parser.add_argument(
        "--values",
        metavar="LIST",
        help="whole numbers and ranges that include both ends: 1:20, 1:100:10 or 1,10,20 (default: the app's points)",
    )
    add_workers(parser)
    add_cluster(parser)
    add_settings(parser, DEFAULT_SWEEP_RUNS)
    add_output(parser, "sweep")


def run(options: argparse.Namespace) -> int:
    if options.over is None:
        raise Failure(f"--over: required; must be one of {', '.join(SIZES)}")
    experiment, target = experiment_of(vars(options), DEFAULT_SWEEP_RUNS), destination_of(options)
    over, values = options.over, None if options.values is None else parse_values(options.over, options.values)
    with working(place_of(options)) as work:
        result = lab.sweep(experiment, over, values, work.cancel, work.report, place=work.place)
        if result.points:
            work.write(result, target)
    if work.ended_early:
        raise work.stopped(f"after {len(result.points)} values")
    return 0


def parse_values(over: str, text: str) -> tuple[int, ...]:
    """The whole numbers in a list of numbers and ranges start:end or start:end:step, separated by commas.

    Raises:
        Failure: it is not such a list, has a value that `over` does not allow, or has too many.
    """
    setting, parts = SETTINGS[over], text.split(",")
    try:
        ranges = [_range([setting.check(number) for number in part.split(":")]) for part in parts[: MOST_VALUES + 1]]
    except ValueError:
        allowed = f"a list of {over} from {setting.kind.brief}, such as 1:20, 1:100:10 or 1,10,20"
        raise Failure(f"--values: {refusal(text, allowed)}") from None
    values = {value for listed in ranges for value in listed[: MOST_VALUES + 1]}
    if max(len(parts), len(values)) > MOST_VALUES:
        allowed = f"at most {MOST_VALUES} values; a step makes fewer, as in 1:5000:10"
        raise Failure(f"--values: {refusal(text, allowed)}")
    return tuple(sorted(values))


def _range(numbers: Sequence[int]) -> range:
    match numbers:
        case [value]:
            return range(value, value + 1)
        case [start, end] if start <= end:
            return range(start, end + 1)
        case [start, end, step] if start <= end:
            return range(start, end + 1, step)
    raise ValueError
