"""Train both methods on data and see whether they learn.

They start from the weights that 'run' draws, with a read-out layer by the same rule, see the same rows in the same
order, and each has the learning rate that suits it best, unless --lr sets one. The features are those of the data.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from tui_initflow import lab
from tui_initflow.cli.destination import Destination, add_output, destination_of
from tui_initflow.cli.diagnostics import Failure
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.settings import add_settings, add_training_settings, parsed, training_of
from tui_initflow.cli.work import Place, add_cluster, add_workers, place_of, working
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import BEST, TRAINING_SETTINGS, TRAININGS, TrainingSettings

EXAMPLES = """\
  tui-initflow train --layers 20
  tui-initflow train --layers 20 --optimizer adam --json
  tui-initflow train --data spirals --lr 0.1 --steps 2000 --jsonl
  tui-initflow train --layers 20 -o report.md
  tui-initflow train --map --plot
"""
MAP_FORMATS = ("json", "plot")


def add_options(parser: Parser) -> None:
    add_workers(parser)
    add_cluster(parser, ", with --map")
    add_settings(parser, TRAININGS, left_out=("batch",))
    add_training_settings(parser)
    # the former name of --batch-size; batch norm is over the rows of an update
    parser.add_argument(
        "--batch",
        dest="batch_size",
        type=parsed(TRAINING_SETTINGS["batch_size"]),
        default=argparse.SUPPRESS,
        help=argparse.SUPPRESS,
    )
    parser.add_argument("--map", action="store_true", help="train a over gains and depths; with --json or --plot")
    add_output(parser, "train")


def run(options: argparse.Namespace) -> int:
    (experiment, settings), target, place = training_of(vars(options)), destination_of(options), place_of(options)
    with working() as work:
        data = work.required(lab.load_data(settings.data, work.cancel), "before the data were read")
    if getattr(options, "features", data.features) != data.features:
        raise Failure(f"--features: follows the data; {data.name} has {data.features}")
    if experiment.widths is not None and experiment.widths[0] != data.features:
        raise Failure(f"--widths: begins with {experiment.widths[0]}; {data.name} has {data.features} features")
    if options.map:
        return _map(experiment, settings, data, target, place)
    if options.cluster is not None:
        raise Failure("--cluster: only with --map")
    return _both(experiment, settings, data, target, place)


def _both(
    experiment: Experiment, settings: TrainingSettings, data: lab.Dataset, target: Destination, place: Place
) -> int:
    with working(place) as work:
        if not target.takes_lines:
            work.show("learning rates" if settings.lr == BEST else "training")
        report = target.lines() if target.takes_lines else work.report
        trained = lab.train(experiment, settings, data, work.cancel, report, place=work.place)
        result = work.required(trained, "before the first step was recorded")
        if not target.takes_lines:
            work.write(result, target)
    if result.steps_done < settings.steps:
        raise work.stopped(f"after {result.steps_done} of {settings.steps} steps")
    return 0


def _map(
    experiment: Experiment, settings: TrainingSettings, data: lab.Dataset, target: Destination, place: Place
) -> int:
    """Accuracy of method a over gain and depth, with theory's depth scale."""
    if target.format.name not in MAP_FORMATS:
        raise Failure(f"--map: cannot be written as {target.format.name}; add --json or --plot")
    with working(place) as work:
        trained = lab.train_map(experiment, "a", settings, data, work.cancel, work.report, place=work.place)
        work.write(trained, replace(target, kind="map"))
    if work.ended_early:
        raise work.stopped("before all cells were trained")
    return 0
