"""The weights of a checkpoint that fit together as the layers of a network, with signals sent through them.

Signals are those of an experiment: the same inputs and output gradients by run, the same passes. What is a run there,
with weights of its own, is here one more input of the same weights. There are no biases, norms or skips, whatever the
network has: it is the weights that are examined.
"""

from __future__ import annotations

import functools
import itertools
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from tui_initflow.checkpoints.scan import Measured
from tui_initflow.checkpoints.sources import CheckpointError
from tui_initflow.engine.passes import Networks, backward, forward
from tui_initflow.engine.pool import Cancelled, Progress, Report, Stop, already
from tui_initflow.engine.preactivations import PreactivationStatistics
from tui_initflow.engine.products import Matrices, Rows, first_layer
from tui_initflow.engine.results import MethodResult, Statistics
from tui_initflow.engine.runs import BATCH_SIGNALS
from tui_initflow.engine.signals import Floats
from tui_initflow.engine.simulator import BatchPasses, Simulator
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import drawn_numbers
from tui_initflow.model.blocks import PLAIN
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INPUT, Normal, Shape, Uniform
from tui_initflow.model.network import Method
from tui_initflow.model.settings import SettingError
from tui_initflow.untrusted import brief

KEPT_WEIGHTS = 1 << 24
"""Weights of a chain that stay in memory for all passes; those of a larger one are read again for each."""
LARGEST_TURNED = 1 << 25
"""Weights of a matrix that is stored by columns, and so has to be in memory as a whole."""
TINY = 1e-30
"""Sizes of weights that float32 divides by with all its digits, and their inverses."""
SIGMA_W = 3.2e-5, 3.1e4
"""Mean sigma_w of weights that a network can be drawn beside: an initialiser's expression holds 1e-9 to 1e9."""
MOST_LINKS = 10_000
"""Weights of a chain: ten times the layers of the deepest networks."""
TOGETHER = 64
"""Most inputs that go through the weights at the same time."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Weights, first layer first, each taking what the one before it gives; `left_out` are the other 2-D weights."""

    links: tuple[Measured, ...]
    left_out: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(link.name for link in self.links)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """(fan_out, fan_in) of every layer."""
        return tuple(_fans(link) for link in self.links)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The features, then the neurons of every layer."""
        shapes = self.shapes
        return (shapes[0][1], *(fan_out for fan_out, _ in shapes))

    @property
    def sigma_w(self) -> float:
        """The geometric mean of (fan_in E w^2)^(1/2) over the layers after the first, or of the only one."""
        links = self.links[1:] or self.links
        with np.errstate(divide="ignore", over="ignore"):
            sizes = np.log([link.root_mean_square for link in links]) + np.log([_fans(link)[1] for link in links]) / 2
            return float(np.exp(sizes.mean()))


def _fans(link: Measured) -> Shape:
    assert link.role.fans is not None
    return link.role.fans


def find_chain(tensors: Sequence[Measured], pattern: str | None = None) -> Chain:
    """The longest chain of neighbours in natural order, layer 10 after layer 9, or in the file's if that is longer.

    With a pattern as in a shell, all weights whose names match, which have to fit.

    Raises:
        CheckpointError: there is none, and why.
    """
    longest: Sequence[Measured]
    linear = [one for one in tensors if one.role.kind == "linear"]
    if pattern is not None:
        chosen = sorted((one for one in linear if fnmatchcase(one.name, pattern)), key=lambda one: natural(one.name))
        if not chosen:
            raise CheckpointError(f"no 2-D weight matches {brief(pattern)}")
        for below, above in itertools.pairwise(chosen):
            if _fans(above)[1] != _fans(below)[0]:
                raise CheckpointError(_mismatch(below, above))
        longest = chosen
    else:
        if not linear:
            raise CheckpointError("it has no 2-D weights")
        in_order = sorted(linear, key=lambda one: natural(one.name))
        longest = max(_longest(in_order), _longest(linear), key=len)
        if len(longest) == 1 < len(linear):
            raise CheckpointError(f"no two neighbours fit: {_mismatch(*in_order[:2])}")
    if len(longest) > MOST_LINKS:
        raise CheckpointError(f"{len(longest):,} weights fit together; signals are sent through {MOST_LINKS:,} at most")
    for link in longest:
        if link.is_broken:
            raise CheckpointError(f"{brief(link.name)} has {'NaN' if link.nan else 'infinities'}")
    names = {link.name for link in longest}
    return Chain(tuple(longest), tuple(one.name for one in linear if one.name not in names))


def _mismatch(below: Measured, above: Measured) -> str:
    return (
        f"{brief(above.name)} has fan_in {_fans(above)[1]}, "
        f"but {brief(below.name)} before it has fan_out {_fans(below)[0]}"
    )


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers in names by value, before letters."""
    # digits that int() reads; more than these are no number of a layer
    parts = re.split(r"([0-9]{1,18})", name)
    return [(int(part), "") if at % 2 else (-1, part) for at, part in enumerate(parts)]


