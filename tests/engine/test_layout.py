"""Layout: every weight has its own place, whatever the sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine import layout as module
from tui_initflow.engine.layout import SEGMENT_WEIGHTS, Layout, layout

sides = st.integers(1, 12)


def covered(shapes: list[tuple[int, int]], found: Layout) -> None:
    places: dict[int, list[range]] = {}
    for (fan_out, fan_in), blocks in zip(shapes, found.layers, strict=True):
        row = 0
        for block in blocks:
            assert block.first_row == row
            assert block.shape[1] == fan_in
            row += block.shape[0]
            size = block.shape[0] * fan_in
            places.setdefault(block.segment, []).append(range(block.offset, block.offset + size))
        assert row == fan_out
    word = 0
    for number, segment in enumerate(found.segments):
        assert segment.first_word == word
        word += segment.words
        end = 0
        for place in places[number]:
            assert place.start == end
            end = place.stop
        assert 0 <= 2 * segment.words - end <= 1


@given(st.lists(sides, min_size=1, max_size=8), sides, st.sampled_from([1, 5, 12, 40, 1000]))
def test_weights_lie_one_after_the_other(outs: list[int], features: int, most: int) -> None:
    widths = [features, *outs]
    shapes = [(widths[k + 1], widths[k]) for k in range(len(outs))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SEGMENT_WEIGHTS", most)
        found = layout(shapes)
    covered(shapes, found)
    for segment in found.segments:
        assert 2 * segment.words <= max(most, max(widths)) + 1


def test_demo_is_one_segment() -> None:
    assert len(layout([(50, 64), *[(50, 50)] * 9]).segments) == 1


def test_largest_layers_are_cut_into_rows() -> None:
    shapes = [(2048, 65536), (2048, 2048)]
    found = layout(shapes)
    covered(shapes, found)
    assert max(segment.words for segment in found.segments) * 2 <= SEGMENT_WEIGHTS
