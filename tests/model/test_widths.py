"""Lists of widths: text to numbers and back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.settings import EXAMPLE, MOST_CHARACTERS, SettingError, parse_widths, widths_text

widths = st.builds(
    lambda features, groups: (features, *(width for width, times in groups for _ in range(times))),
    st.integers(1, 65536),
    st.lists(st.tuples(st.integers(1, 2048), st.integers(1, 30)), min_size=1, max_size=30),
)


def test_the_example() -> None:
    sizes = parse_widths(EXAMPLE, 1000)
    assert sizes == (784, *[512] * 20, 10)
    assert widths_text(sizes) == EXAMPLE
    assert len(Experiment(widths=sizes).network.shapes) == 21


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3-4", (3, 4)),
        (" 3 - 4 ", (3, 4)),
        ("3-4x2-4", (3, 4, 4, 4)),
        ("4x3", (4, 4, 4)),
        ("007-04x02", (7, 4, 4)),
        ("3", (3,)),
    ],
)
def test_texts(text: str, expected: tuple[int, ...]) -> None:
    assert parse_widths(text, 1000) == expected


@given(widths)
def test_text_of_widths_reads_as_the_same_widths(expected: tuple[int, ...]) -> None:
    text = widths_text(expected)
    assert SETTINGS["widths"].check(text) == parse_widths(text, 1000) == expected
    assert Experiment(widths=text).widths == expected
    # nothing that repeats is written twice
    parts = text.split("-")
    assert all(left.split("x")[0] != right.split("x")[0] for left, right in itertools.pairwise(parts[1:]))
    assert "x" not in parts[0]


def test_the_longest_text_there_is_can_be_read_again() -> None:
    expected = (65536, *[2048, 2047] * 500)
    text = widths_text(expected)
    assert len(text) == 5 + 1000 * 5 <= MOST_CHARACTERS
    assert SETTINGS["widths"].check(text) == expected


@given(st.text("0123456789x- .", max_size=40))
def test_any_text_is_a_list_within_the_limits_or_refused(text: str) -> None:
    try:
        features, *later = SETTINGS["widths"].check(text)
    except SettingError:
        return
    assert 1 <= features <= 65536
    assert 1 <= len(later) <= 1000
    assert all(1 <= width <= 1_048_576 for width in later)
    assert SETTINGS["widths"].check(widths_text([features, *later])) == (features, *later)


@pytest.mark.parametrize("text", ["4x4", "3-4x3", "3-4-5-6"])
def test_more_layers_than_allowed_are_refused(text: str) -> None:
    assert parse_widths(text, 3)
    with pytest.raises(ValueError, match="more than 2 layers"):
        parse_widths(text, 2)
