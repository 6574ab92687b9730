"""What is studied beyond the runs: theory, the health of a network, and whether it learns. See `simulations`."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from tui_initflow.engine.pool import Cancelled, Executor, Progress, Report
from tui_initflow.findings.health import Health, examine
from tui_initflow.findings.learning import TrainedMap
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.lab.simulations import run, unreported
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side
from tui_initflow.model.training import TRAININGS, TrainingSettings
from tui_initflow.theory.outlook import Theory, correlation_scale_at, outlook_of, theory_of
from tui_initflow.training.data import Dataset
from tui_initflow.training.data import load_data as load
from tui_initflow.training.results import TrainingResult
from tui_initflow.training.runs import train as train_methods
from tui_initflow.training.trainability import GAINS, TrainabilityMap, trainability_map


def theory(experiment: Experiment, cancel: threading.Event) -> Theory | None:
    """What theory predicts of both methods."""
    try:
        return theory_of(experiment, TRAINABLE, cancel)
    except Cancelled:
        return None


def check(
    experiment: Experiment,
    min_gradient: float,
    settings: TrainingSettings | None,
    cancel: threading.Event,
    report: Report[object] = unreported,
    *,
    place: Executor | None = None,
) -> Health | None:
    """The health of method a by its runs, by theory and, where `settings` say how to train it, by its training.

    A part of it is no verdict: stopped, it is None.

    Raises:
        SettingError: these settings or data cannot be trained with.
    """
    experiment = experiment.alone("a")
    results, training = run(experiment, cancel, report, place=place), None
    if settings is not None and not cancel.is_set():
        data = load_data(settings.data, cancel)
        to_train = experiment.with_(runs=TRAININGS)
        training = None if data is None else train(to_train, settings, data, cancel, report, place=place)
    try:
        outlook = outlook_of(experiment, "a", min_gradient, cancel)
    except Cancelled:
        return None
    if results is None or cancel.is_set():
        return None
    return examine(results, min_gradient, outlook, training)


def load_data(name: str, cancel: threading.Event) -> Dataset | None:
    """The data of this name, or those in a file.

    Raises:
        SettingError: the file cannot be read, or what is in it cannot be learned.
    """
    try:
        return load(name, cancel)
    except Cancelled:
        return None


def train(
    experiment: Experiment,
    settings: TrainingSettings,
    data: Dataset,
    cancel: threading.Event,
    report: Report[TrainingResult] = unreported,
    *,
    place: Executor | None = None,
) -> TrainingResult | None:
    """Both methods trained.

    Raises:
        SettingError: these settings cannot be trained with, or not on these data.
    """
    try:
        return train_methods(experiment, settings, data, cancel=cancel, on_progress=report, executor=place)
    except Cancelled:
        return None


def train_map(
    experiment: Experiment,
    side: Side,
    settings: TrainingSettings,
    data: Dataset,
    cancel: threading.Event,
    report: Report[TrainedMap] = unreported,
    *,
    place: Executor | None = None,
) -> TrainedMap:
    """How well one method's networks learn over gain and depth, one network a cell, beside theory's depth scales.

    Raises:
        SettingError: these settings cannot be trained with, or not on these data.
    """
    scales = _depth_scales(experiment, side, GAINS)

    def with_theory(trained: TrainabilityMap) -> TrainedMap:
        return TrainedMap(experiment.with_(runs=1), settings, trained, scales)

    def with_theory_so_far(progress: Progress[TrainabilityMap]) -> None:
        so_far = lambda: with_theory(progress.partial())  # noqa: E731
        report(Progress(progress.what, progress.done, progress.total, progress.fraction, so_far))

    trained = trainability_map(
        experiment, side, settings, data, cancel=cancel, on_progress=with_theory_so_far, executor=place
    )
    return with_theory(trained)


def _depth_scales(experiment: Experiment, side: Side, gains: Sequence[float]) -> tuple[float | None, ...]:
    """xi_c with the method's own gain times each of these."""
    own = experiment.methods[side].settings.gain
    return tuple(correlation_scale_at(experiment.with_method(side, gain=own * gain), side) for gain in gains)
