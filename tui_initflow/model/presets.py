"""The named comparisons that come with the program, and the settings each of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.network import Method


@dataclass(frozen=True, slots=True)
class Preset:
    """A named comparison, `words` name its two sides. Settings that it does not mention stay as they are."""

    name: str
    words: str
    settings: Mapping[str, Any]

    def applied_to(self, experiment: Experiment) -> Experiment:
        return experiment.with_(**self.settings)

    def is_shown_by(self, experiment: Experiment) -> bool:
        """Whether the experiment has these settings already."""
        return all(getattr(experiment, name) == value for name, value in self.settings.items())


def _pair(name: str, a: str, b: str) -> Preset:
    """Two initialisers of plain networks."""
    return Preset(name, f"{a} vs {b}", MappingProxyType({"a": Method(a), "b": Method(b)}))


def _blocks(name: str, words: str, a: Method, b: Method) -> Preset:
    """Two blocks of a deep ReLU network."""
    return Preset(name, words, MappingProxyType({"a": a, "b": b, "activation": "relu", "layers": 50}))


def _demo() -> Preset:
    """Every setting that is its own default, but for how often it is run."""
    shared = {name: of.default for name, of in SETTINGS.items() if of.side is None}
    methods = {"a": Method("uniform"), "b": Method("normal")}
    left = ("widths", "runs", "seed")
    settings = {name: value for name, value in (shared | methods).items() if name not in left}
    network = " x ".join(str(settings[name]) for name in SIZES[:2])
    return Preset("demo", f"uniform vs normal, {network}, {settings['activation']}", MappingProxyType(settings))


_ALL = (
    _demo(),
    _pair("matched", "glorot-uniform", "normal"),
    _pair("rand", "rand", "normal"),
    _blocks(
        "skips",
        "plain vs pre-norm",
        Method("torch-linear"),
        Method("torch-linear", block="pre-norm", norm="layer"),
    ),
    _blocks(
        "scales",
        "branch scale 1 vs 1/sqrt(L)",
        Method("he-normal", block="residual"),
        Method("he-normal", block="residual", branch_scale="1/sqrt(L)"),
    ),
    _blocks(
        "norms",
        "post-norm vs pre-norm",
        Method("he-normal", block="post-norm", norm="layer"),
        Method("he-normal", block="pre-norm", norm="layer"),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _ALL})
"""demo: the classroom comparison, with all its settings; matched: equal variances; rand: a literal rand() against
randn(); the others are of blocks: what skips do for weights that are too small, why branches are scaled, and where the
norm belongs.
"""
