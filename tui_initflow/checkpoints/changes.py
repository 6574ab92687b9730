"""What differs between two checkpoints of the same network: how far each tensor has moved, and in which way."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tui_initflow.checkpoints.kinds import Role, role_of
from tui_initflow.checkpoints.scan import Progress
from tui_initflow.checkpoints.spectrum import largest_singular_value
from tui_initflow.checkpoints.tensors import Checkpoint, Tensor
from tui_initflow.engine.pool import Cancelled, Stop, available_threads


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
    on_progress: Callable[[Progress], None] | None = None,
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
            on_progress(Progress(done, total, new.name))
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
    sums = np.zeros(4)
    with np.errstate(all="ignore"):
        for before, after in zip(old.pieces(), new.pieces(), strict=True):
            Stop(cancel).checkpoint()
            w, v = before.astype(np.float64), after.astype(np.float64)
            step = v - w
            sums += (w @ w, v @ v, step @ step, w @ v)
        before2, after2, step2, product = (float(value) for value in sums)
        relative = 0.0 if step2 == 0 else (math.sqrt(step2 / before2) if before2 > 0 else math.nan)
        cosine = product / math.sqrt(before2 * after2) if before2 > 0 and after2 > 0 else math.nan
    role = role_of(new)
    norms: list[float | None] = [None, None]
    if role.fans is not None and new.stored is not None:
        norms = [_norm(tensor, square, cancel) for tensor, square in ((old, before2), (new, after2))]
    return Change(new.name, role, new.shape, relative, cosine, math.isfinite(before2 + after2), *norms)


def _norm(tensor: Tensor, square: float, cancel: threading.Event | None) -> float:
    """The spectral norm, from the sum of squares."""
    scale = math.sqrt(square / tensor.size) if math.isfinite(square) else math.nan
    if not scale > 0:
        return scale
    return largest_singular_value(tensor, scale, available_threads(), cancel).estimate
