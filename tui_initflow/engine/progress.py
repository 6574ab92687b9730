"""How far work is: what every long computation reports, whatever it computes and whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Progress(Generic[Result_co]):
    """`done` of `total` parts are complete, a `fraction` of the work; `partial()` gives the result of these parts.

    `what` names the parts in a word or two, such as runs. `partial` may be called later; it stays that of these parts.
    """

    what: str
    done: int
    total: int
    fraction: float
    partial: Callable[[], Result_co]

    @property
    def text(self) -> str:
        """What is shown of it: runs 7/20, or `what` alone where there is nothing to count."""
        return f"{self.what} {self.done:,}/{self.total:,}" if self.total else self.what


def already(result: Result) -> Callable[[], Result]:
    """The `partial` of a result that has been made."""
    return lambda: result


def begun(what: str) -> Progress[None]:
    """Work of which nothing can be counted yet."""
    return Progress(what, 0, 0, 0.0, already(None))


Report = Callable[[Progress[Result]], None]
"""Called in the thread of the computation's caller, after each part or group of parts."""
