"""The same in PyTorch: the line that draws a weight matrix `w`, and the module that is a method's whole network."""

from __future__ import annotations

import math

from tui_initflow.model.blocks import Block
from tui_initflow.model.distributions import TRUNCATED_AT, TRUNCATED_STD, Orthogonal, TruncatedNormal, Uniform
from tui_initflow.model.experiment import Method, Network
from tui_initflow.model.initialisers import Fan, Initialiser

FANS = {
    "fan_in": "w.size(1)",
    "fan_out": "w.size(0)",
    "fan_avg": "(sum(w.shape) / 2)",
    "fan_max": "max(w.shape)",
}

FUNCTIONS = {
    "tanh": "torch.tanh",
    "sigmoid": "torch.sigmoid",
    "relu": "torch.relu",
    "identity": "torch.nn.Identity()",
}
"""What is not `torch.nn.functional.NAME`."""
NORMS = {
    "layer": "torch.nn.functional.layer_norm(h, h.shape[-1:])",
    "rms": "torch.nn.functional.rms_norm(h, h.shape[-1:], eps=1e-5)",
}


def pytorch_module(network: Network, method: Method) -> str:
    """A module that is this network with these weights; it takes inputs (…, features)."""
    name, block = network.activation.name, method.block
    function = FUNCTIONS.get(name, f"torch.nn.functional.{name}")
    biases = f"torch.nn.init.normal_(layer.bias, std={_number(network.sigma_b)})"
    lines = (
        "import torch",
        "",
        "",
        "class Network(torch.nn.Module):",
        f'    """{network}, {name}: {method.name}."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        f"        sizes = {_sizes(network)}",
        f"        pairs, bias = zip(sizes, sizes[1:]), {network.sigma_b > 0}",
        "        self.layers = torch.nn.ModuleList(torch.nn.Linear(below, above, bias) for below, above in pairs)",
        "        for layer in self.layers:",
        "            w = layer.weight",
        f"            {pytorch_line(method.initialiser)}",
        *[f"            {biases}"] * (network.sigma_b > 0),
        "",
        "    def forward(self, x):",
        f"        f = {function}",
        *[f"        norm = lambda h: {NORMS[norm]}" for norm in (block.norm,) if norm in NORMS],
        "        h = self.layers[0](x)",
        "        for layer in self.layers[1:]:",
        f"            h = {_next_layer(block)}",
        f"        return f({'norm(h)' if block.normalises_input and not block.has_skips else 'h'})",
    )
    return "\n".join(lines) + "\n"


def _sizes(network: Network) -> str:
    """The features, then the neurons of each layer."""
    if len(set(network.widths)) == 1:
        return f"[{network.features}] + [{network.widths[0]}] * {network.layers}"
    return str(list(network.sizes))


def _next_layer(block: Block) -> str:
    """h_l from h_{l-1}, as in `engine.reference`."""
    branch = f"layer(f({'norm(h)' if block.normalises_input else 'h'}))"
    if not block.has_skips:
        return branch
    joined = f"h + {'' if block.scale == 1.0 else f'{block.scale!r} * '}{branch}"
    return f"norm({joined})" if block.kind == "post-norm" else joined


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
