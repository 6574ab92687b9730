"""Any experiment, drawn from the table of settings: a new setting is covered by every test that uses these."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tui_initflow.model.blocks import DEPTH_SCALES
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.network import DRAWN_NEURONS
from tui_initflow.model.settings import InitialiserName, Kind, Name, Real, RealOrWord, SettingError, Whole, Widths

INITIALISER_NAMES = st.sampled_from([*INITIALISERS, "normal:2/fan_in", "truncated-normal:std=0.02"])
LARGEST = {"neurons": DRAWN_NEURONS, "features": 2000, "runs": 1000}
"""What fits in memory whatever the other settings are."""


def values(name: str, kind: Kind) -> st.SearchStrategy[Any]:
    """Values of one setting."""
    match kind:
        case Whole():
            return st.integers(kind.low, LARGEST.get(name, kind.high))
        case Real():
            return st.floats(kind.low, kind.high)
        case RealOrWord():
            return st.floats(kind.number.low, kind.number.high) | st.sampled_from(list(DEPTH_SCALES))
        case Name():
            return st.sampled_from(kind.names)
        case InitialiserName():
            return INITIALISER_NAMES
        case Widths():
            return st.lists(st.integers(1, LARGEST["features"]), min_size=2, max_size=30).map(tuple)
    raise TypeError(f"no values for {kind}")


def consistent(settings: dict[str, Any]) -> dict[str, Any]:
    """Without those settings of blocks, or then a sampler, that do not go together with the others."""
    for left_out in ((), ("block", "norm", "branch"), ("sampler",), ("block", "norm", "branch", "sampler")):
        kept = {name: value for name, value in settings.items() if not name.startswith(left_out)}
        try:
            Experiment(**{name: value for name, value in kept.items() if name != "runs"})
        except SettingError:
            continue
        return kept
    raise AssertionError(f"nothing to leave out of {settings}")


EXPERIMENTS = st.fixed_dictionaries(
    {}, optional={name: values(name, setting.kind) for name, setting in SETTINGS.items()}
).map(lambda settings: Experiment(**consistent(settings)))
