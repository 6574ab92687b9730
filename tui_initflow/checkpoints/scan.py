"""What is known of every tensor of a checkpoint: its statistics, its role, and what it looks like and is equal to."""

from __future__ import annotations

import hashlib
import math
import re
import threading
from dataclasses import dataclass, replace

import numpy as np

from tui_initflow.checkpoints.looks_like import OTHER, distribution_function, has_moved, is_initial, looks_like
from tui_initflow.checkpoints.moments import Float64s
from tui_initflow.checkpoints.statistics import TensorStatistics, statistics_of_each
from tui_initflow.checkpoints.tensors import Checkpoint, Role, Tensor, role_of, times_power
from tui_initflow.engine.pool import Cancelled, Progress, Report, Stop, begun
from tui_initflow.engine.processors import available_processors
from tui_initflow.model.initialisers import Normal, Orthogonal, Shape, TruncatedNormal, Uniform, initialiser

BINS = 61
"""Odd, so that 0 is in the middle of one where the ends are opposite."""


@dataclass(frozen=True, slots=True)
class TensorHistogram:
    """Finite numbers of a tensor in equal bins from `low` to `high`, counts (bins,), and those expected of `law`."""

    low: float
    high: float
    counts: Float64s
    law: str
    expected: Float64s


def histogram(one: Measured, cancel: threading.Event | None = None) -> TensorHistogram:
    """Read the tensor once more, a piece at a time.

    Beside it is the initialiser that it looks like or, if none fits, the normal distribution of its mean and variance.

    Raises:
        CheckpointError: it cannot be read.
        Cancelled: `cancel` was set.
    """
    stop = Stop(cancel)
    low, high = (one.low, one.high) if np.isfinite([one.low, one.high]).all() else (-1.0, 1.0)
    tensor = one.tensor.scaled(max(-low, high))
    unit = tensor.exponent
    low, high = math.ldexp(low, -unit), math.ldexp(high, -unit)
    if low == high:
        beside = abs(low) / 2 or 0.5
        low, high = low - beside, high + beside
    edges = np.linspace(low, high, BINS + 1)
    counts = np.zeros(BINS)
    for piece in tensor.pieces():
        stop.checkpoint()
        counts += np.histogram(piece[np.isfinite(piece)], edges)[0]
    law, mean, std, distribution = _law(one)
    mean, std = math.ldexp(mean, -unit), math.ldexp(std, -unit)
    inside = distribution_function((edges - mean) / std, distribution) if std > 0 else np.zeros(BINS + 1)
    low, high = (float(np.nan_to_num(times_power(end, unit))) for end in (low, high))
    return TensorHistogram(low, high, counts, law, counts.sum() * np.diff(inside))


def _law(one: Measured) -> tuple[str, float, float, Uniform | Normal | TruncatedNormal]:
    """Name, mean, standard deviation, and the shape of the distribution, of variance 1."""
    name = one.looks_like.split(" or ")[0]
    if not is_initial(name) or name in ("zeros", "ones"):
        return "normal of this variance", one.mean, one.std, Normal()
    if name.startswith("orthogonal"):
        return name, 0.0, one.std, Normal()
    drawn = initialiser(name)
    assert not isinstance(drawn.distribution, Orthogonal)
    std = one.std if one.role.fans is None else drawn.std(one.role.fans)
    return name, 0.0, std, drawn.distribution


class Known:
    """The tensors so far, by their numbers; nan is equal to nan, and -0 to 0."""

    def __init__(self, cancel: threading.Event | None) -> None:
        self._cancel = cancel
        self._first: dict[int, Tensor] = {}
        self._by_digest: dict[bytes, Tensor] = {}

    def equal(self, tensor: Tensor, statistics: TensorStatistics) -> Tensor | None:
        """The first of the tensors so far with these numbers, type, shape and order, or None if there is none.

        Raises:
            Cancelled: the event is set.
            CheckpointError: one of the tensors cannot be read.
        """
        order = tensor.shape, tensor.dtype.name, tensor.fortran
        alike = hash((order, statistics.counted.fingerprint))
        first = self._first.setdefault(alike, tensor)
        if first is tensor:
            return None
        # only of those that are alike, because they are read once more for it
        for one in (first, tensor):
            same = self._by_digest.setdefault(self._digest(one), one)
        return None if same is tensor else same

    def _digest(self, tensor: Tensor) -> bytes:
        digest, stop = hashlib.blake2b(digest_size=16), Stop(self._cancel)
        digest.update(repr((tensor.shape, tensor.dtype.name, tensor.fortran)).encode())
        for piece in tensor.pieces():
            stop.checkpoint()
            with np.errstate(invalid="ignore"):
                plain = piece + piece.dtype.type(0)
            plain[np.isnan(plain)] = np.nan
            digest.update(plain.data)
        return digest.digest()


