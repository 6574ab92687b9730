"""What a command writes in the format asked for; what draws is loaded only when charts are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_initflow.cli.destination import Destination
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.text import RUN_WRITERS, SWEEP_WRITERS
from tui_initflow.model.experiment import Experiment

if TYPE_CHECKING:
    from tui_initflow.export.theory import Reports


def written_run(results: Results, target: Destination) -> str:
    match target.format:
        case "plot":
            from tui_initflow.export.plots import run_plot

            return run_plot(results, target.terminal())
        case "markdown":
            from tui_initflow.export.markdown import run_markdown

            return run_markdown(results)
    return RUN_WRITERS[target.format](results)


def written_sweep(result: SweepResult, target: Destination) -> str:
    match target.format:
        case "plot":
            from tui_initflow.export.plots import sweep_plot

            return sweep_plot(result, target.terminal())
        case "markdown":
            from tui_initflow.export.markdown import sweep_markdown

            return sweep_markdown(result)
    return SWEEP_WRITERS[target.format](result)


def written_theory(experiment: Experiment, found: Reports, target: Destination) -> str:
    if target.format == "plot":
        from tui_initflow.export.plots import theory_plot

        return theory_plot(experiment, found, target.terminal())
    from tui_initflow.export.theory import THEORY_WRITERS

    return THEORY_WRITERS[target.format](experiment, found)
