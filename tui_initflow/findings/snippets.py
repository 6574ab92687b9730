"""Code to copy: the command that reproduces an experiment, the line of PyTorch that draws an initialiser's weights."""

from __future__ import annotations

import math
import shlex

from tui_initflow.model.distributions import TRUNCATED_AT, TRUNCATED_STD, Normal, Orthogonal, TruncatedNormal, Uniform
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.initialisers import Fan, Initialiser

PROGRAM = "tui-initflow"
FANS = {
    "fan_in": "w.size(1)",
    "fan_out": "w.size(0)",
    "fan_avg": "(sum(w.shape) / 2)",
    "fan_max": "max(w.shape)",
}


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


def pytorch_line(initialiser: Initialiser) -> str:
    """One statement for a weight matrix `w` of shape (fan_out, fan_in), with the initialiser's gain."""
    distribution, rule = initialiser.distribution, initialiser.rule
    scale = ""
    factor = initialiser.gain * (math.sqrt(rule.scale) if isinstance(rule, Fan) else rule.std)
    if isinstance(rule, Fan):
        scale = f" / {FANS[rule.of]} ** 0.5"
        if rule.of == "fan_max" and isinstance(distribution, Orthogonal):
            return f"torch.nn.init.orthogonal_(w, gain={factor:.4g})"
        if rule.of == "fan_avg" and isinstance(distribution, (Uniform, Normal)) and not distribution.mean:
            xavier = "xavier_uniform_" if isinstance(distribution, Uniform) else "xavier_normal_"
            return f"torch.nn.init.{xavier}(w, gain={factor * math.sqrt(distribution.variance):.4g})"
    match distribution:
        case Orthogonal():
            return f"torch.nn.init.orthogonal_(w, gain={factor:.4g}{scale} * max(w.shape) ** 0.5)"
        case TruncatedNormal():
            # PyTorch's std is that of the normal before truncation, and its bounds a and b are absolute
            std = factor / TRUNCATED_STD
            end = f"{TRUNCATED_AT * std:.4g}{scale}"
            return f"torch.nn.init.trunc_normal_(w, std={std:.4g}{scale}, a=-{end}, b={end})"
        case Uniform():
            ends = (end * factor for end in (distribution.low, distribution.high))
            low, high = (f"{end:.4g}{scale}" if end else "0.0" for end in ends)
            return f"torch.nn.init.uniform_(w, {low}, {high})"
        case Normal():
            return f"torch.nn.init.normal_(w, std={factor * distribution.deviation:.4g}{scale})"
