"""The command that reproduces an experiment."""

from __future__ import annotations

import shlex

from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment

PROGRAM = "tui-initflow"


def command_line(experiment: Experiment, command: str | None = None) -> str:
    """A shell command: the app with these settings, or a subcommand. Names every setting but defaults, and the runs."""
    words = [PROGRAM] if command is None else [PROGRAM, command]
    for name, setting in SETTINGS.items():
        if experiment.widths is not None and name in SIZES:
            continue
        value = getattr(experiment, name)
        if value != setting.default or name == "runs":
            words += [setting.flag, setting.kind.write(value)]
    return shlex.join(words)
