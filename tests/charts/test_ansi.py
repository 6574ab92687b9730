import pytest

from tui_initflow.charts.ansi import one_of_256, to_ansi, true_colour
from tui_initflow.charts.cells import PLAIN, Style
from tui_initflow.charts.palette import DARK, LIGHT, Palette


def test_colours_are_set_and_the_line_ends_plain() -> None:
    picture = ((("x", Style("#ff0080", "#000102", bold=True, dim=True)),), (("y", PLAIN),))
    first, second = to_ansi(picture, true_colour, "#030405").split("\n")
    assert first == "\x1b[0;1;2;38;2;255;0;128;48;2;0;1;2mx\x1b[0m"
    assert second == "\x1b[0;48;2;3;4;5my\x1b[0m"


@pytest.mark.parametrize(
    ("colour", "index"),
    [
        ("#000000", 16),
        ("#ffffff", 231),
        ("#ff0000", 196),
        ("#5f87af", 67),
        ("#080808", 232),
        ("#eeeeee", 255),
        ("#7f7f7f", 244),
        # nearer to a grey, but a colour
        ("#462626", 52),
    ],
)
def test_the_nearest_of_256_colours(colour: str, index: int) -> None:
    assert one_of_256(colour) == f"5;{index}"


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_both_methods_stay_apart_in_256_colours(palette: Palette) -> None:
    assert one_of_256(palette.a) != one_of_256(palette.b)
    bands = (palette.band_a, palette.band_b, palette.overlap, palette.background)
    assert len({one_of_256(colour) for colour in bands}) == 4
