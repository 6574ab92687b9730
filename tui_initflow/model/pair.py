"""Method a and method b, which every comparison is between, and any pair of things that belong to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Side = Literal["a", "b"]
"""Which of the two methods."""
SIDES: tuple[Side, Side] = ("a", "b")

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """One thing for method a and one for method b, read as `pair.a` or `pair[side]`."""

    a: T
    b: T

    @classmethod
    def of(cls, make: Callable[[Side], T]) -> Pair[T]:
        """The pair of make("a") and make("b")."""
        return cls(make("a"), make("b"))

    def map(self, function: Callable[[T], U]) -> Pair[U]:
        return Pair(function(self.a), function(self.b))

    def __getitem__(self, side: Side) -> T:
        return self.a if side == "a" else self.b

    def __iter__(self) -> Iterator[T]:
        yield self.a
        yield self.b


OTHER: Pair[Side] = Pair("b", "a")
"""The side opposite to each."""


def flat(name: str, side: Side) -> str:
    """The name that a method's setting has among those of an experiment: a for its initialiser, gain_a."""
    return side if name == "initialiser" else f"{name}_{side}"
