"""Show, measure and explain how weight initialisation decides whether gradients survive a deep network.

As a library: describe an `Experiment`, `simulate` it or `sweep` one of its settings, and read `Results` or a
`SweepResult`. A setting that is not allowed raises `SettingError`. Gradients are log10 everywhere. These names are
loaded on first use (PEP 562): every entry point imports the package, and loads numpy and the user interface only when
it needs them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import simulate
    from tui_initflow.engine.sweep import SweepResult, sweep
    from tui_initflow.model.experiment import Experiment
from tui_initflow.model.settings import SettingError

__version__ = "0.1.0"
__all__ = ["Experiment", "Results", "SettingError", "SweepResult", "__version__", "simulate", "sweep"]

_HOMES = {
    "Experiment": "tui_initflow.model.experiment",
    "Results": "tui_initflow.engine.results",
    "SettingError": "tui_initflow.model.settings",
    "SweepResult": "tui_initflow.engine.sweep",
    "simulate": "tui_initflow.engine.runs",
    "sweep": "tui_initflow.engine.sweep",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
