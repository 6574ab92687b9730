"""Named comparisons: which initialiser is method a and which is method b."""

from collections.abc import Mapping
from types import MappingProxyType

PRESETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "demo": ("uniform", "normal"),
        "matched": ("glorot-uniform", "normal"),
        "rand": ("rand", "normal"),
    }
)
"""demo: the classroom comparison; matched: equal variances; rand: the literal rand() on [0, 1) against randn()."""
