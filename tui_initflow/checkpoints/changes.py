"""What differs between two checkpoints, and from reading to reading of one that is written again and again."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.scan import reading
from tui_initflow.checkpoints.statistics import largest_singular_value
from tui_initflow.checkpoints.tensors import ORDINARY, Checkpoint, Role, Tensor, role_of, times_power
from tui_initflow.engine.pool import Cancelled, Report, Stop
from tui_initflow.engine.processors import available_processors

LEAST = 4.0**-ORDINARY
"""Sum of squares of which no square that matters was too small for float64."""


@dataclass(frozen=True, slots=True)
class Change:
    """From W to W + dW: |dW| / |W| by the Frobenius norm, the cosine of the angle between both, and spectral norms.

    A number is nan where it does not exist: for a W of zero that has moved, or if a tensor is not finite, that is, has
    NaN or infinities in either file. Spectral norms are None for what is no weight.
    """

    name: str
    role: Role
    shape: tuple[int, ...]
    relative: float
    cosine: float
    is_finite: bool
    norm_before: float | None
    norm_after: float | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The tensors that both files have, in the order of the second, and the names of those that do not compare."""

    common: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    other_shape: tuple[str, ...]
    total: int


def changes(
    before: Checkpoint,
    after: Checkpoint,
    *,
    cancel: threading.Event | None = None,
    on_progress: Report[None] | None = None,
) -> Changes:
    """Compare tensors of the same name; if `cancel` is set, those that were done by then.

    Raises:
        CheckpointError: a tensor cannot be read.
    """
    earlier = {tensor.name: tensor for tensor in before.tensors}
    later = {tensor.name for tensor in after.tensors}
    pairs = [(earlier[tensor.name], tensor) for tensor in after.tensors if tensor.name in earlier]
    alike = [(old, new) for old, new in pairs if old.shape == new.shape and old.fortran == new.fortran]
    total, done = sum(new.bytes for _, new in alike), 0
    found: list[Change] = []
    for old, new in alike:
        if on_progress is not None:
            on_progress(reading(new.name, done, total))
        try:
            found.append(_change(old, new, cancel))
        except Cancelled:
            break
        done += new.bytes
    different = {new.name for _, new in pairs} - {new.name for _, new in alike}
    return Changes(
        common=tuple(found),
        only_before=tuple(name for name in earlier if name not in later),
        only_after=tuple(tensor.name for tensor in after.tensors if tensor.name not in earlier),
        other_shape=tuple(tensor.name for tensor in after.tensors if tensor.name in different),
        total=len(alike),
    )


def _change(old: Tensor, new: Tensor, cancel: threading.Event | None) -> Change:
    before2, after2, step2, product = _sums(old, new, cancel)
    if not all(LEAST < square < 1 / LEAST for square in (before2, after2)):
        # float64 may hold the numbers and not their squares
        old, new = (tensor.scaled(_largest(tensor, cancel)) for tensor in (old, new))
        if old.exponent or new.exponent:
            before2, after2, step2, product = _sums(old, new, cancel)
    relative = math.nan
    if before2 > 0 or step2 == 0:
        ratio = math.sqrt(step2 / before2) if step2 else 0.0
        relative = times_power(ratio, max(new.exponent - old.exponent, 0))
    cosine = product / math.sqrt(before2) / math.sqrt(after2) if before2 > 0 and after2 > 0 else math.nan
    role = role_of(new)
    norms: list[float | None] = [None, None]
    if role.fans is not None and new.stored is not None:
        norms = [_norm(tensor, square, cancel) for tensor, square in ((old, before2), (new, after2))]
    return Change(new.name, role, new.shape, relative, cosine, math.isfinite(before2 + after2), *norms)


def _sums(old: Tensor, new: Tensor, cancel: threading.Event | None) -> tuple[float, ...]:
    """The sums of W^2, V^2, (V - W)^2 and W V of numbers as they are scaled; V - W as the larger ones are."""
    sums = np.zeros(4)
    most = max(old.exponent, new.exponent)
    with np.errstate(all="ignore"):
        for before, after in zip(old.pieces(), new.pieces(), strict=True):
            Stop(cancel).checkpoint()
            w, v = before.astype(np.float64), after.astype(np.float64)
            step = v - w
            if old.exponent != new.exponent:
                step = np.ldexp(v, new.exponent - most) - np.ldexp(w, old.exponent - most)
            sums += (w @ w, v @ v, step @ step, w @ v)
    return tuple(sums.tolist())


