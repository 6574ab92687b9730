"""The lists to choose from, with a line on each entry: initialisers, activations and presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tui_initflow.findings.wording import title
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS, Initialiser, Shape, equalities, initialiser
from tui_initflow.model.presets import PRESETS


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a list: `value` is chosen, `detail` describes it."""

    value: str
    detail: str

    def matches(self, words: str) -> bool:
        """Whether every one of the words occurs in the entry."""
        text = f"{self.value} {self.detail}".lower()
        return all(word in text for word in words.lower().split())


def properties(init: Initialiser, shape: Shape) -> str:
    """Standard deviation, bound and sigma_w^2 for a matrix of this shape, in columns; the mean if it is not zero."""
    bound = init.bound(shape)
    limit = "none" if math.isinf(bound) else f"{bound:.3g}"
    mean = init.mean(shape)
    columns = f"std {init.std(shape):<7.3g} bound {limit:<6} σ_w² {init.sigma_w2(shape):<6.3g}"
    return f"{columns} mean {mean:.3g}" if mean else columns


def initialiser_choices(experiment: Experiment) -> tuple[Choice, ...]:
    """All named initialisers, with numbers for the weights of the last layer."""
    shapes = experiment.network.shapes
    return tuple(
        Choice(init.name, f"{properties(init, shapes[-1])} {equalities(init, shapes) or init.source}")
        for init in INITIALISERS.values()
    )


def described_initialiser(text: str, experiment: Experiment) -> Choice | None:
    """The entry for an expression such as normal:2/fan_in; None if the text is not one."""
    try:
        init = initialiser(text)
    except ValueError:
        return None
    shapes = experiment.network.shapes
    return Choice(text, f"{properties(init, shapes[-1])} {equalities(init, shapes)}")


def activation_choices() -> tuple[Choice, ...]:
    return tuple(Choice(name, activation.formula) for name, activation in ACTIVATIONS.items())


def preset_choices(experiment: Experiment, saved: Mapping[str, Experiment]) -> tuple[Choice, ...]:
    """The built-in comparisons, applied to the current network, and the saved ones."""
    built_in = [(preset, preset.applied_to(experiment)) for name, preset in PRESETS.items() if name not in saved]
    return (
        *(Choice(preset.name, f"built in: {preset.words}, {at.network}, {at.activation}") for preset, at in built_in),
        *(Choice(name, f"yours: {title(settings)}") for name, settings in saved.items()),
    )
