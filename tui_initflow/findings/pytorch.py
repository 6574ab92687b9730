"""The line of PyTorch that draws a weight matrix `w` from the same distribution as an initialiser."""

from __future__ import annotations

import math

from tui_initflow.model.distributions import TRUNCATED_AT, TRUNCATED_STD, Normal, Orthogonal, TruncatedNormal, Uniform
from tui_initflow.model.initialisers import Fan, Initialiser

FANS = {
    "fan_in": "w.size(1)",
    "fan_out": "w.size(0)",
    "fan_avg": "(sum(w.shape) / 2)",
    "fan_max": "max(w.shape)",
}


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
