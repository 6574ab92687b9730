import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui_initflow
from tui_initflow.charts.plotext_adapter import draw_strokes

PACKAGE = Path(tui_initflow.__file__).parent


@pytest.mark.parametrize(
    ("point", "column", "row", "char"),
    [
        ((0.0, 0.0), 0, 0, "⠁"),
        ((0.6, 0.3), 0, 0, "⠐"),
        ((1.1, 0.6), 1, 0, "⠄"),
        ((19.9, 5.9), 19, 5, "⢀"),
        ((10.25, 3.1), 10, 3, "⠁"),
        ((1e300, -1e300), 19, 0, "⠈"),
    ],
)
def test_a_point_lights_the_dot_it_is_in(point: tuple[float, float], column: int, row: int, char: str) -> None:
    drawn = draw_strokes(20, 6, [[point]])
    assert drawn[row][column] == char
    assert "".join(drawn).replace(" ", "") == char


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(0, 20),
    st.lists(st.lists(st.tuples(st.floats(-50, 200), st.floats(-50, 200)), max_size=6), max_size=4),
    st.sampled_from(["braille", "*"]),
)
def test_lines_have_the_size_asked_for(
    width: int, height: int, strokes: list[list[tuple[float, float]]], marker: str
) -> None:
    lines = draw_strokes(width, height, strokes, marker)
    assert len(lines) == height
    assert all(len(line) == width for line in lines)
    assert all(char == " " or char == marker or 0x2800 < ord(char) < 0x2900 for line in lines for char in line)


def test_strokes_are_not_joined() -> None:
    (line,) = draw_strokes(9, 1, [[(0.5, 0.5), (3.5, 0.5)], [(6.5, 0.5), (8.5, 0.5)]], "*")
    assert line == "****  ***"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_would_abort_plotext_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        draw_strokes(10, 5, [[(0.0, bad)]])
    with pytest.raises(ValueError, match="not finite"):
        draw_strokes(10, 5, [[(bad, 0.0)]])


def test_threads_do_not_disturb_each_other() -> None:
    strokes = [[[(0.0, 0.0), (width, height)]] for width, height in ((9.0, 4.0), (3.0, 1.0), (8.0, 0.5), (1.0, 4.0))]
    alone = [draw_strokes(10, 5, each) for each in strokes]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            assert list(pool.map(lambda each: draw_strokes(10, 5, each), strokes)) == alone


def test_only_the_adapter_imports_plotext() -> None:
    importing = [path.name for path in PACKAGE.rglob("*.py") if "import plotext" in path.read_text(encoding="utf-8")]
    assert importing == ["plotext_adapter.py"]


def test_memory_stays_where_it_is() -> None:
    code = """
import resource
from tui_initflow.charts.plotext_adapter import draw_strokes
def build(count):
    for _ in range(count):
        draw_strokes(20, 5, [[(0.0, 0.0), (20.0, 5.0)], [(0.0, 5.0), (20.0, 0.0)]])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
first = build(200)
grown = build(800) - first
assert grown < 2_000, f'{grown} KiB more after 800 builds'
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
