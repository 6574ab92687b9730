"""The line of PyTorch that draws a weight matrix `w` from the same distribution as an initialiser."""

from __future__ import annotations

import math

from tui_initflow.model.distributions import TRUNCATED_AT, TRUNCATED_STD, Orthogonal, TruncatedNormal, Uniform
from tui_initflow.model.initialisers import Fan, Initialiser

FANS = {
    "fan_in": "w.size(1)",
    "fan_out": "w.size(0)",
    "fan_avg": "(sum(w.shape) / 2)",
    "fan_max": "max(w.shape)",
}


def pytorch_line(initialiser: Initialiser) -> str:
    """One statement for a weight matrix `w` of shape (fan_out, fan_in), with the initialiser's gain."""
    distribution, rule, gain = initialiser.distribution, initialiser.rule, initialiser.gain
    if isinstance(rule, Fan):
        factor = gain * math.sqrt(rule.scale)
        if isinstance(distribution, Orthogonal) and rule.of == "fan_max":
            return f"torch.nn.init.orthogonal_(w, gain={_number(factor)})"
        if rule.of == "fan_avg" and not distribution.mean and not isinstance(distribution, TruncatedNormal):
            xavier = "xavier_uniform_" if isinstance(distribution, Uniform) else "xavier_normal_"
            if not isinstance(distribution, Orthogonal):
                factor *= math.sqrt(distribution.variance)
                return f"torch.nn.init.{xavier}(w, gain={_number(factor)})"
        scale = f"{{}} / {FANS[rule.of]} ** 0.5"
    else:
        factor, scale = gain * rule.std, "{}"
    if isinstance(distribution, Orthogonal):
        return f"torch.nn.init.orthogonal_(w, gain={scale.format(_number(factor))} * max(w.shape) ** 0.5)"
    if isinstance(distribution, TruncatedNormal):
        # PyTorch's std is that of the normal before truncation, and its bounds a and b are absolute
        std = scale.format(_number(factor / TRUNCATED_STD))
        end = scale.format(_number(TRUNCATED_AT * factor / TRUNCATED_STD))
        return f"torch.nn.init.trunc_normal_(w, std={std}, a=-{end}, b={end})"
    if isinstance(distribution, Uniform):
        ends = (end * factor for end in (distribution.low, distribution.high))
        low, high = (scale.format(_number(end)) if end else "0.0" for end in ends)
        return f"torch.nn.init.uniform_(w, {low}, {high})"
    return f"torch.nn.init.normal_(w, std={scale.format(_number(factor * distribution.deviation))})"


def _number(value: float) -> str:
    return f"{value:.4g}"
