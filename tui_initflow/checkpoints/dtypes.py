"""Number types of stored tensors: how bytes become numbers to compute with, and what each type can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.checkpoints.errors import CheckpointError
from tui_initflow.model.number_formats import NUMBER_FORMATS

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Dtype:
    """A type by its name. `numpy` is what numpy, or ml_dtypes, calls it; `format` its row in `NUMBER_FORMATS`."""

    name: str
    bits: int
    numpy: str
    format: str | None = None
    is_float: bool = True

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return self.bits // 8

    @property
    def decoded_size(self) -> int:
        """Bytes of a number once it is decoded."""
        return 8 if self.bits > 32 or (not self.is_float and self.bits > 16) else 4

    @property
    def least_normal(self) -> float:
        """The smallest number that has all its digits; 0 for whole numbers."""
        if not self.is_float:
            return 0.0
        if self.format is None:
            return float(np.finfo(np.float64).tiny)
        return 2.0 ** NUMBER_FORMATS[self.format].least_exponent

    @property
    def fraction_bits(self) -> int:
        """Digits after the leading one."""
        return 52 if self.format is None else NUMBER_FORMATS[self.format].fraction_bits

    def decoded(self, raw: Bytes, *, swapped: bool = False) -> Floats:
        """The numbers in `raw`, flat: as float64 if float32 could not hold them, else as float32.

        Raises:
            CheckpointError: ml_dtypes is needed and not installed.
        """
        numbers = raw.view(self._storage())
        if swapped:
            numbers = numbers.byteswap()
        if self.is_float and numbers.dtype in (np.float32, np.float64):
            return numbers
        # a signalling NaN is no error
        with np.errstate(invalid="ignore"):
            return numbers.astype(np.float64 if self.decoded_size == 8 else np.float32)

    def _storage(self) -> np.dtype[Any]:
        if self.name in _OF_ML_DTYPES:
            try:
                import ml_dtypes
            except ImportError:
                raise CheckpointError(
                    f"{self.name} needs the extra 'checkpoints': pip install 'tui-initflow[checkpoints]'"
                ) from None
            stored: np.dtype[Any] = np.dtype(getattr(ml_dtypes, self.numpy))
            return stored
        return np.dtype(self.numpy)


_OF_ML_DTYPES = ("bfloat16", "float8_e4m3fn", "float8_e5m2")
_ALL = (
    Dtype("float64", 64, "f8"),
    Dtype("float32", 32, "f4", "fp32"),
    Dtype("float16", 16, "f2", "fp16"),
    Dtype("bfloat16", 16, "bfloat16", "bf16"),
    Dtype("float8_e4m3fn", 8, "float8_e4m3fn", "fp8-e4m3"),
    Dtype("float8_e5m2", 8, "float8_e5m2", "fp8-e5m2"),
    *(
        Dtype(f"{sign}int{bits}", bits, f"{'u' if sign else 'i'}{bits // 8}", is_float=False)
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    ),
    Dtype("bool", 8, "u1", is_float=False),
)
DTYPES: Mapping[str, Dtype] = {row.name: row for row in _ALL}
"""Every type that can be read, by the name that PyTorch and numpy give it."""
