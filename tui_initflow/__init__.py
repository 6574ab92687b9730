"""Show, measure and explain how weight initialisation decides whether gradients survive a deep network.

As a library: describe an `Experiment` of two methods, `simulate` it, `sweep` one of its settings or `train` its
networks on data, and read `Results`, a `SweepResult` or a `TrainingResult`; `Processes` do long work on all processors.
A setting that is not allowed raises `SettingError`. Gradients are log10 everywhere. These names are loaded on first use
(PEP 562): every entry point imports the package, and loads numpy and the user interface only when it needs them. Nor
does the package itself import anything: an interrupt while it loads is answered by nobody yet.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui_initflow.engine.processes import Processes
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import simulate
    from tui_initflow.engine.sweep import SweepResult, sweep
    from tui_initflow.model.experiment import Experiment
    from tui_initflow.model.network import Method
    from tui_initflow.model.settings import SettingError
    from tui_initflow.model.training import TrainingSettings
    from tui_initflow.training.data import load_data
    from tui_initflow.training.results import TrainingResult
    from tui_initflow.training.runs import train

__version__ = "0.10.0"
"""The one place of the version, which `pyproject.toml` reads; `docs/changes.md` begins with it."""

_HOMES = {
    "tui_initflow.engine.processes": ("Processes",),
    "tui_initflow.engine.results": ("Results",),
    "tui_initflow.engine.runs": ("simulate",),
    "tui_initflow.engine.sweep": ("SweepResult", "sweep"),
    "tui_initflow.model.experiment": ("Experiment",),
    "tui_initflow.model.network": ("Method",),
    "tui_initflow.model.settings": ("SettingError",),
    "tui_initflow.model.training": ("TrainingSettings",),
    "tui_initflow.training.data": ("load_data",),
    "tui_initflow.training.results": ("TrainingResult",),
    "tui_initflow.training.runs": ("train",),
}
__all__ = [
    "Experiment",
    "Method",
    "Processes",
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


def loaded_on_first_use(package: str, homes: Mapping[str, Iterable[str]]) -> Callable[[str], object]:
    """The `__getattr__` (PEP 562) of a package whose names come from other modules, imported when one is asked for."""
    home_of = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(home_of[name]), name)

    return get


__getattr__ = loaded_on_first_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
