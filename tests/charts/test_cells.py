"""The canvas that pictures are put together on."""

from tui_initflow.charts.cells import PLAIN, Canvas, Style

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


def test_a_pasted_picture_replaces_what_is_there() -> None:
    canvas = Canvas(4, 2)
    canvas.text(0, 1, "abcd", RED)
    canvas.paste(1, 1, ((("x", PLAIN), (" ", RED)),), {ord("x"): "y"})
    assert canvas.picture()[1] == (("a", RED), ("y", PLAIN), (" d", RED))


def test_colours_and_characters_are_replaced_where_they_match() -> None:
    canvas = Canvas(3, 1)
    canvas.text(0, 0, "#x#", RED)
    canvas.put(2, 0, "#", PLAIN)
    blue = Style("#0000ff", "#000000")
    canvas.replace("#ff0000", "#", "/", blue)
    assert canvas.picture() == ((("/", blue), ("x", RED), ("#", PLAIN)),)
    canvas.recolour(0, "#ff0000", "#00ff00")
    assert canvas.picture()[0][1] == ("x", RED._replace(fg="#00ff00"))


def test_what_is_laid_over_bars_has_their_colour_behind_it() -> None:
    canvas = Canvas(3, 1)
    canvas.text(0, 0, "█▖", RED)
    blue = Style("#0000ff", None)
    canvas.overlay(0, 0, (((".. ", blue),),), "█")
    assert canvas.picture() == (((".", blue._replace(bg="#ff0000")), (".", blue), (" ", PLAIN)),)
