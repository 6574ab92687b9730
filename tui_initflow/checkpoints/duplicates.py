"""Tensors with the same numbers, such as tied weights and copies: found in one pass, however many there are."""

from __future__ import annotations

import hashlib
import threading

import numpy as np

from tui_initflow.checkpoints.statistics import TensorStatistics
from tui_initflow.checkpoints.tensors import Tensor
from tui_initflow.engine.pool import Stop


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
