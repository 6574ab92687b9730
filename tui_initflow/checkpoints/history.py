"""A checkpoint that is written again and again: the norm of each tensor and how far it moves, from reading to reading.

Of the earlier numbers only a sample is kept, evenly spread over the tensor: |dW| / |W| is exact for a tensor of
`SAMPLE` numbers or fewer, and else that of the sample.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.tensors import Checkpoint, Tensor, times_power
from tui_initflow.engine.pool import Stop

SAMPLE = 4096
"""Most numbers kept of a tensor."""
MOST_KEPT = 1 << 23
"""Most numbers kept of all tensors."""
ORDINARY = 60
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
        if not tensor.exponent and (scaled := tensor.scaled(largest, ORDINARY)).exponent:
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
