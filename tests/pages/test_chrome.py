"""The lines around the panes fit their width, whatever they say."""

from __future__ import annotations

import pytest

from tests.charts.samples import lines
from tests.pages.samples import words
from tui_initflow.charts.palette import DARK
from tui_initflow.pages.chrome import key_links, keys_bar, message, progress, refusal, tabs
from tui_initflow.pages.panes import KEYS, PANES, invitation
from tui_initflow.pages.rows import width_of

KEYS_SHOWN = (("r", "Run", "run_once"), ("?", "Help", "app.help"))
LONG = "wrote 数据集/❤️-report.md to a folder that has a very long name, which does not fit here"


@pytest.mark.parametrize("text", ["", "runs 7/20", LONG])
@pytest.mark.parametrize("width", [1, 40, 80])
def test_every_line_fills_its_width(text: str, width: int) -> None:
    for picture in (
        message(text, width, 1, DARK),
        refusal(text, width, 1, DARK),
        progress(text, 0.35, width, 1, DARK),
        keys_bar(KEYS_SHOWN, width, 1, DARK),
        tabs(((f" {text} ", "pane"),), "pane", width, 1, DARK),
    ):
        assert [width_of(row) for row in picture] == [width]


def test_progress_is_a_bar_and_a_text() -> None:
    assert words(progress("runs 10/20", 0.5, 80, 1, DARK)) == "████████ runs 10/20"


def test_the_bar_of_keys_and_its_links_say_the_same() -> None:
    bar = lines(keys_bar(KEYS_SHOWN, 20, 1, DARK))[0].rstrip()
    assert bar == "".join(text for text, _ in key_links(KEYS_SHOWN)).rstrip()


@pytest.mark.parametrize("pane", sorted(PANES.keys() - {"sweeps"}))
@pytest.mark.parametrize(("width", "height"), [(80, 16), (50, 9), (20, 3)])
def test_an_empty_pane_says_what_it_will_show_and_one_of_them_the_keys(pane: str, width: int, height: int) -> None:
    picture = invitation(pane, width, height, DARK)
    assert {width_of(row) for row in picture} == {width}
    assert words(picture).startswith(PANES[pane].promise)
    told = all(what in words(picture) for _, what in KEYS)
    assert told == (pane == "gradient" and (width, height) != (20, 3))
