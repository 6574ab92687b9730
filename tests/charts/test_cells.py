from tui_initflow.charts.canvas import Canvas
from tui_initflow.charts.cells import PLAIN, Style, to_text

RED = Style("#ff0000", None, bold=True)


def test_neighbours_of_one_style_are_one_run() -> None:
    canvas = Canvas(5, 1)
    canvas.text(1, 0, "ab", RED)
    assert canvas.picture() == (((" ", PLAIN), ("ab", RED), ("  ", PLAIN)),)


def test_what_falls_outside_is_dropped() -> None:
    canvas = Canvas(2, 1)
    canvas.text(-1, 0, "abcd", RED)
    canvas.put(0, 1, "x", RED)
    canvas.shade(5, 0, "#000000")
    assert canvas.picture() == ((("bc", RED),),)


def test_drawing_keeps_the_shade_behind_it() -> None:
    canvas = Canvas(1, 1)
    canvas.shade(0, 0, "#112233")
    canvas.put(0, 0, "x", RED)
    assert canvas.picture() == ((("x", RED._replace(bg="#112233")),),)


def test_text_leaves_shade_and_line_ends_out() -> None:
    assert to_text(((("a▀b▄c  ", PLAIN),),)) == "a b c"
