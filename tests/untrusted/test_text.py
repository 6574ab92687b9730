"""A terminal only shows what comes from a file."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from tui_initflow import untrusted
from tui_initflow.untrusted import brief, printable


def test_the_examples() -> None:
    assert doctest.testmod(untrusted).failed == 0


@given(st.text(max_size=20), st.text(max_size=20))
def test_printable_text_is_printable_and_tells_names_apart(one: str, other: str) -> None:
    assert printable(one).isprintable()
    assert (printable(one) == printable(other)) is (one == other)


@given(st.text(max_size=50))
def test_brief_text_is_short(name: str) -> None:
    assert brief(name, 10).isprintable()
    assert len(brief(name, 10)) <= 10 * len("\\U0010ffff") + len("...")
