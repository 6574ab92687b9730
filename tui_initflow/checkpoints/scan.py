"""The statistics of every tensor of a checkpoint, one tensor after the other, each a piece at a time."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from tui_initflow.checkpoints.dtypes import Bytes
from tui_initflow.checkpoints.kinds import Role, role_of
from tui_initflow.checkpoints.looks_like import OTHER, has_moved, is_initial, looks_like
from tui_initflow.checkpoints.moments import Moments, Piece, measured, shift_of, together
from tui_initflow.checkpoints.spectrum import SpectralNorm, largest_singular_value
from tui_initflow.checkpoints.tensors import Checkpoint, Tensor
from tui_initflow.engine.pool import Cancelled, Stop, available_threads, in_order
from tui_initflow.model.initialisers import Shape

KEPT = 96 << 20
"""Most bytes of a tensor that is decoded once and kept for all passes; a larger one is read again for each."""


_WEIGHT_OR_BIAS = re.compile(
    r"(?:(?<=[._/])|^)(?:weight|kernel|bias|w|b)(?=(?:[0-9]+|(?:_[a-z0-9]+)+)?$)|_?(?:weight|bias)$"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a tensor; nan where a number does not exist, None where it is not defined for the kind.

    Shares are of all numbers. `sigma_w2` is fan_in times the variance. `has_moved`: it is a bias that training has
    changed. `duplicate_of` is the name of an earlier tensor with the same numbers.
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
    def sigma_w2(self) -> float | None:
        return None if self.fan_in is None else self.fan_in * self.std**2

    @property
    def stable_rank(self) -> float | None:
        """|W|_F^2 / |W|_2^2: how many directions share the size of W."""
        if self.spectral_norm is None:
            return None
        ratio = self.frobenius_norm / self.spectral_norm if self.spectral_norm else math.nan
        return ratio**2

    @property
    def is_broken(self) -> bool:
        return self.nan > 0 or self.inf > 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes read of those there are, and the tensor that is worked on."""

    done: int
    total: int
    name: str


def scan(
    checkpoint: Checkpoint,
    *,
    cancel: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    threads: int | None = None,
) -> tuple[Measured, ...]:
    """The statistics of the tensors, in their order; if `cancel` is set, of those that were done by then.

    Raises:
        CheckpointError: a tensor cannot be read.
    """
    workers = threads or available_threads()
    weights = {_layer(tensor.name): role for tensor in checkpoint.tensors if (role := role_of(tensor)).fans is not None}
    total, done = sum(tensor.bytes for tensor in checkpoint.tensors), 0
    found: list[Measured] = []
    fingerprints: dict[object, list[Tensor]] = {}
    largest = max((tensor.bytes_decoded for tensor in checkpoint.tensors), default=0)
    memory = np.empty(min(KEPT, largest), np.uint8)
    for tensor in checkpoint.tensors:
        if on_progress is not None:
            on_progress(Progress(done, total, tensor.name))
        try:
            one, fingerprint = _measure(tensor, weights, memory, workers, cancel)
            if fingerprint is not None:
                earlier = fingerprints.setdefault((tensor.shape, tensor.dtype.name, fingerprint), [])
                same = next((other for other in earlier if _are_equal(tensor, other, cancel)), None)
                if same is None:
                    earlier.append(tensor)
                else:
                    one = replace(one, duplicate_of=same.name)
        except Cancelled:
            break
        found.append(one)
        done += tensor.bytes
    # a little training shows in the bias before it does in the weights
    trained = {_layer(one.name) for one in found if one.has_moved}
    return tuple(
        replace(one, looks_like=OTHER)
        if one.fan_in and _layer(one.name) in trained and is_initial(one.looks_like)
        else one
        for one in found
    )


def _layer(name: str) -> str:
    """What a weight and its bias have in common."""
    return _WEIGHT_OR_BIAS.sub("", name.lower(), count=1)


def _measure(
    tensor: Tensor, weights: Mapping[str, Role], memory: Bytes, threads: int, cancel: threading.Event | None
) -> tuple[Measured, object]:
    """The statistics of a tensor, and what equal ones have in common; None for a constant."""
    Stop(cancel).checkpoint()
    stored_here = tensor.loaded(memory) if 0 < tensor.bytes_decoded <= len(memory) else tensor
    moments = _moments(stored_here, threads, cancel)
    role = role_of(tensor)
    norm: SpectralNorm | None = None
    with np.errstate(all="ignore"):
        square = moments.std**2 + moments.mean**2
    frobenius = math.sqrt(square * moments.finite) if moments.finite else math.nan
    if role.fans is not None and tensor.stored is not None and moments.finite == tensor.size:
        scale = math.sqrt(square) if math.isfinite(square) else math.nan
        if scale >= 0:
            norm = largest_singular_value(stored_here, scale, threads, cancel) if scale else SpectralNorm(0.0, 0.0)
    if role.transposed != tensor.fortran:
        moments = replace(
            moments,
            rows=moments.columns,
            columns=moments.rows,
            dead_rows=moments.dead_columns,
            dead_columns=moments.dead_rows,
        )
    size, weight = max(tensor.size, 1), _fans_of(weights.get(_layer(tensor.name)))
    measured_here = Measured(
        tensor=tensor,
        role=role,
        low=moments.low,
        high=moments.high,
        mean=moments.mean,
        std=moments.std,
        excess_kurtosis=moments.excess_kurtosis,
        # of one row or column both norms are the same
        spectral_norm=None if norm is None else min(norm.estimate, frobenius),
        frobenius_norm=frobenius,
        zeros=moments.zeros / size,
        nan=moments.nan / size,
        inf=moments.inf / size,
        subnormal=moments.subnormal / size,
        dead_rows=moments.dead_rows,
        dead_columns=moments.dead_columns,
        looks_like=looks_like(role, tensor.dtype, moments, None if norm is None else norm.at_least, weight),
        has_moved=role.kind == "bias" and weight is not None and has_moved(moments, weight),
    )
    return measured_here, None if moments.is_constant or not tensor.size else moments.fingerprint


def _fans_of(role: Role | None) -> Shape | None:
    return None if role is None else role.fans


def _moments(tensor: Tensor, threads: int, cancel: threading.Event | None) -> Moments:
    stored, stop = tensor.stored, Stop(cancel)
    # an odd stride visits all columns
    stride = max(1, tensor.size >> 16) | 1
    shift = shift_of(tensor.piece(0)) if tensor.size else 0.0

    def sums(starts: range) -> list[Piece]:
        pieces = []
        for start in starts:
            stop.checkpoint()
            x = tensor.piece(start)
            columns = len(x) if stored is None else stored[1]
            pieces.append(measured(x, columns, shift, tensor.dtype, start, stride))
        return pieces

    workers = 1 if tensor.source.in_order else threads
    done: Iterator[list[Piece]] = (pieces for _, pieces in in_order(sums, tensor.tasks(), workers, stop))
    result = together(chain.from_iterable(done), shift, is_matrix=stored is not None)
    Stop(cancel).checkpoint()
    return result


def _are_equal(one: Tensor, other: Tensor, cancel: threading.Event | None) -> bool:
    """Whether the numbers are the same, nan equal to nan."""
    if one.fortran != other.fortran:
        return False
    for mine, theirs in zip(one.pieces(), other.pieces(), strict=True):
        Stop(cancel).checkpoint()
        if not np.array_equal(mine, theirs, equal_nan=True):
            return False
    return True
