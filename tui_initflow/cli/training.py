"""The command `train`: both methods on data, or one of them over gains and depths."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tui_initflow import lab
from tui_initflow.cli.cluster import cluster_of, has_ended_early, stopped
from tui_initflow.cli.described import training_of
from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.diagnostics import Failure, interruptible
from tui_initflow.cli.interrupts import INTERRUPTED
from tui_initflow.cli.streams import progress_line
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import BEST, TrainingSettings

MAP_FORMATS = ("json", "plot")


def train(options: argparse.Namespace) -> int:
    (experiment, settings), target = training_of(options), destination(options, "map" if options.map else None)
    data = lab.load_data(settings.data)
    if getattr(options, "features", data.features) != data.features:
        raise Failure(f"--features: follows the data; {data.name} has {data.features}")
    widths = getattr(options, "widths", None)
    if widths is not None and widths[0] != data.features:
        raise Failure(f"--widths: begins with {widths[0]}; {data.name} has {data.features} features")
    if options.map:
        return _map(experiment, settings, data, target, options)
    if options.cluster is not None:
        raise Failure("--cluster: only with --map")
    with interruptible() as cancel:
        if target.format.name == "jsonl" and target.path is None:
            # lines that are streamed show the progress too
            result = trained(lab.train(experiment, settings, data, cancel, _stream(target)))
        else:
            with progress_line() as show:
                show("learning rates" if settings.lr == BEST else "training")
                counted = lambda progress: show(progress.text)  # noqa: E731
                result = trained(lab.train(experiment, settings, data, cancel, counted))
                text = target.text_of(result)
            target.write(text)
    if result.steps_done < settings.steps:
        raise Failure(f"stopped after {result.steps_done} of {settings.steps} steps", INTERRUPTED)
    return 0


def trained(result: lab.TrainingResult | None) -> lab.TrainingResult:
    """The training; Failure if nothing was recorded."""
    if result is None:
        raise Failure("stopped before the first step was recorded", INTERRUPTED)
    return result


def _stream(target: Destination) -> Callable[[lab.Progress[lab.TrainingResult]], None]:
    """Writes steps as they are recorded."""
    from tui_initflow.export.data import to_json_lines
    from tui_initflow.export.train import lines

    written = 0

    def write_new(progress: lab.Progress[lab.TrainingResult]) -> None:
        nonlocal written
        partial = progress.partial()
        target.write(to_json_lines(lines(partial, written)))
        written = len(partial.a.steps)

    return write_new


def _map(
    experiment: Experiment,
    settings: TrainingSettings,
    data: lab.Dataset,
    target: Destination,
    options: argparse.Namespace,
) -> int:
    """Accuracy of method a over gain and depth, with theory's depth scale."""
    if target.format.name not in MAP_FORMATS:
        raise Failure(f"--map: cannot be written as {target.format.name}; add --json or --plot")
    with interruptible() as cancel, cluster_of(options, cancel) as cluster, progress_line() as show:
        counted = lambda progress: show(progress.text)  # noqa: E731
        trained_map = lab.train_map(experiment, "a", settings, data, cancel, counted, place=cluster)
        text = target.text_of(trained_map)
    target.write(text)
    if has_ended_early(cancel, cluster):
        raise stopped("before all cells were trained", cluster)
    return 0
