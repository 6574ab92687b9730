"""Layout: every weight has its own place, whatever the sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine.sampling import rows as module
from tui_initflow.engine.sampling.rows import PART_WEIGHTS, LayerLayout, layout

sides = st.integers(1, 40)


def covered(shape: tuple[int, int], found: LayerLayout) -> None:
    row = word = 0
    assert max(part.words for part in found.parts) == found.words_of_part
    for part in found.parts:
        assert (part.first_row, part.first_word) == (row, word)
        assert part.shape[1] == shape[1]
        assert 0 <= 2 * part.words - part.shape[0] * part.shape[1] <= 1
        row += part.shape[0]
        word += part.words
    assert (row, word) == (shape[0], found.words)


@given(st.tuples(sides, sides), st.sampled_from([1, 5, 12, 40, 1000]))
def test_parts_lie_one_after_the_other(shape: tuple[int, int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PART_WEIGHTS", most)
        found = layout(shape)
    covered(shape, found)
    for part in found.parts:
        assert part.shape[0] * part.shape[1] <= max(most, shape[1])


def test_layers_of_the_demo_are_one_part() -> None:
    for shape in ((50, 64), (50, 50)):
        covered(shape, layout(shape))
        assert len(list(layout(shape).parts)) == 1


def test_largest_layers_are_cut_into_rows() -> None:
    for shape in ((2048, 65536), (2048, 2048)):
        found = layout(shape)
        covered(shape, found)
        assert 2 * found.words_of_part <= PART_WEIGHTS
