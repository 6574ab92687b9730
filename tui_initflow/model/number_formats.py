"""Number formats that training uses: which magnitudes they hold, and which are lost when a gradient is stored in one.

The limits are exact, for rounding to nearest with ties to even: IEEE 754 (fp32, fp16), bfloat16 (Kalamkar et al. 2019)
and the two 8-bit formats of Micikevicius et al. 2022, of which e4m3 has no infinity and a largest number of 448.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A binary format: bits of the fraction, exponent of the smallest normal number, and the largest finite number."""

    name: str
    fraction_bits: int
    least_exponent: int
    largest: float

    @property
    def log2_smallest(self) -> int:
        """Magnitude of the smallest subnormal number."""
        return self.least_exponent - self.fraction_bits

    @property
    def log2_flushed(self) -> int:
        """Largest magnitude that is rounded to zero: half of the smallest number, a tie."""
        return self.log2_smallest - 1

    @property
    def log2_overflow(self) -> float:
        """Smallest magnitude that is rounded beyond the largest number."""
        _, exponent = math.frexp(self.largest)
        step = math.ldexp(1.0, exponent - 1 - self.fraction_bits)
        tie = math.log2(self.largest + step / 2)
        largest_is_even = self.largest / step % 2 == 0
        return math.nextafter(tie, math.inf) if largest_is_even else tie


NUMBER_FORMATS: Mapping[str, NumberFormat] = {
    row.name: row
    for row in (
        NumberFormat("fp32", 23, -126, (2 - 2.0**-23) * 2.0**127),
        NumberFormat("fp16", 10, -14, 65504.0),
        NumberFormat("bf16", 7, -126, (2 - 2.0**-7) * 2.0**127),
        NumberFormat("fp8-e4m3", 3, -6, 448.0),
        NumberFormat("fp8-e5m2", 2, -14, 57344.0),
    )
}
"""Every format by name."""

NO_FORMAT = "none"
"""The setting's name for gradients as they are, in no format."""
