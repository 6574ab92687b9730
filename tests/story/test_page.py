"""How steps look: question first, then the picture, nothing cut, nothing that jumps."""

from __future__ import annotations

import pytest

from tests.charts.samples import lines
from tests.pages.samples import words
from tests.story.played import briefly
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.story.page import Shown, closing, page
from tui_initflow.story.steps import LEARNED, STEPS, SUGGESTIONS

pytestmark = pytest.mark.slow

SIZES = ((80, 23), (120, 39), (200, 59))
"""Without the line of keys."""


@pytest.mark.parametrize("index", range(len(STEPS)))
def test_a_step_fills_the_screen_and_cuts_nothing(index: int) -> None:
    outcome = briefly(STEPS[index])
    for width, height in SIZES:
        headings = set()
        # with a guess there is more to say in the row of answers
        guesses = (None, 0, 1, 2) if width == 80 else (None,)
        for shown in (Shown(index), *(Shown(index, guess, is_told=True) for guess in guesses)):
            rows = lines(page(shown, outcome, "press a key", width, height, LIGHT))
            assert len(rows) == height
            assert {len(row) for row in rows} == {width}
            assert not any("…" in row for row in rows)
            headings.add(tuple(rows[:3]))
        # question and heading stay where they are
        assert len(headings) == 1


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_end_says_all_at_any_size(width: int, height: int) -> None:
    rows = lines(closing(width, height, DARK))
    assert (len(rows), {len(row) for row in rows}) == (height, {width})
    said = words(closing(width, height, DARK))
    for text in (*LEARNED, *(suggestion.text for suggestion in SUGGESTIONS), "press 1, 2 or 3"):
        assert text in said


def test_every_picture_begins_in_the_same_row() -> None:
    shown = [(Shown(index, is_told=True), briefly(step)) for index, step in enumerate(STEPS)]
    for width, height in SIZES[:2]:
        told = [lines(page(step, outcome, "", width, height, DARK)) for step, outcome in shown]
        # texts are indented, pictures are not
        starts = {next(i for i, row in enumerate(rows) if not row.startswith(" ")) for rows in told}
        assert len(starts) == 1


def test_the_question_comes_first() -> None:
    outcome = briefly(STEPS[2])
    asked = words(page(Shown(2), outcome, "press a key", 80, 23, DARK))
    assert "Predict first" in asked
    assert "press a key" in asked
    assert "Uniform vs Normal, 64-50x10, tanh, seed 1" in asked
    assert outcome.explanation.split()[0] not in asked
    # told, but not computed yet
    assert "drawing weights" in words(page(Shown(2, 1, is_told=True), None, "drawing weights", 80, 23, DARK))


def test_the_right_answer_and_the_guess_are_marked() -> None:
    outcome = briefly(STEPS[2])
    right = words(page(Shown(2, 1, is_told=True), outcome, "", 80, 23, DARK))
    wrong = words(page(Shown(2, 0, is_told=True), outcome, "", 80, 23, DARK))
    unasked = words(page(Shown(2, None, is_told=True), outcome, "", 80, 23, DARK))
    assert "1 about half ✓ half a percent ← you 3 a millionth" in right
    assert "✗ about half ← you ✓ half a percent 3 a millionth" in wrong
    assert "← you" not in unasked
    assert outcome.explanation in right


def test_a_small_screen_scrolls() -> None:
    rows = lines(page(Shown(2, 1, is_told=True), briefly(STEPS[2]), "", 60, 12, DARK))
    assert len(rows) > 12
    assert {len(row) for row in rows} == {60}
