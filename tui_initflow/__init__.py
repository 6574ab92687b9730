"""Show, measure and explain how weight initialisation decides whether gradients survive a deep network.

As a library: describe an `Experiment`, `simulate` it, `sweep` one of its settings or `train` its networks on data, and
read `Results`, a `SweepResult` or a `TrainingResult`. A setting that is not allowed raises `SettingError`. Gradients
are log10 everywhere. These names are loaded on first use (PEP 562): every entry point imports the package, and loads
numpy and the user interface only when it needs them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import simulate
    from tui_initflow.engine.sweep import SweepResult, sweep
    from tui_initflow.model.experiment import Experiment
    from tui_initflow.model.training import TrainingSettings
    from tui_initflow.training.data import load_data
    from tui_initflow.training.results import TrainingResult
    from tui_initflow.training.runs import train
from tui_initflow.model.settings import SettingError

__version__ = "0.10.0"
"""The one place of the version, which `pyproject.toml` reads; `docs/changes.md` begins with it."""

_HOMES = {
    "Experiment": "tui_initflow.model.experiment",
    "Results": "tui_initflow.engine.results",
    "SettingError": "tui_initflow.model.settings",
    "SweepResult": "tui_initflow.engine.sweep",
    "TrainingResult": "tui_initflow.training.results",
    "TrainingSettings": "tui_initflow.model.training",
    "load_data": "tui_initflow.training.data",
    "simulate": "tui_initflow.engine.runs",
    "sweep": "tui_initflow.engine.sweep",
    "train": "tui_initflow.training.runs",
}
__all__ = [
    "Experiment",
    "Results",
    "SettingError",
    "SweepResult",
    "TrainingResult",
    "TrainingSettings",
    "__version__",
    "load_data",
    "simulate",
    "sweep",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
