"""An experiment: the network, the two methods that draw its weights, the number of runs and the seed.

The fields of `Experiment`, and of `Method` for each of its two, are the one table of settings. To add a setting, add a
field: the command-line option, the line of the app's form, configuration files, JSON and reports are made from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.blocks import BLOCKS, DEPTH_SCALES, Block
from tui_initflow.model.initialisers import Orthogonal, initialiser
from tui_initflow.model.network import (
    AUTO_NEURONS,
    DRAWN_NEURONS,
    METHOD_SETTINGS,
    SAMPLERS,
    AppliedMethod,
    Method,
    Network,
    OutputGradient,
    SamplerChoice,
    has_implicit,
    inputs_of,
    sampler_of,
)
from tui_initflow.model.number_formats import NO_FORMAT, NUMBER_FORMATS
from tui_initflow.model.pair import OTHER, SIDES, Pair, Side, flat
from tui_initflow.model.settings import (
    EXAMPLE,
    Name,
    Real,
    Setting,
    SettingError,
    Whole,
    Widths,
    setting,
    settings_of,
)

ORTHOGONAL_WEIGHTS = 1 << 22
"""Most weights of an orthogonal matrix, which has to be drawn as a whole: 16 MB, 2048 x 2048."""

SIGNALS = 1 << 21
"""Most numbers that a run of several inputs sends forward, one for each neuron and input."""
WIDE_SIGNALS, NORMED_SIGNALS = 10 << 20, 5 << 20
"""Most neurons of a run with one input, and of one whose norm keeps further numbers: ten or five widest layers."""

NUMBER_WORK = 4
"""Work of a number that is drawn in place of weights, in units of drawing and using a weight."""

RESULT_BYTES = 190_000_000
"""Most memory the gradients of all runs of both methods may take."""

_LAYERS, _NEURONS, _FEATURES = Whole(1, 1000), Whole(1, 1 << 20), Whole(1, 65536)
_BATCH = Whole(1, 256)
_WITH_SKIPS = [kind for kind in BLOCKS if Block(kind).has_skips]


@dataclass(frozen=True, slots=True, init=False)
class Experiment:
    """A network of `layers` hidden layers of `neurons` neurons on `features` inputs, drawn by methods a and b.

    `widths` replaces these three: the features, then the neurons of each layer; `neurons` is then None. The
    activation follows every layer, the last one too.
    The settings of a method may also be given one by one, as a="he-normal", gain_a=2.0. Biases are drawn from
    N(0, sigma_b^2). The output gradient, `start`, is a vector of ones or of random signs. Batch norm is over `batch`
    inputs, which all go through the same network; signs are drawn for each of them. Without it there is one input.
    What of the gradient a number format would lose is counted; the runs themselves do not depend on it. `sampler`
    changes the draws, not their law (see `samplers`).
    Each method draws `runs` networks; everything random follows from `seed`.

    Raises:
        SettingError: a setting is not allowed, or the experiment does not fit in memory.
    """

    layers: int = setting(10, _LAYERS, "Layers", "hidden layers", "field", in_demo=True)
    neurons: int | None = setting(
        50,
        _NEURONS,
        "Neurons",
        f"neurons in each hidden layer, at most {DRAWN_NEURONS} where weights are drawn",
        "field",
        in_demo=True,
    )
    features: int = setting(64, _FEATURES, "Features", "inputs of the network", "field", in_demo=True)
    widths: tuple[int, ...] | None = setting(
        None,
        Widths(_LAYERS, _NEURONS, _FEATURES),
        "Widths",
        f"features and the neurons of each layer, instead of the three above: such as {EXAMPLE}",
    )
    activation: str = setting(
        "tanh", Name(tuple(ACTIVATIONS)), "Activation", "activation function", "list", in_demo=True
    )
    a: Method = field(default=Method("uniform"))
    b: Method = field(default=Method("normal"))
    batch: int = setting(32, _BATCH, "Batch", "inputs of a run with batch norm", left_out=True)
    sigma_b: float = setting(0.0, Real(0.0, 100.0), "Bias std σ_b", "standard deviation of the biases")
    start: OutputGradient = setting(
        "ones", Name(("ones", "signs")), "Output gradient", "gradient at the output, all ones or random signs"
    )
    format: str = setting(
        NO_FORMAT,
        Name((NO_FORMAT, *NUMBER_FORMATS)),
        "Number format",
        "number format whose losses are counted on the gradient",
        left_out=True,
    )
    sampler: SamplerChoice = setting(
        "auto",
        Name(SAMPLERS),
        "Sampler",
        "implicit draws no normal or orthogonal weights, only what they do, by the same law; auto does so where a "
        f"layer has {AUTO_NEURONS} neurons or more",
        left_out=True,
    )
    runs: int = setting(1, Whole(1, 100_000), "Runs", "runs, each with fresh weights", "field", in_demo=True)
    seed: int = setting(0, Whole(0, 2**63 - 1), "Seed", "seed of every draw", in_demo=True)

    # made once: asked for again and again, they would take longer than small simulations
    network: Network = field(init=False, repr=False, compare=False)
    methods: Pair[AppliedMethod] = field(init=False, repr=False, compare=False)

    def __init__(self, **settings: Any) -> None:
        values = {**_DEFAULTS, **_with_methods(settings, Pair(_DEFAULTS["a"], _DEFAULTS["b"]))}
        unknown = values.keys() - _DEFAULTS.keys()
        if unknown:
            raise TypeError(f"an experiment has no setting {', '.join(sorted(unknown))}")
        implied: dict[str, Any] = {"widths": None}
        if values["widths"] is not None:
            widths = SETTINGS["widths"].check(values["widths"])
            implied = {"widths": widths, "features": widths[0], "layers": len(widths) - 1, "neurons": None}
        for name, value in (values | implied).items():
            # the check converts texts and numpy's numbers; methods have checked theirs
            checked = value if name in implied or name in SIDES else SETTINGS[name].check(value)
            object.__setattr__(self, name, checked)
        object.__setattr__(self, "network", self._network())
        object.__setattr__(self, "methods", self._methods())
        for side in SIDES:
            self._check_block(side)
        self._check_samplers()
        self._check_memory()

    def _check_block(self, side: Side) -> None:
        """Refuse a block that does not go with the norm, the branch scale or the widths."""
        block = self.methods[side].block
        norms = BLOCKS[block.kind].norms
        if block.norm not in norms:
            if block.norm == "none":
                raise SettingError(flat("norm", side), f"a {block.kind} block needs a norm", " or ".join(norms))
            others = " or ".join(kind for kind in _WITH_SKIPS if block.norm in BLOCKS[kind].norms)
            raise SettingError(flat("norm", side), f"a {block.kind} block has no norm", f"none, or a {others} block")
        if not block.has_skips and self.methods[side].branch_scale != 1.0:
            skips = ", ".join(_WITH_SKIPS)
            raise SettingError(
                flat("branch_scale", side), "a plain block has no branch to scale", f"1, or one of {skips}"
            )
        if block.has_skips and len(set(self.network.widths)) > 1:
            raise SettingError(
                flat("block", side), "skips need hidden layers of equal width", "plain with these widths"
            )
        if block.couples_inputs and self.batch == 1:
            allowed = f"a whole number from 2 to {_BATCH.high}, or another norm"
            raise SettingError("batch", "a batch of 1 has variance 0", allowed)

    def _check_samplers(self) -> None:
        """Refuse to do without weights where that is not exact, and to draw those of layers that are too wide."""
        widest = self.network.widest
        for method in self.methods:
            distribution = method.initialiser.distribution
            if method.sampler == "implicit" and not has_implicit(distribution, method.inputs):
                what = "batch norm" if method.inputs > 1 else method.initialiser.name
                allowed = "auto, explicit, or normal or orthogonal weights without batch norm"
                raise SettingError("sampler", f"{what} needs its weights", allowed)
            if method.sampler == "explicit" and widest > DRAWN_NEURONS:
                problem = f"{widest} is too wide to draw weights of {method.side}"
                raise SettingError(self._width_setting, problem, f"1 to {DRAWN_NEURONS} where they are drawn")
            if method.sampler == "explicit" and isinstance(distribution, Orthogonal):
                largest = max(fan_out * fan_in for fan_out, fan_in in self.network.shapes)
                if largest > ORTHOGONAL_WEIGHTS:
                    allowed = f"at most {ORTHOGONAL_WEIGHTS} weights in a layer, here {largest}, or sampler implicit"
                    raise SettingError(method.side, "an orthogonal matrix this large does not fit in memory", allowed)

    def _check_memory(self) -> None:
        neurons, inputs = self.network.neurons, self.inputs
        fit = SIGNALS // neurons
        if inputs > max(1, fit):
            raise SettingError("batch", f"{self.batch} inputs do not fit in memory", f"at most {fit} with this network")
        fit = WIDE_SIGNALS if all(method.block.norm == "none" for method in self.methods) else NORMED_SIGNALS
        if neurons > fit:
            problem = f"{neurons} neurons in all layers do not fit in memory"
            raise SettingError(self._width_setting, problem, f"at most {fit} in all layers together")
        fit = RESULT_BYTES // (2 * 8 * (self.layers + 1))
        if self.runs > fit:
            depth = f"{self.layers} layers"
            raise SettingError("runs", f"{self.runs} do not fit in memory", f"at most {fit} with {depth}")

    @property
    def most_neurons(self) -> int:
        """Most neurons of a layer with these methods, as far as they fit in memory."""
        samplers = {
            sampler_of(self.sampler, method.initialiser.distribution, method.inputs, _NEURONS.high)
            for method in self.methods
        }
        return DRAWN_NEURONS if "explicit" in samplers else _NEURONS.high

    @property
    def _width_setting(self) -> str:
        return "neurons" if self.widths is None else "widths"

    def with_(self, **settings: Any) -> Experiment:
        """A copy with some settings changed, those of methods too. Setting layers or neurons drops a list of widths."""
        if self.widths is not None:
            ends = settings["widths"] is None if "widths" in settings else bool({"layers", "neurons"} & settings.keys())
            if ends:
                settings = {"neurons": self.network.widest, **settings, "widths": None}
            elif "widths" not in settings and "features" in settings:
                settings["widths"] = (SETTINGS["features"].check(settings["features"]), *self.widths[1:])
        return replace(self, **_with_methods(settings, Pair(self.a, self.b)))

    def with_method(self, side: Side, **settings: Any) -> Experiment:
        """A copy with some settings of a method changed."""
        return self.with_(**{flat(name, side): value for name, value in settings.items()})

    def alone(self, side: Side) -> Experiment:
        """A copy for a look at one method: the other is cheap to draw, and goes with any width."""
        other = Method("glorot-normal" if getattr(self, side).initialiser == "normal" else "normal")
        return self.with_(**{OTHER[side]: other})

    def allows(self, **settings: Any) -> bool:
        """Whether `with_` takes these settings."""
        try:
            self.with_(**settings)
        except SettingError:
            return False
        return True

    def __reduce__(self) -> tuple[Callable[[], Experiment], tuple[()]]:
        # to a worker go the settings alone, and what is made of them is made there
        return partial(type(self), **{name: getattr(self, name) for name in _DEFAULTS}), ()

    def _network(self) -> Network:
        sizes = self.widths or (self.features, *[self.neurons or 0] * self.layers)
        return Network(sizes, ACTIVATIONS[self.activation], self.sigma_b, self.start)

    def _methods(self) -> Pair[AppliedMethod]:
        methods = Pair.of(self._method)
        if methods.a.label != methods.b.label:
            return methods
        return methods.map(lambda method: replace(method, ambiguous=True))

    @property
    def has_same_variance(self) -> bool:
        """Whether the methods differ in the shape of their weights' distribution alone."""
        a, b = self.methods
        # a network of one layer has no hidden weights: take those that a deeper one would have
        shapes = self.network.shapes[1:] or ((self.network.widest, self.network.widest),)
        return a.block == b.block and all(
            math.isclose(a.initialiser.sigma_w2(shape), b.initialiser.sigma_w2(shape))
            and not a.initialiser.mean(shape)
            and not b.initialiser.mean(shape)
            for shape in shapes
        )

    @property
    def inputs(self) -> int:
        """Inputs of a run, of the method that has more: 1, or the batch of batch norm."""
        return max(method.inputs for method in self.methods)

    @property
    def signals(self) -> int:
        """Numbers that a run sends forward, of the method that has more: one for each neuron and input."""
        return self.inputs * self.network.neurons

    @property
    def drawn(self) -> int:
        """Numbers drawn for a run, of the method that draws more: weights or, without, one for each end of them."""
        return max(self._numbers(method) for method in self.methods)

    @property
    def work(self) -> int:
        """Work of a run in units of a weight, drawn and used by one input, of the method that has more."""
        return max(
            self._numbers(method) * (NUMBER_WORK if method.sampler == "implicit" else 1) for method in self.methods
        )

    def _numbers(self, method: AppliedMethod) -> int:
        network = self.network
        return sum(map(sum, network.shapes)) if method.sampler == "implicit" else network.weights

    def _method(self, side: Side) -> AppliedMethod:
        method: Method = getattr(self, side)
        scale = method.branch_scale
        block = Block(method.block, method.norm, DEPTH_SCALES[scale](self.layers) if isinstance(scale, str) else scale)
        drawn = initialiser(method.initialiser).with_gain(method.gain)
        widest = self.neurons or max((self.widths or (0, 0))[1:])
        sampler = sampler_of(self.sampler, drawn.distribution, inputs_of(block, self.batch), widest)
        return AppliedMethod(side, method, drawn, block, self.batch, sampler)


