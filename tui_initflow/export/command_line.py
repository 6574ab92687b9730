"""The command that gives the same experiment again."""

from __future__ import annotations

import shlex
from dataclasses import fields

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.widths import widths_text

PROGRAM = "tui-initflow"
FROM_WIDTHS = ("layers", "neurons", "features")
"""Settings that a list of widths says."""


def command_line(experiment: Experiment, command: str | None = None) -> str:
    """For a shell: the app with these settings, or one of its commands. Runs are always told, defaults are not."""
    words = [PROGRAM] if command is None else [PROGRAM, command]
    standard = Experiment()
    for field in fields(Experiment):
        name, value = field.name, getattr(experiment, field.name)
        if experiment.widths is not None and name in FROM_WIDTHS:
            continue
        if value != getattr(standard, name) or name == "runs":
            words += [f"--{name.replace('_', '-')}", widths_text(value) if name == "widths" else str(value)]
    return shlex.join(words)
