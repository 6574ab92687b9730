"""Settings: what is allowed, and how a value that is not is refused: in one short line that says what would be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import Real, SettingError, Whole

WHOLE = {name: setting.kind for name, setting in SETTINGS.items() if isinstance(setting.kind, Whole)}
REAL = {name: setting.kind for name, setting in SETTINGS.items() if isinstance(setting.kind, Real)}


def refusal(field: str, value: object) -> SettingError:
    """The error that a value of a setting raises, checked to be one short line."""
    with pytest.raises(SettingError) as caught:
        SETTINGS[field].check(value)
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert message.isprintable()
    assert len(message) < len(field) + len(caught.value.allowed) + 45
    assert caught.value.field == field
    return caught.value


@pytest.mark.parametrize("field", WHOLE)
def test_both_ends_of_every_range_are_allowed(field: str) -> None:
    low, high = WHOLE[field].low, WHOLE[field].high
    for value, expected in ((low, low), (str(high), high), (f" +{low} ", low)):
        assert SETTINGS[field].check(value) == expected
    for outside in (low - 1, high + 1, str(high + 1), str(low - 1)):
        assert refusal(field, outside).allowed == f"a whole number from {low} to {high}"


NOT_WHOLE: list[object] = [
    "",
    "  ",
    "abc",
    "3.5",
    "1e9",
    "--3",
    "0x10",
    "٣",
    "1_000",
    "9" * 10_000,
    "x" * 10_000,
    3.0,
    True,
    None,
    b"3",
    [],
]


def test_what_is_not_a_whole_number_is_refused() -> None:
    for field in WHOLE:
        for value in NOT_WHOLE:
            refusal(field, value)


def test_a_refusal_names_value_and_range() -> None:
    assert str(refusal("layers", 0)) == "layers: 0 is not allowed; a whole number from 1 to 1000"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary()))
def test_any_value_is_a_number_in_range_or_refused(value: object) -> None:
    low, high = WHOLE["neurons"].low, WHOLE["neurons"].high
    try:
        number, message = SETTINGS["neurons"].check(value), ""
    except SettingError as error:
        number, message = low, str(error)
    assert low <= number <= high
    assert len(message.splitlines()) < 2


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    for name in ("", "Uniform", "no such thing" * 100, 3, None):
        assert "tanh" in refusal("activation", name).allowed
        for side in ("a", "b"):
            assert "glorot-uniform" in refusal(side, name).allowed
    for name in ("", "one", "Ones", None, 1, "ones\n"):
        assert refusal("start", name).allowed == "one of ones, signs"


@pytest.mark.parametrize("field", REAL)
def test_both_ends_of_every_real_range_are_allowed(field: str) -> None:
    low, high = REAL[field].low, REAL[field].high
    for value in (low, high, str(high), f" +{low:e} ", np.float64(high)):
        assert SETTINGS[field].check(value) in (low, high)
        assert type(SETTINGS[field].of(Experiment().with_(**{field: value}))) is float
    beyond = high * (1 + 1e-12)
    for outside in (np.nextafter(low, -1.0), beyond, str(beyond), f"-{high}", 10**400, "1e9999"):
        assert refusal(field, outside).allowed == f"a number from {low:g} to {high:g}"


NOT_REAL: list[object] = [
    "",
    " ",
    "abc",
    "nan",
    "inf",
    "1_0",
    "٣",
    "1,5",
    "0x1",
    "--1",
    "1e",
    ".",
    "critical",
    "1\x00",
    # cut at 40 characters these would be 0.5 and 1
    "0.5" + "0" * 40 + "e9",
    "1" + " " * 40 + "x",
    "1" * 10_000,
    float("nan"),
    float("inf"),
    True,
    None,
    b"1",
    [],
    1j,
]


def test_what_is_not_a_number_is_refused() -> None:
    for field in REAL:
        for value in NOT_REAL:
            refusal(field, value)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.floats().map(str), st.binary()))
def test_any_value_is_a_real_number_in_range_or_refused(value: object) -> None:
    low, high = REAL["gain_a"].low, REAL["gain_a"].high
    try:
        number, message = SETTINGS["gain_a"].check(value), ""
    except SettingError as error:
        number, message = low, str(error)
    assert low <= number <= high
    assert len(message.splitlines()) < 2
    if isinstance(value, float) and low <= value <= high:
        assert number == SETTINGS["gain_a"].check(str(value)) == value


BAD_EXPRESSIONS = [
    "normal:",
    "normal:2",
    "normal:/fan_in",
    "normal:2/fan",
    "normal:2/fan_in ",
    "normal: 2/fan_in",
    "normal:0/fan_in",
    "normal:-1/fan_in",
    "normal:+1/fan_in",
    "normal:1e999/fan_in",
    "normal:1e10/fan_in",
    "normal:1e-10/fan_in",
    "normal:1e99999999999/fan_in",
    "normal:nan/fan_in",
    "normal:inf/fan_in",
    "normal:1_0/fan_in",
    "normal:٣/fan_in",
    "normal:./fan_in",
    "normal:std=",
    "normal:std=0",
    "normal:std=-0.1",
    "normal:std=0.1/fan_in",
    "foo:1/fan_in",
    ":1/fan_in",
    "rand:1/fan_in",
    "Normal:1/fan_in",
    "normal:1/fan_in\n",
    "normal:1/fan_in\x00",
    "\x1b[31mnormal:1/fan_in",
    "normal:" + "1" * 10_000 + "/fan_in",
    "x" * 10_000,
    "orthogonal:1/fan_in:2",
]


def test_a_bad_expression_is_refused_with_what_is_allowed() -> None:
    words = (*INITIALISERS, "fan_in", "fan_out", "fan_avg", "fan_max", "std=", "1e-09 to 1e+09")
    for text in BAD_EXPRESSIONS:
        for side in ("a", "b"):
            allowed = refusal(side, text).allowed
            assert all(word in allowed for word in words)


@given(st.text(max_size=30), st.sampled_from(["normal:", "uniform:std=", "orthogonal:1", "", "/fan_in"]))
def test_any_text_is_an_initialiser_with_weights_or_refused(text: str, beginning: str) -> None:
    try:
        experiment, message = Experiment(a=beginning + text), ""
    except SettingError as error:
        experiment, message = Experiment(), str(error)
    assert 0 < experiment.methods.a.initialiser.variance((3, 4)) < 1e20
    assert len(message.splitlines()) < 2


@pytest.mark.parametrize(
    ("text", "variance"),
    [("normal:1e-9/fan_in", 1e-9), ("uniform:1000000000/fan_max", 1e9), ("truncated-normal:std=1e9", 1e18)],
)
def test_the_ends_of_the_range_of_an_expression_are_allowed(text: str, variance: float) -> None:
    a, b = (method.initialiser for method in Experiment(a=text, b=text).methods)
    assert a == b
    assert a.name == text
    assert a.variance((1, 1)) == pytest.approx(variance, rel=1e-12)


BAD_WIDTHS: list[Any] = [
    "",
    " ",
    "-",
    "x",
    "784",
    "784-",
    "-784-10",
    "784--10",
    "784-10x",
    "784-x3",
    "784-5x0-10",
    "5x0",
    "784-512,10",
    "784-٣",
    "784-5.0",
    "784-0",
    "0-5",
    "784-1048577",
    "65537-5",
    "784-5x1001",
    "784" + "-5" * 1001,
    "1x99999",
    "1x" + "9" * 1000,
    "5-" * 5000,
    "9" * 10_000,
    "5-4\x00",
    "5-\x1b[31m4",
    (),
    (5,),
    (5, 0),
    (5, -1),
    (0, 5),
    (5, 1_048_577),
    (65537, 5),
    (5, 3.0),
    (5, True),
    (5, "3"),
    (5, None),
    (5, 10**30),
    [5] * 1002,
    [5] * 1_000_000,
    7,
    3.5,
]


def test_bad_widths_are_refused_with_what_is_allowed() -> None:
    for value in BAD_WIDTHS:
        allowed = refusal("widths", value).allowed
        assert all(word in allowed for word in ("784-512x20-10", "1 to 65536", "1 to 1000", "1 to 1048576"))
        with pytest.raises(SettingError):
            Experiment(widths=value)


def test_the_largest_widths_are_allowed() -> None:
    assert SETTINGS["widths"].check("65536-2048x1000") == (65536, *[2048] * 1000)
    assert SETTINGS["widths"].check((65536, *[2048] * 1000)) == (65536, *[2048] * 1000)
    assert SETTINGS["widths"].check(" 1 - 1 ") == (1, 1)


@pytest.mark.parametrize("field", ["branch_scale_a", "branch_scale_b"])
def test_a_branch_scale_is_a_number_or_a_word(field: str) -> None:
    for text, expected in (("0", 0.0), ("1000", 1000.0), (" 0.5 ", 0.5), (" 1/L ", "1/L"), ("1/sqrt(L)", "1/sqrt(L)")):
        assert SETTINGS[field].check(text) == expected
    refused: list[object] = ["1/l", "1/2", "1/sqrt(l)", -1, 1001, "nan", "", None, True, b"1/L", []]
    for value in refused:
        assert refusal(field, value).allowed == "a number from 0 to 1000, or 1/sqrt(L) or 1/L"
    for scale in (0.5, "1/L"):
        assert SETTINGS[field].check(SETTINGS[field].text(scale)) == scale