_DEFAULTS: Mapping[str, Any] = {of.name: of.default for of in fields(Experiment) if of.init}


def _all_settings() -> Iterator[Setting]:
    own = settings_of(Experiment)
    for name in _DEFAULTS:
        if name in own:
            yield own[name]
        elif name == "a":
            for of in METHOD_SETTINGS.values():
                yield from (of.of_method(side, getattr(_DEFAULTS[side], of.name)) for side in SIDES)


SETTINGS: Mapping[str, Setting] = MappingProxyType({of.name: of for of in _all_settings()})
"""Every setting by name, in the order of the fields; those of the methods one by one."""

SIZES = ("layers", "neurons", "features")
"""The settings that a list of widths replaces, and that can be swept."""


def _with_methods(settings: Mapping[str, Any], methods: Pair[Method]) -> dict[str, Any]:
    """The settings, with those of the methods taken into `methods`, or into methods among the settings."""
    others = dict(settings)
    for side in SIDES:
        method = others.pop(side) if isinstance(others.get(side), Method) else methods[side]
        own = {name: flat(name, side) for name in METHOD_SETTINGS if flat(name, side) in others}
        values = {name: SETTINGS[of].check(others.pop(of)) for name, of in own.items()}
        others[side] = replace(method, **values) if values else method
    return others
