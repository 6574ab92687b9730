"""The named comparisons that come with the program, and the settings each of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tui_initflow.model.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Preset:
    """A named comparison. Settings that it does not mention stay as they are."""

    name: str
    title: str
    settings: Mapping[str, Any]

    def applied_to(self, experiment: Experiment) -> Experiment:
        return experiment.with_(**self.settings)

    def is_shown_by(self, experiment: Experiment) -> bool:
        """Whether the experiment has these settings already."""
        return self.applied_to(experiment) == experiment


def _pair(name: str, title: str, a: str, b: str) -> Preset:
    return Preset(name, title, MappingProxyType({"a": a, "b": b, "gain_a": 1.0, "gain_b": 1.0}))


_ALL = (
    _pair("demo", "demo: U(-1,1) vs N(0,1)", "uniform", "normal"),
    _pair("matched", "matched variance: U(±√3) vs N(0,1)", "glorot-uniform", "normal"),
    _pair("rand", "literal rand(): U[0,1) vs N(0,1)", "rand", "normal"),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _ALL})
"""demo: the classroom comparison; matched: equal variances; rand: a literal rand() against randn()."""
