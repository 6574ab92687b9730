"""The limits of a number, for tests that go to them."""

from __future__ import annotations

from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import Real, Whole


def limits_of(name: str) -> tuple[int, int]:
    """The smallest and the largest value of a setting; a gain's need not be whole."""
    kind = SETTINGS[name].kind
    assert isinstance(kind, (Whole, Real))
    return kind.low, kind.high  # type: ignore[return-value]
