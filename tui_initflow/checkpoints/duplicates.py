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
        self._first: dict[object, Tensor] = {}
        self._by_digest: dict[tuple[object, bytes], Tensor] = {}

    def equal(self, tensor: Tensor, statistics: TensorStatistics) -> Tensor | None:
        """The first of the tensors so far with these numbers, type, shape and order, or None if there is none.

        Raises:
            Cancelled: the event is set.
            CheckpointError: one of the tensors cannot be read.
        """
        alike = (tensor.shape, tensor.dtype.name, tensor.fortran, statistics.counted.fingerprint)
        first = self._first.setdefault(alike, tensor)
        if first is tensor:
            return None
        # only of those that are alike, because they are read once more for it
        self._by_digest.setdefault((alike, self._digest(first)), first)
        same = self._by_digest.setdefault((alike, self._digest(tensor)), tensor)
        return None if same is tensor else same

    def _digest(self, tensor: Tensor) -> bytes:
        digest, stop = hashlib.blake2b(digest_size=16), Stop(self._cancel)
        for piece in tensor.pieces():
            stop.checkpoint()
            plain = piece + piece.dtype.type(0)
            plain[np.isnan(plain)] = np.nan
            digest.update(plain.data)
        return digest.digest()