_WEIGHT_OR_BIAS = re.compile(
    r"(?:(?<=[._/])|^)(?:weight|kernel|bias|w|b)(?=(?:[0-9]+|(?:_[a-z0-9]+)+)?$)|_?(?:weight|bias)$"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a tensor; nan where a number does not exist, None where it is not defined for the kind.

    Shares are of all numbers. `stable_rank` is |W|_F^2 / |W|_2^2: how many directions share the size of W. `sigma_w2`
    is fan_in times the variance; `root_mean_square` is about zero. `has_moved`: it is a bias that training has changed.
    `duplicate_of` is the name of an earlier tensor with the same numbers.
    """

    tensor: Tensor
    role: Role
    low: float
    high: float
    mean: float
    std: float
    excess_kurtosis: float
    spectral_norm: float | None
    frobenius_norm: float
    stable_rank: float | None
    zeros: float
    nan: float
    inf: float
    subnormal: float
    dead_rows: int
    dead_columns: int
    looks_like: str
    has_moved: bool = False
    duplicate_of: str | None = None

    @property
    def name(self) -> str:
        return self.tensor.name

    @property
    def fan_in(self) -> int | None:
        return None if self.role.fans is None else self.role.fans[1]

    @property
    def fan_out(self) -> int | None:
        return None if self.role.fans is None else self.role.fans[0]

    @property
    def gain(self) -> float | None:
        """sqrt(fan_in E w^2), sigma_w of weights whose mean is 0; others pass on what their mean makes, too."""
        return None if self.fan_in is None else math.sqrt(self.fan_in) * self.root_mean_square

    @property
    def sigma_w2(self) -> float | None:
        return None if self.fan_in is None else self.fan_in * self.std * self.std

    @property
    def root_mean_square(self) -> float:
        return min(math.hypot(self.std, self.mean), max(-self.low, self.high))

    @property
    def is_broken(self) -> bool:
        return self.nan > 0 or self.inf > 0


def reading(name: str, done: int, total: int) -> Progress[None]:
    """Bytes read of those there are, and the tensor that is worked on; there is nothing to count."""
    return replace(begun(f"reading {name}"), fraction=done / max(total, 1))


def scan(
    checkpoint: Checkpoint,
    *,
    cancel: threading.Event | None = None,
    on_progress: Report[None] | None = None,
    threads: int | None = None,
) -> tuple[Measured, ...]:
    """The statistics of the tensors, in their order; if `cancel` is set, of those that were done by then.

    Raises:
        CheckpointError: a tensor cannot be read.
    """
    roles = [role_of(tensor) for tensor in checkpoint.tensors]
    layers = [_layer(tensor.name) for tensor in checkpoint.tensors]
    weights = {layer: role.fans for layer, role in zip(layers, roles, strict=True) if role.fans is not None}
    total, done = sum(tensor.bytes for tensor in checkpoint.tensors), 0
    found: list[Measured] = []
    known = Known(cancel)
    are_weights = [role.fans is not None for role in roles]
    statistics = statistics_of_each(checkpoint.tensors, are_weights, threads or available_processors(), cancel)
    for tensor, role, layer in zip(checkpoint.tensors, roles, layers, strict=True):
        if on_progress is not None:
            on_progress(reading(tensor.name, done, total))
        try:
            of = next(statistics)
            same = None if of.counted.is_constant or not tensor.size else known.equal(tensor, of)
        except Cancelled:
            break
        found.append(_measured(tensor, role, weights.get(layer), of, same))
        done += tensor.bytes
    # a little training shows in the bias before it does in the weights
    trained = {layer for layer, one in zip(layers, found, strict=False) if one.has_moved}
    return tuple(
        replace(one, looks_like=OTHER) if one.fan_in and layer in trained and is_initial(one.looks_like) else one
        for layer, one in zip(layers, found, strict=False)
    )


def _layer(name: str) -> str:
    """What a weight and its bias have in common."""
    return _WEIGHT_OR_BIAS.sub("", name.lower(), count=1)


def _measured(tensor: Tensor, role: Role, weight: Shape | None, of: TensorStatistics, same: Tensor | None) -> Measured:
    """What is known of a tensor; `weight` is the (fan_out, fan_in) of the weight of its layer."""
    counted, moments, norm = of.counted, of.moments, of.norm
    frobenius = moments.root_mean_square * math.sqrt(moments.finite)
    # of one row or column both norms are the same
    spectral = None if norm is None else min(norm.estimate, frobenius)
    at_least = None if norm is None else times_power(norm.at_least, of.exponent)
    if of.exponent:
        moments = moments.times_power(of.exponent)
    dead_rows, dead_columns = counted.dead_rows, counted.dead_columns
    if role.transposed != tensor.fortran:
        moments = replace(moments, rows=moments.columns, columns=moments.rows)
        dead_rows, dead_columns = dead_columns, dead_rows
    return Measured(
        tensor=tensor,
        role=role,
        low=counted.low,
        high=counted.high,
        mean=moments.mean,
        std=moments.std,
        excess_kurtosis=moments.excess_kurtosis,
        spectral_norm=None if spectral is None else times_power(spectral, of.exponent),
        frobenius_norm=times_power(frobenius, of.exponent),
        stable_rank=None if spectral is None else (frobenius / spectral) ** 2 if spectral else math.nan,
        zeros=_share(counted.zeros, tensor),
        nan=_share(counted.nan, tensor),
        inf=_share(counted.inf, tensor),
        subnormal=_share(counted.subnormal, tensor),
        dead_rows=dead_rows,
        dead_columns=dead_columns,
        looks_like=looks_like(role, tensor.dtype, moments, at_least, weight),
        has_moved=role.kind == "bias" and weight is not None and has_moved(moments, weight),
        duplicate_of=None if same is None else same.name,
    )


def _share(count: int, tensor: Tensor) -> float:
    # one 0.0 for all tensors
    return count / tensor.size if count else 0.0
