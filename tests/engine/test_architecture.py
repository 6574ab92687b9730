"""Lists of widths: as text, as settings, and the networks they describe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine.architecture import parse_widths, widths_text
from tui_initflow.engine.experiment import Experiment, SettingError


@given(st.integers(1, 65536), st.lists(st.sampled_from([1, 2, 10, 512, 2048]), min_size=1, max_size=60))
def test_text_and_widths_are_the_same(features: int, widths: list[int]) -> None:
    text = widths_text([features, *widths])
    assert parse_widths(text, 1000) == (features, *widths)
    assert Experiment(widths=text).widths == (features, *widths)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("784-512-256-128-10", (784, 512, 256, 128, 10)),
        ("784-512x3-10", (784, 512, 512, 512, 10)),
        (" 3 - 4 ", (3, 4)),
        ("5-5-5", (5, 5, 5)),
    ],
)
def test_known_texts(text: str, widths: tuple[int, ...]) -> None:
    assert parse_widths(text, 1000) == widths


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "784",
        "784-",
        "-784-10",
        "784--10",
        "x",
        "784-x3",
        "784-10x0",
        "784-0",
        "0-5",
        "65537-5",
        "5-2049",
        "5-5x1001",
        "5-5x99999",
        "5-5x999999999",
        "5-" * 3000,
        "9" * 10_000,
        "5-5.0",
        "５-５x",
        (),
        (5,),
        (5, 0),
        (5, 2.5),
        ("5", "5"),
        5,
        (5, *[3] * 1001),
    ],
)
def test_what_is_no_list_of_widths_is_refused_in_one_line(bad: object) -> None:
    with pytest.raises(SettingError) as told:
        Experiment(widths=bad)  # type: ignore[arg-type]
    assert told.value.field == "widths"
    assert "784-512x20-10" in str(told.value)
    assert len(str(told.value)) < 300
    assert "\n" not in str(told.value)


def test_widths_say_what_the_three_numbers_are() -> None:
    experiment = Experiment(widths=(12, 9, 9, 4), layers=77, neurons=77, features=77)
    assert (experiment.layers, experiment.features) == (3, 12)
    assert experiment.sizes == (12, 9, 9, 4)
    assert experiment.shapes == ((9, 12), (9, 9), (4, 9))
    assert experiment.weights_per_run == 12 * 9 + 81 + 36


def test_changing_them_one_by_one() -> None:
    experiment = Experiment(widths=(12, 9, 9, 4))
    assert experiment.with_(seed=5).widths == (12, 9, 9, 4)
    assert experiment.with_(features=20).widths == (20, 9, 9, 4)
    assert experiment.with_(layers=5).widths is None
    assert experiment.with_(layers=5).sizes == (12, 9, 9, 9, 9, 9)
    assert experiment.with_(neurons=7).sizes == (12, 7, 7, 7)
    assert experiment.with_(layers=5, widths=(3, 2)).widths == (3, 2)
