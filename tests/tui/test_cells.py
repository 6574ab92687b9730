"""What is sent turns a terminal's screen into the wanted one, and is short."""

from __future__ import annotations

from itertools import pairwise

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tui_initflow.charts.cells import one_of_256
from tui_initflow.charts.palette import DARK
from tui_initflow.tui.terminal import cells
from tui_initflow.tui.terminal.cells import Row, paint, unknown

WIDTH, HEIGHT = 12, 3
STYLES = [
    None,
    *map(Style.parse, ("red", "bold #102030 on blue", "underline", "dim", "reverse on #405060", "on blue")),
]
segments = st.builds(Segment, st.text("ab ─⣿世é", max_size=8), st.sampled_from(STYLES))
paints = st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), segments), max_size=8)


Paints = list[tuple[int, int, Segment]]


def painted(frame: list[Row], *texts: tuple[int, int, Segment]) -> list[Row]:
    frame = list(frame)
    for x, y, segment in texts:
        paint(frame, x, y, [segment], ColorSystem.TRUECOLOR)
    return frame


def difference(old: list[Row], new: list[Row]) -> str:
    text, shown = cells.difference(old, new)
    assert shown == new
    return text


def blank() -> list[Row]:
    return painted(unknown(WIDTH, HEIGHT), *((0, y, Segment(" " * WIDTH)) for y in range(HEIGHT)))


def shown(*sent: str) -> list[list[tuple[object, ...]]]:
    """What a terminal shows that was sent this; of a blank what is seen of it."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for text in sent:
        stream.feed(text)
    return [
        [
            (cell.data, cell.bg, cell.underscore, cell.reverse)
            if cell.data == " " and not (cell.underscore or cell.reverse)
            else tuple(cell)
            for cell in (screen.buffer[y][x] for x in range(WIDTH))
        ]
        for y in range(HEIGHT)
    ]


@given(paints, paints, paints)
@pytest.mark.slow
def test_any_change_arrives(first: Paints, second: Paints, third: Paints) -> None:
    frames = [unknown(WIDTH, HEIGHT), blank()]
    for change in (first, second, third):
        frames.append(painted(frames[-1], *change))
    step_by_step = shown(*(difference(old, new) for old, new in pairwise(frames)))

    assert step_by_step == shown(difference(unknown(WIDTH, HEIGHT), frames[-1]))


def test_the_same_screen_is_not_sent() -> None:
    frame = painted(blank(), (2, 1, Segment("abc", Style.parse("red"))))

    assert difference(frame, painted(frame, (2, 1, Segment("abc", Style.parse("red"))))) == ""


def test_only_the_changed_cells_are_sent() -> None:
    frame = painted(blank(), (0, 1, Segment("abcdefghijkl")))

    assert difference(frame, painted(frame, (0, 1, Segment("abcdefghijkX")))) == "\x1b[2;12HX\x1b[0m"


def test_neighbouring_cells_of_one_style_share_it() -> None:
    frame = painted(blank(), (0, 0, Segment("ab", Style.parse("red"))), (2, 0, Segment("cd", Style.parse("red"))))

    assert difference(blank(), frame).count("31") == 1


def test_the_foreground_of_a_blank_makes_no_difference() -> None:
    red, green = (painted(blank(), (0, 0, Segment("   ", Style.parse(f"{name} on blue")))) for name in ("red", "green"))

    assert difference(red, green) == ""


def test_text_outside_is_cut_off() -> None:
    frame = painted(
        blank(), (8, 0, Segment("abcdefgh")), (0, HEIGHT, Segment("below")), (WIDTH + 3, 1, Segment("right"))
    )

    assert len(frame) == HEIGHT
    assert {len(row) for row in frame} == {WIDTH}


def test_control_segments_take_no_cell() -> None:
    frame = blank()
    paint(frame, 0, 0, [Segment("\x1b[2J", None, [(2,)]), Segment("a")], ColorSystem.TRUECOLOR)  # type: ignore[list-item]

    assert [text for text, _ in frame[0][:2]] == ["a", " "]


@pytest.mark.parametrize("text", ["é", "👩‍👩‍👧", "⚠️"], ids=ascii)
def test_characters_that_join_stay_together(text: str) -> None:
    frame = painted(blank(), (0, 0, Segment(text)))

    assert text in difference(blank(), frame)
    assert len(frame[0]) == WIDTH


@pytest.mark.parametrize(
    ("system", "code"),
    [(ColorSystem.STANDARD, "91m"), (ColorSystem.EIGHT_BIT, "38;5;"), (ColorSystem.TRUECOLOR, "38;2;")],
)
def test_colours_are_those_the_terminal_has(system: ColorSystem, code: str) -> None:
    frame = blank()
    paint(frame, 0, 0, [Segment("a", Style.parse("#ff5555"))], system)

    assert f"\x1b[{code}" in difference(blank(), frame)


def test_what_has_no_room_is_sent_later() -> None:
    old, new = blank(), painted(blank(), *((0, y, Segment("abcdefgh")) for y in range(HEIGHT)))
    pieces = []
    while old != new:
        text, old = cells.difference(old, new, room=5)
        pieces.append(text)

    assert len(pieces) == HEIGHT, "never less than a row"
    assert shown(difference(unknown(WIDTH, HEIGHT), blank()), *pieces) == shown(difference(unknown(WIDTH, HEIGHT), new))


def test_the_bands_of_both_methods_differ_in_256_colours_as_they_do_in_plots() -> None:
    colours = (DARK.band_a, DARK.band_b, DARK.overlap, DARK.background)
    rows = blank()
    for x, colour in enumerate(colours):
        paint(rows, x, 0, [Segment(" ", Style(bgcolor=colour))], ColorSystem.EIGHT_BIT)
    backgrounds = [pen.background for _, pen in rows[0][:4] if pen is not None]
    assert backgrounds == [f"48;{one_of_256(colour)}" for colour in colours]
    assert len(set(backgrounds)) == 4
