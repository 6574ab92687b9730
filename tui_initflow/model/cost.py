"""How long runs take, about, told from the settings alone: so that it can be said before they start."""

from __future__ import annotations

from tui_initflow.model.experiment import NUMBER_WORK, Experiment
from tui_initflow.model.initialisers import Orthogonal
from tui_initflow.model.network import AppliedMethod, Network
from tui_initflow.model.training import TrainingSettings

WEIGHTS_A_SECOND = 6e8
"""Drawn and used by two threads."""
LAYER_WEIGHTS = 20_000
"""Weights that take as long as what a layer takes besides."""
ORTHOGONAL_WORK = 0.25
"""Work of making a weight orthogonal to those of one more neuron, in units of drawing it."""
INPUT_WORK = 0.2
"""Work of using a weight for one more input of batch norm, in units of drawing and using it."""


def expected_seconds(experiment: Experiment) -> float:
    """For all runs of both methods, on two processors: right within a factor of three or so."""
    of_methods = sum(_work(experiment, method) for method in experiment.methods)
    return experiment.runs * of_methods / WEIGHTS_A_SECOND


def _work(experiment: Experiment, method: AppliedMethod) -> float:
    """Work of a run, in units of a weight."""
    network = experiment.network
    beside = LAYER_WEIGHTS * network.layers / min(experiment.runs, 20)
    if method.sampler == "implicit":
        return beside + NUMBER_WORK * sum(map(sum, network.shapes))
    draw = 1.0 + INPUT_WORK * (method.inputs - 1)
    if isinstance(method.initialiser.distribution, Orthogonal):
        draw += ORTHOGONAL_WORK * network.widest
    return beside + draw * network.weights


TRAINED_A_SECOND = 5e9
"""Weights that two threads train on one row of the data, forward and back, in a second."""
LAYER_SECONDS = 3e-5
"""What a step takes besides for each layer, in two threads."""


def expected_training_seconds(network: Network, settings: TrainingSettings, networks: int) -> float:
    """For all steps of networks that are trained in one array, on two processors, about."""
    of_weights = networks * network.weights * settings.batch_size / TRAINED_A_SECOND
    return settings.steps * (of_weights + LAYER_SECONDS * network.layers)


def duration(seconds: float) -> str:
    """About so long, in words: 40 s, 3 min, 2 h."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:,.0f} h"
