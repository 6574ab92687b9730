"""What differs between two checkpoints of the same network: how far each tensor has moved, and in which way."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import numpy as np

from tui_initflow.checkpoints.kinds import Role, role_of
from tui_initflow.checkpoints.scan import reading
from tui_initflow.checkpoints.spectrum import largest_singular_value
from tui_initflow.checkpoints.tensors import ORDINARY, Checkpoint, Tensor, times_power
from tui_initflow.engine.pool import Cancelled, Stop, available_threads
from tui_initflow.engine.progress import Report

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
    return times_power(largest_singular_value(tensor, scale, available_threads(), cancel).estimate, tensor.exponent)
