"""plotext behind its adapter: the scales it draws on, what never reaches it, threads and memory."""

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charts.samples import lines
from tui_initflow.charts.cells import Style
from tui_initflow.charts.palette import BLOCKS, BRAILLE
from tui_initflow.charts.plotext_adapter import (
    Axis,
    Frame,
    Mark,
    bars,
    dots,
    draw,
)

RED, GREY = "#ff0000", "#808080"
MUTED = Style(GREY, None)
PLAIN_RED = Style(RED, None)


def bare(width: int, height: int, high: float = 1.0, *, logarithmic: bool = False, low: float = 0.0) -> Frame:
    """No axes: x from 0 to width - 1, so that it counts columns."""
    return Frame(width, height, Axis(0.0, width - 1.0), Axis(low, high, logarithmic=logarithmic))


@pytest.mark.parametrize("shift", [0.0, -250.0, -1e6], ids=["numbers", "tiny numbers", "only their logarithms exist"])
def test_a_power_law_is_straight_on_a_logarithmic_axis(shift: float) -> None:
    frame = bare(9, 9, 4.0 + shift, logarithmic=True, low=-4.0 + shift)
    ends = Mark([[(0.0, -4.0 + shift), (8.0, 4.0 + shift)]], "*", PLAIN_RED)
    assert [line.index("*") for line in lines(draw(frame, [ends]))] == list(range(8, -1, -1))


def test_ticks_stand_where_their_values_are() -> None:
    x = Axis(0.0, 20.0, ((0.0, "L0", MUTED), (10.0, "L10", Style(RED, None, bold=True))), GREY)
    y = Axis(-3.0, 1.0, ((-2.0, "10⁻²", MUTED), (0.0, "1", MUTED)), GREY, logarithmic=True)
    marks = [
        dots([(10.0, 0.0)], "●", Style(RED, None)),
        Mark([[(0.0, -2.0), (20.0, -2.0)]], "*", PLAIN_RED),
    ]
    picture = draw(Frame(26, 7, x, y), marks)
    assert lines(picture) == [
        "    │                     ",
        "   1┤          ●          ",
        "    │                     ",
        "10⁻²┤*********************",
        "    │                     ",
        "    └┬─────────┬──────────",
        "     L0       L10         ",
    ]
    styles = {text.strip("┤│ "): style for row in picture for text, style in row}
    assert styles["10⁻²"] == MUTED
    assert styles["L10"] == Style(RED, None, bold=True)
    assert styles["●"] == Style(RED, None)


def test_strokes_are_not_joined() -> None:
    curve = Mark([[(0.0, 0.5), (3.0, 0.5)], [(6.0, 0.5), (8.0, 0.5)]], "*", PLAIN_RED)
    assert lines(draw(bare(9, 1), [curve])) == ["****  ***"]


def test_a_thick_curve_has_two_rows_of_dots() -> None:
    flat = [[(0.0, 0.5), (4.0, 0.5)]]
    (*_, thin, _), (*_, thick, _) = (
        lines(draw(bare(5, 3, 1.0), [Mark(flat, BRAILLE, PLAIN_RED, floor)])) for floor in ((), (0.2, 0.2))
    )
    assert [bin(ord(char) - 0x2800).count("1") for char in thin[1:-1]] == [2] * 3
    assert [bin(ord(char) - 0x2800).count("1") for char in thick[1:-1]] == [4] * 3


def test_bars_fill_their_columns_and_no_others() -> None:
    frame = Frame(6, 4, Axis(0.0, 2.5), Axis(0.0, 3.0))
    # bars one apart in x, two columns wide, whose floor is half a row under the lowest value
    assert lines(draw(frame, [bars(0.2, -0.5, (1.5, -0.5, 3.5), 0.8, BLOCKS, PLAIN_RED)])) == [
        "    ██",
        "    ██",
        "██  ██",
        "██  ██",
    ]


def test_bars_on_a_logarithmic_axis_grow_with_the_exponent() -> None:
    frame = Frame(4, 4, Axis(0.0, 3.0), Axis(-3.5, -0.5, logarithmic=True))
    rising = bars(0.0, -4.0, (-3.1, -2.1, -1.1, -0.1), 1.0, "#", PLAIN_RED)
    assert [sum(line[column] == "#" for line in lines(draw(frame, [rising]))) for column in range(4)] == [1, 2, 3, 4]


numbers = st.floats(-50, 200)


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(0, 20),
    st.lists(st.lists(st.tuples(numbers, numbers), max_size=6), max_size=4),
    st.sampled_from([BRAILLE, "*"]),
    st.booleans(),
)
def test_pictures_have_the_size_asked_for(
    width: int, height: int, strokes: list[list[tuple[float, float]]], marker: str, logarithmic: bool
) -> None:
    x = Axis(0.0, 10.0, ((5.0, "five", MUTED),), GREY)
    y = Axis(-20.0, 20.0, ((0.0, "1", MUTED),), GREY, logarithmic=logarithmic)
    points = [point for stroke in strokes for point in stroke]
    picture = draw(Frame(width, height, x, y), [Mark(strokes, marker, PLAIN_RED), dots(points, "●", MUTED)])
    assert [len(line) for line in lines(picture)] == [width] * (height if width else 0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_would_abort_plotext_is_refused(bad: float) -> None:
    marks = [
        Mark([[(0.0, bad)]], BRAILLE, PLAIN_RED),
        Mark([[(bad, 0.0)]], BRAILLE, PLAIN_RED),
        dots([(0.0, bad)], "●", MUTED),
        bars(0.0, 0.0, (bad,), 1.0, BLOCKS, PLAIN_RED),
    ]
    for mark in marks:
        with pytest.raises(ValueError, match="not finite"):
            draw(bare(10, 5), [mark])
    # and what was refused leaves nothing behind
    assert "".join(lines(draw(bare(10, 5), []))).strip() == ""


def test_threads_do_not_disturb_each_other() -> None:
    frames = [bare(10, 5), bare(3, 8, logarithmic=True), bare(20, 2), bare(7, 7, 3.0)]
    curve = Mark([[(0.0, 0.0), (9.0, 1.0)]], BRAILLE, PLAIN_RED)
    alone = [draw(frame, [curve]) for frame in frames]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            assert list(pool.map(lambda frame: draw(frame, [curve]), frames)) == alone


@pytest.mark.slow
def test_memory_stays_where_it_is() -> None:
    code = """
import resource
from tui_initflow.charts.cells import Style
from tui_initflow.charts.palette import BLOCKS, BRAILLE
from tui_initflow.charts.plotext_adapter import *
frame = Frame(20, 8, Axis(0, 9, ((0, "L0", Style("#808080", None)),), "#808080"), Axis(-3, 0, logarithmic=True))
marks = [Mark([[(0, -3), (9, 0)]], BRAILLE, PLAIN, (-3.1, -0.1)), bars(0, -3, (-1, -2), 1, BLOCKS, PLAIN)]
def build(count):
    for _ in range(count):
        draw(frame, marks)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
first = build(200)
grown = build(800) - first
assert grown < 2_000, f'{grown} KiB more after 800 builds'
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
