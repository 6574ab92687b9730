"""Code to copy: the command that reproduces an experiment, and in PyTorch its weights and its networks."""

from __future__ import annotations

import math
import shlex
from collections.abc import Collection, Mapping
from typing import assert_never

from tui_initflow.model.blocks import Activate, Add, Linear, Normalise, Steps
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.initialisers import (
    TRUNCATED_AT,
    TRUNCATED_STD,
    Fan,
    Initialiser,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
)
from tui_initflow.model.network import AppliedMethod, Network
from tui_initflow.model.pair import Side
from tui_initflow.model.settings import Setting
from tui_initflow.model.training import TRAINING_SETTINGS, TrainingSettings

PROGRAM = "tui-initflow"
FANS = {
    "fan_in": "w.size(1)",
    "fan_out": "w.size(0)",
    "fan_avg": "(sum(w.shape) / 2)",
    "fan_max": "max(w.shape)",
}
NORMS = {
    Normalise("neurons", centred=True): "torch.nn.functional.layer_norm(h, h.shape[-1:])",
    Normalise("neurons", centred=False): "torch.nn.functional.rms_norm(h, h.shape[-1:], eps=1e-5)",
    Normalise("inputs", centred=True): "torch.nn.functional.batch_norm(h, None, None, training=True)",
}


def command_line(experiment: Experiment, command: str | None = None) -> str:
    """A shell command: the app with these settings, or a subcommand. Names every setting but defaults, and the runs."""
    omitted = () if experiment.widths is None else SIZES
    return shlex.join([PROGRAM, *([] if command is None else [command]), *_options(experiment, SETTINGS, omitted)])


def training_command(experiment: Experiment, training: TrainingSettings) -> str:
    """The command that trains both methods like this. Features and batches are those of the data."""
    omitted = ("features", "batch") if experiment.widths is None else (*SIZES, "batch")
    options = [*_options(experiment, SETTINGS, omitted), *_options(training, TRAINING_SETTINGS)]
    return shlex.join([PROGRAM, "train", *options])


def code_command(experiment: Experiment, side: Side) -> str:
    """The command that prints a method's network as a module of PyTorch."""
    omitted = ("runs",) if experiment.widths is None else ("runs", *SIZES)
    return shlex.join([PROGRAM, "code", *_options(experiment, SETTINGS, omitted), "--method", side])


def _options(settings: object, table: Mapping[str, Setting], omitted: Collection[str] = ()) -> list[str]:
    """Those of `settings` that are not the default, and the number of runs."""
    values = [(setting, setting.of(settings)) for name, setting in table.items() if name not in omitted]
    given = [(setting, value) for setting, value in values if value != setting.default or setting.name == "runs"]
    return [word for setting, value in given for word in (setting.flag, setting.kind.write(value))]


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
            std = f"{factor / TRUNCATED_STD:.4g}{scale}"
            return f"torch.nn.init.trunc_normal_(w, std=(s := {std}), a=-{TRUNCATED_AT:g} * s, b={TRUNCATED_AT:g} * s)"
        case Uniform():
            ends = (end * factor for end in (distribution.low, distribution.high))
            low, high = (f"{end:.4g}{scale}" if end else "0.0" for end in ends)
            return f"torch.nn.init.uniform_(w, {low}, {high})"
        case Normal():
            return f"torch.nn.init.normal_(w, std={factor * distribution.deviation:.4g}{scale})"


def pytorch_module(network: Network, method: AppliedMethod) -> str:
    """A module that is this network with these weights; it takes inputs (…, features)."""
    function, block = network.activation.torch, method.block
    norms = {step for step in block.steps if isinstance(step, Normalise)}
    biases = f"torch.nn.init.normal_(layer.bias, std={network.sigma_b:.4g})"
    lines = (
        "import torch",
        "",
        "",
        "class Network(torch.nn.Module):",
        f'    """{network}, {network.activation.name}: {method.name}."""',
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
        *[f"        norm = lambda h: {NORMS[step]}" for step in norms],
        "        h = self.layers[0](x)",
        "        for layer in self.layers[1:]:",
        f"            h = {_written(block.steps)}",
        f"        return {_written(block.head)}",
    )
    return "\n".join(lines) + "\n"


def _sizes(network: Network) -> str:
    """The features, then the neurons of each layer."""
    if len(set(network.widths)) == 1:
        return f"[{network.features}] + [{network.widths[0]}] * {network.layers}"
    return str(list(network.sizes))


def _written(steps: Steps) -> str:
    """What the steps make of h, as an expression."""
    made = "h"
    for step in steps:
        match step:
            case Normalise():
                made = f"norm({made})"
            case Activate():
                made = f"f({made})"
            case Linear():
                made = f"layer({made})"
            case Add():
                made = f"h + {made}" if step.scale == 1.0 else f"h + {step.scale!r} * {made}"
            case _:
                assert_never(step)
    return made
