"""The command `train`: both methods on data, or one of them over gains and depths."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable

from tui_initflow.cli.cluster import cluster_of, has_ended_early, stopped
from tui_initflow.cli.described import training_of
from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.diagnostics import INTERRUPTED, Failure, interruptible, progress_line
from tui_initflow.export.data import to_json_lines
from tui_initflow.findings.learning import TrainedMap, depth_scales
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import BEST, TrainingSettings
from tui_initflow.training.data import Dataset, load_data
from tui_initflow.training.results import TrainingResult
from tui_initflow.training.runs import Cancelled, Progress
from tui_initflow.training.runs import train as train_methods
from tui_initflow.training.trainability import trainability_map

MAP_FORMATS = ("json", "plot")


def train(options: argparse.Namespace) -> int:
    (experiment, settings), target = training_of(options), destination(options)
    data = load_data(settings.data)
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
            result = trained(experiment, settings, data, cancel, _stream(target))
        else:
            with progress_line() as show:
                show("learning rates" if settings.lr == BEST else "training")
                counted = lambda progress: show(f"steps {progress.step}/{progress.steps}")  # noqa: E731
                result = trained(experiment, settings, data, cancel, counted)
                text = target.text_of(result)
            target.write(text)
    if result.steps_done < settings.steps:
        raise Failure(f"stopped after {result.steps_done} of {settings.steps} steps", INTERRUPTED)
    return 0


def trained(
    experiment: Experiment,
    settings: TrainingSettings,
    data: Dataset,
    cancel: threading.Event,
    on_progress: Callable[[Progress], None] | None = None,
) -> TrainingResult:
    """What is recorded until it is cancelled; Failure if that is nothing."""
    try:
        return train_methods(experiment, settings, data, cancel=cancel, on_progress=on_progress)
    except Cancelled:
        raise Failure("stopped before the first step was recorded", INTERRUPTED) from None


def _stream(target: Destination) -> Callable[[Progress], None]:
    """Writes steps as they are recorded."""
    written = 0

    def write_new(progress: Progress) -> None:
        nonlocal written
        partial = progress.partial()
        target.write(to_json_lines(partial, written))
        written = len(partial.a.steps)

    return write_new


def _map(
    experiment: Experiment,
    settings: TrainingSettings,
    data: Dataset,
    target: Destination,
    options: argparse.Namespace,
) -> int:
    """Accuracy of method a over gain and depth, with theory's depth scale."""
    # one network a cell
    experiment = experiment.with_(runs=1)
    if target.format.name not in MAP_FORMATS:
        raise Failure(f"--map: cannot be written as {target.format.name}; add --json or --plot")
    with interruptible() as cancel, cluster_of(options, cancel) as cluster, progress_line() as show:
        trained_map = trainability_map(
            experiment,
            "a",
            settings,
            data,
            cancel=cancel,
            on_progress=lambda progress: show(f"cells {progress.done}/{progress.total}"),
            executor=cluster,
        )
        scales = depth_scales(experiment, trained_map.side, trained_map.gains)
        text = target.text_of(TrainedMap(experiment, settings, trained_map, scales))
    target.write(text)
    if has_ended_early(cancel, cluster):
        raise stopped("before all cells were trained", cluster)
    return 0
