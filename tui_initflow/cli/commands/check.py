"""Tell whether initialiser a is healthy, by exit status.

Simulates it and judges its median gradient at the first layer: the status is 0 if that passes, 1 if it does not, 2
if an option is invalid. With --train, it has to learn, too.
"""

from __future__ import annotations

import argparse

from tui_initflow import lab
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.diagnostics import UNHEALTHY, Failure
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.settings import add_min_gradient, add_settings, add_training_settings, experiment_of
from tui_initflow.cli.work import add_workers, place_of, working
from tui_initflow.model.training import TRAINING_SETTINGS, TRAININGS, TrainingSettings

EXAMPLES = """\
  tui-initflow check --layers 20 --a glorot-uniform --train
  tui-initflow check --widths 784-512x20-10 --activation gelu --a he-normal
  tui-initflow check --layers 30 --a torch-linear --min-gradient 1e-4 --json
"""


def add_options(parser: Parser) -> None:
    add_min_gradient(parser)
    add_workers(parser)
    add_settings(parser)
    parser.add_argument("--train", action="store_true", help=f"train {TRAININGS} runs too: healthy is what learns")
    add_training_settings(parser)
    add_output(parser, "check")


def run(options: argparse.Namespace) -> int:
    given = {name: value for name, value in vars(options).items() if name in TRAINING_SETTINGS}
    if given and not options.train:
        first = min(given, key=list(TRAINING_SETTINGS).index)
        raise Failure(f"{TRAINING_SETTINGS[first].flag}: only with --train")
    experiment, training = experiment_of(vars(options)), TrainingSettings(**given) if options.train else None
    target = destination_of(options)
    with working(place_of(options)) as work:
        health = lab.check(experiment, options.min_gradient, training, work.cancel, work.report, place=work.place)
        health = work.required(health, "before the verdict was complete")
        work.write(health, target)
    return 0 if health.problem is None else UNHEALTHY
