"""What can be chosen, each with what decides about it: initialisers, activations and presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tui_initflow.findings.wording import title
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS, Initialiser, Shape, equal_names, initialiser
from tui_initflow.model.presets import PRESETS


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what is chosen, `detail` what helps to choose it."""

    value: str
    detail: str

    def matches(self, words: str) -> bool:
        """Whether every word that was typed occurs somewhere."""
        text = f"{self.value} {self.detail}".lower()
        return all(word in text for word in words.lower().split())


def properties(one: Initialiser, shape: Shape) -> str:
    """Standard deviation, bound and sigma_w^2 of a matrix of this shape, in columns; a mean where there is one."""
    bound = one.bound(shape)
    limit = "none" if math.isinf(bound) else f"{bound:.3g}"
    mean = one.mean(shape)
    columns = f"std {one.std(shape):<7.3g} bound {limit:<6} σ_w² {one.sigma_w2(shape):<6.3g}"
    return f"{columns} mean {mean:.3g}" if mean else columns


def equalities(one: Initialiser, experiment: Experiment) -> str:
    """The other names it goes by in this network; empty where there are none."""
    shapes = experiment.network.shapes
    everywhere = equal_names(one, shapes)
    if everywhere:
        return f"= {', '.join(everywhere)}"
    hidden = equal_names(one, shapes[1:]) if len(shapes) > 1 else []
    return f"= {', '.join(hidden)} if square" if hidden else ""


def initialiser_choices(experiment: Experiment) -> tuple[Choice, ...]:
    """All named initialisers, with the numbers of the last layer's weights."""
    shape = experiment.network.shapes[-1]
    return tuple(
        Choice(one.name, f"{properties(one, shape)} {equalities(one, experiment) or one.source}")
        for one in INITIALISERS.values()
    )


def described_initialiser(text: str, experiment: Experiment) -> Choice | None:
    """The choice that an expression such as normal:2/fan_in is, if it is one."""
    try:
        one = initialiser(text)
    except ValueError:
        return None
    return Choice(text, f"{properties(one, experiment.network.shapes[-1])} {equalities(one, experiment)}")


def activation_choices() -> tuple[Choice, ...]:
    return tuple(Choice(name, activation.formula) for name, activation in ACTIVATIONS.items())


def preset_choices(experiment: Experiment, saved: Mapping[str, Experiment]) -> tuple[Choice, ...]:
    """The comparisons that come with the app, in the network there is, and those that were saved."""
    built_in = {name: preset.applied_to(experiment) for name, preset in PRESETS.items() if name not in saved}
    return (
        *(Choice(name, f"built in: {title(settings)}") for name, settings in built_in.items()),
        *(Choice(name, f"yours: {title(settings)}") for name, settings in saved.items()),
    )
