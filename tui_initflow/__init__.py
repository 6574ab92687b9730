"""See and measure how the way weights are drawn decides whether gradients survive a deep network.

As a library: `from tui_initflow import Experiment, simulate, sweep`. These are loaded on first use (PEP 562), so
that importing the package, as every entry point does, loads neither numpy nor the user interface.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_initflow.engine.experiment import Experiment
    from tui_initflow.engine.simulate import simulate
    from tui_initflow.engine.sweep import sweep

__version__ = "0.1.0"
__all__ = ["Experiment", "__version__", "simulate", "sweep"]

_HOMES = {
    "Experiment": "tui_initflow.engine.experiment",
    "simulate": "tui_initflow.engine.simulate",
    "sweep": "tui_initflow.engine.sweep",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