def _largest(tensor: Tensor, cancel: threading.Event | None) -> float:
    """The largest magnitude in it; not finite if the tensor is not."""
    largest = 0.0
    for piece in tensor.pieces():
        Stop(cancel).checkpoint()
        largest = max(float(np.abs(piece).max()), largest)
        if math.isnan(largest):
            break
    return largest


def _norm(tensor: Tensor, square: float, cancel: threading.Event | None) -> float:
    """The spectral norm, from the sum of squares."""
    scale = math.sqrt(square / tensor.size) if math.isfinite(square) else math.nan
    if not scale > 0:
        return scale
    return times_power(largest_singular_value(tensor, scale, available_processors(), cancel).estimate, tensor.exponent)


SAMPLE = 4096
"""Most numbers kept of a tensor."""
MOST_KEPT = 1 << 23
"""Most numbers kept of all tensors."""
ORDINARY_OF_TRACKS = 60
"""Largest exponent of two of numbers that are kept as they are, in float32."""
MOST_READINGS = 1000
"""Readings that are remembered; the first stays."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of a tensor: its Frobenius norm and a sample of its numbers divided by 2^exponent."""

    norm: float
    sample: NDArray[np.float32]
    exponent: int


def snapshots(checkpoint: Checkpoint, cancel: threading.Event | None = None) -> Mapping[str, Snapshot]:
    """A reading of every tensor of floating-point numbers, by name.

    Raises:
        CheckpointError: a tensor cannot be read.
        Cancelled: `cancel` is set.
    """
    tensors = [tensor for tensor in checkpoint.tensors if tensor.dtype.is_float and tensor.size]
    most = max(1, min(SAMPLE, MOST_KEPT // max(1, len(tensors))))
    return {tensor.name: _snapshot(tensor, most, cancel) for tensor in tensors}


def _snapshot(tensor: Tensor, most: int, cancel: threading.Event | None) -> Snapshot:
    # an odd stride visits all columns
    stride = 1 if tensor.size <= most else (tensor.size // most) | 1
    square, largest, sample = 0.0, 0.0, []
    with np.errstate(all="ignore"):
        for start in tensor.starts():
            Stop(cancel).checkpoint()
            x = tensor.piece(start)
            wide = x.astype(np.float64)
            square += float(wide @ wide)
            largest = max(largest, float(np.abs(x).max()))
            sample.append(x[-start % stride :: stride].astype(np.float32))
        if not tensor.exponent and (scaled := tensor.scaled(largest, ORDINARY_OF_TRACKS)).exponent:
            return _snapshot(scaled, most, cancel)
    norm = times_power(math.sqrt(square), tensor.exponent) if square >= 0 else math.nan
    return Snapshot(norm, np.concatenate(sample), tensor.exponent)


@dataclass(frozen=True, slots=True)
class Track:
    """One tensor over the readings: norms, and |dW| / |W| since the reading before, nan at the first.

    `since_first` is the same from the first reading to the last.
    """

    name: str
    norms: tuple[float, ...]
    moves: tuple[float, ...]
    since_first: float
    first: Snapshot
    last: Snapshot

    def with_(self, reading: Snapshot) -> Track:
        """The track with one more reading."""
        keep = slice(-MOST_READINGS, None)
        return Track(
            self.name,
            (*self.norms, reading.norm)[keep],
            (*self.moves, moved(self.last, reading))[keep],
            moved(self.first, reading),
            self.first,
            reading,
        )


def track(name: str, reading: Snapshot) -> Track:
    """The track that begins with this reading."""
    return Track(name, (reading.norm,), (math.nan,), 0.0, reading, reading)


def moved(before: Snapshot, after: Snapshot) -> float:
    """|dW| / |W|, of the samples; nan if they do not compare."""
    if before.sample.shape != after.sample.shape:
        return math.nan
    with np.errstate(all="ignore"):
        first, second = before.sample.astype(np.float64), after.sample.astype(np.float64)
        most = max(before.exponent, after.exponent)
        step = float(np.linalg.norm(np.ldexp(second, after.exponent - most) - np.ldexp(first, before.exponent - most)))
        size = float(np.linalg.norm(first))
    if step == 0:
        return 0.0
    return times_power(step / size, most - before.exponent) if size else math.nan


def continued(tracks: Mapping[str, Track], readings: Mapping[str, Snapshot]) -> Mapping[str, Track]:
    """The tracks of the tensors that are there now, longer by a reading; those of new ones begin."""
    return {
        name: tracks[name].with_(reading) if name in tracks else track(name, reading)
        for name, reading in readings.items()
    }