def _longest(order: Sequence[Measured]) -> Sequence[Measured]:
    """The longest stretch whose neighbours fit, of equal ones the first."""
    ends = [at for at, (below, above) in enumerate(itertools.pairwise(order), 1) if _fans(below)[0] != _fans(above)[1]]
    stretches = [order[start:end] for start, end in itertools.pairwise((0, *ends, len(order)))]
    return max(stretches, key=len)


@dataclass(frozen=True, slots=True)
class Propagated:
    """What became of the signals: `method` is the checkpoint's, `fresh` that of new draws of method b beside it.

    These are drawn in `experiment`, whose method a draws weights with the mean sigma_w^2 of the chain. Both are None if
    the network is beyond the limits of an experiment, and `note` says which.
    """

    chain: Chain
    method: MethodResult
    experiment: Experiment | None
    fresh: MethodResult | None
    note: str | None


def propagate(
    chain: Chain,
    template: Experiment,
    file: str,
    *,
    cancel: threading.Event | None = None,
    on_progress: Report[None] | None = None,
) -> Propagated:
    """Send the signals of the template's runs through the chain: its activation, output gradient, seed and method b.

    Raises:
        CheckpointError: the weights cannot be read, or not by rows.
        Cancelled: `cancel` is set, and no run was complete.
    """
    stop = Stop(cancel)
    experiment, note = _experiment(chain, template)
    weights = StoredWeights(chain, stop.checkpoint)
    together = max(1, min(TOGETHER, BATCH_SIGNALS // sum(weights.widths)))
    simulator = Simulator(experiment, Slot.B, stop.checkpoint) if experiment is not None else None
    done: list[MethodResult] = []
    try:
        for first in range(0, template.runs, together):
            runs = range(first, min(first + together, template.runs))
            if on_progress is not None:
                on_progress(Progress("inputs", first, template.runs, first / template.runs, already(None)))
            passes = _passes(weights, chain.sizes[0], template, runs, stop)
            parts = [_result(file, passes, first, stop.checkpoint)]
            if simulator is not None:
                name = template.methods.b.initialiser.name
                drawn = (_result(name, simulator.passes(range(run, run + 1)), run, stop.checkpoint) for run in runs)
                parts.append(functools.reduce(MethodResult.joined, drawn))
            done = [one.joined(more) for one, more in zip(done, parts, strict=True)] if done else parts
    except Cancelled:
        if not done:
            raise
    return Propagated(chain, done[0], experiment, done[1] if simulator is not None else None, note)


def _experiment(chain: Chain, template: Experiment) -> tuple[Experiment | None, str | None]:
    """What is drawn beside a chain, or why nothing is."""
    sigma_w, (low, high) = chain.sigma_w, SIGMA_W
    if not low <= sigma_w <= high:
        return None, f"no fresh draw beside it: its mean sigma_w is {sigma_w:.3g}, not {low:g} to {high:g}"
    try:
        return Experiment(
            widths=chain.sizes,
            activation=template.activation,
            a=f"normal:{sigma_w**2:.9g}/fan_in",
            b=Method(template.b.initialiser, template.b.gain),
            start=template.start,
            sampler="explicit",
            runs=template.runs,
            seed=template.seed,
        ), None
    except SettingError as error:
        return None, f"no fresh draw beside it: {error}"


def _result(name: str, passes: BatchPasses, first_run: int, checkpoint: Callable[[], None]) -> MethodResult:
    z = PreactivationStatistics.of(passes, first_run, checkpoint)
    return MethodResult(name, passes.log10_gradient, Statistics(z, None))


def _passes(weights: StoredWeights, features: int, template: Experiment, runs: range, stop: Stop) -> BatchPasses:
    """Both passes of the inputs of these runs."""

    def numbers(slot: Slot, distribution: Normal | Uniform, count: int) -> Floats:
        return drawn_numbers(Stream(template.seed, slot), 0, runs, distribution, count, stop.checkpoint)

    width = weights.widths[-1]
    g: Floats = np.ones((len(runs), 1), np.float32)
    if template.start == "signs":
        g = np.copysign(np.float32(1.0), numbers(Slot.OUTPUT_GRADIENT, Uniform(-1.0, 1.0), width))
    z_1 = first_layer(numbers(Slot.X, INPUT, features), weights)
    networks = Networks(weights, template.network.activation, PLAIN)
    passed = forward(networks, z_1, stop.checkpoint)
    (log10_gradient,) = backward(networks, passed, g)
    return BatchPasses(passed.h, passed.slopes, log10_gradient, None)


class StoredWeights(Matrices):
    """The weights of a chain for `engine.passes`: the same for every run, read row by row, in float32 of size 1."""

    rescale_every = 1

    def __init__(self, chain: Chain, checkpoint: Callable[[], None]) -> None:
        self.widths = chain.sizes[1:]
        self.scales = [link.root_mean_square or 1.0 for link in chain.links]
        self._links = chain.links
        self._checkpoint = checkpoint
        self._keeps = sum(link.tensor.size for link in chain.links) <= KEPT_WEIGHTS
        self._kept: dict[int, list[Rows]] = {}

    def tiles(self, layer: int) -> Iterable[Rows]:
        """D_l by tiles of rows, (1, rows, fan_in)."""
        if not self._keeps:
            return self._read(layer)
        if layer not in self._kept:
            self._kept[layer] = list(self._read(layer))
        return self._kept[layer]

    def _read(self, layer: int) -> Iterable[Rows]:
        link = self._links[layer - 1]
        fan_out, fan_in = _fans(link)
        tensor, scale = link.tensor, self.scales[layer - 1]
        if tensor.stored is None:
            raise CheckpointError(f"{brief(link.name)} has rows too long to be sent signals through")
        if link.role.transposed != tensor.fortran:
            if tensor.size > LARGEST_TURNED:
                raise CheckpointError(f"{brief(link.name)} is stored by columns, and too large to be turned")
            whole = np.empty((fan_in, fan_out), np.float32)
            for start in tensor.starts():
                self._checkpoint()
                rows = _scaled(tensor.piece(start), scale).reshape(-1, fan_out)
                whole[start // fan_out : start // fan_out + len(rows)] = rows
            yield slice(0, fan_out), np.ascontiguousarray(whole.T)[None]
            return
        for start in tensor.starts():
            self._checkpoint()
            rows = _scaled(tensor.piece(start), scale).reshape(-1, fan_in)
            yield slice(start // fan_in, start // fan_in + len(rows)), rows[None]


def _scaled(x: Floats, scale: float) -> Floats:
    wide = x.dtype == np.float64 or not TINY < scale < 1 / TINY
    return np.divide(x, scale, dtype=np.float64 if wide else None).astype(np.float32, copy=False)
