"""Settings: what is allowed, what is refused and how that is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.model.experiment import ORTHOGONAL_WEIGHTS, RESULT_BYTES, SETTINGS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import Real, SettingError, Whole

WHOLE = {name: setting.kind for name, setting in SETTINGS.items() if isinstance(setting.kind, Whole)}
REAL = {name: setting.kind for name, setting in SETTINGS.items() if isinstance(setting.kind, Real)}


def test_defaults_are_the_demo() -> None:
    experiment = Experiment()
    assert (experiment.layers, experiment.neurons, experiment.features) == (10, 50, 64)
    assert (experiment.activation, experiment.a, experiment.b) == ("tanh", "uniform", "normal")
    assert (experiment.runs, experiment.seed) == (1, 0)


def test_first_layer_takes_the_features_and_the_others_the_neurons() -> None:
    experiment = Experiment(layers=3, neurons=5, features=7)
    assert experiment.network.shapes == ((5, 7), (5, 5), (5, 5))
    assert experiment.network.weights == 35 + 25 + 25


@pytest.mark.parametrize("field", WHOLE)
def test_both_ends_of_every_range_are_allowed(field: str) -> None:
    low, high = WHOLE[field].low, WHOLE[field].high
    assert (SETTINGS[field].check(low), SETTINGS[field].check(str(high)), SETTINGS[field].check(f" +{low} ")) == (
        low,
        high,
        low,
    )
    for outside in (low - 1, high + 1, str(high + 1), str(low - 1)):
        with pytest.raises(SettingError) as caught:
            SETTINGS[field].check(outside)
        assert caught.value.field == field
        assert caught.value.allowed == f"a whole number from {low} to {high}"


BAD = [
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


@pytest.mark.parametrize("value", BAD, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("field", WHOLE)
def test_what_is_no_whole_number_is_refused_in_one_short_line(field: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        SETTINGS[field].check(value)
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert message.isprintable()
    assert len(message) < len(field) + len(caught.value.allowed) + 45


def test_message_names_value_and_range() -> None:
    with pytest.raises(SettingError) as caught:
        Experiment(layers=0)
    assert str(caught.value) == "layers: 0 is not allowed; a whole number from 1 to 1000"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary()))
def test_any_value_is_a_number_in_range_or_refused(value: object) -> None:
    low, high = WHOLE["neurons"].low, WHOLE["neurons"].high
    try:
        number, message = SETTINGS["neurons"].check(value), ""
    except SettingError as error:
        number, message = low, str(error)
    assert low <= number <= high
    assert len(message.splitlines()) < 2


@pytest.mark.parametrize("field", ["activation", "a", "b"])
@pytest.mark.parametrize("name", ["", "Uniform", "no such thing" * 100, 3, None])
def test_unknown_names_are_refused_with_the_known_ones(field: str, name: object) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment().with_(**{field: name})
    assert caught.value.field == field
    assert ("tanh" if field == "activation" else "glorot-uniform") in caught.value.allowed


@pytest.mark.parametrize("layers", [118, 500, 1000])
def test_results_that_do_not_fit_are_refused_with_the_runs_that_would(layers: int) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment(layers=layers, runs=100_000)
    fit = int(caught.value.allowed.split()[2])
    assert Experiment(layers=layers, runs=fit).runs == fit
    assert fit * (layers + 1) * 16 <= RESULT_BYTES < (fit + 1) * (layers + 1) * 16
    with pytest.raises(SettingError):
        Experiment(layers=layers, runs=fit + 1)


def test_settings_are_plain_numbers_and_compare_by_value() -> None:
    experiment = Experiment(layers=np.int64(3))  # type: ignore[arg-type]
    assert type(experiment.layers) is int
    assert experiment == Experiment().with_(layers=3)
    assert len({experiment, Experiment(layers=3)}) == 1


@pytest.mark.parametrize("field", REAL)
def test_both_ends_of_every_real_range_are_allowed(field: str) -> None:
    low, high = REAL[field].low, REAL[field].high
    for value in (low, high, str(high), f" +{low:e} ", np.float64(high)):
        assert SETTINGS[field].check(value) in (low, high)
        assert type(getattr(Experiment().with_(**{field: value}), field)) is float
    beyond = high * (1 + 1e-12)
    for outside in (np.nextafter(low, -1.0), beyond, str(beyond), f"-{high}", 10**400, "1e9999"):
        with pytest.raises(SettingError) as caught:
            Experiment().with_(**{field: outside})
        assert caught.value.field == field
        assert caught.value.allowed == f"a number from {low:g} to {high:g}"


BAD_REALS = [
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


@pytest.mark.parametrize("value", BAD_REALS, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("field", REAL)
def test_what_is_no_number_is_refused_in_one_short_line(field: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        SETTINGS[field].check(value)
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert message.isprintable()
    assert len(message) < len(field) + len(caught.value.allowed) + 45


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


@pytest.mark.parametrize("text", BAD_EXPRESSIONS, ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize("field", ["a", "b"])
def test_a_bad_expression_is_refused_in_one_line_with_what_is_allowed(field: str, text: str) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment().with_(**{field: text})
    assert caught.value.field == field
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert message.isprintable()
    assert len(message) < len(caught.value.allowed) + 50
    words = (*INITIALISERS, "fan_in", "fan_out", "fan_avg", "fan_max", "std=", "1e-09 to 1e+09")
    for word in words:
        assert word in caught.value.allowed


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


def test_widths_say_layers_features_and_neurons() -> None:
    experiment = Experiment(widths=(7, 5, 9, 2), layers=99, neurons=1, features=1)
    assert (experiment.features, experiment.layers, experiment.neurons) == (7, 3, None)
    assert experiment.network.widest == 9
    assert experiment.network.sizes == experiment.widths == (7, 5, 9, 2)
    assert experiment.network.shapes == ((5, 7), (9, 5), (2, 9))
    assert experiment.network.weights == 35 + 45 + 18
    same = Experiment(widths=np.array([7, 5, 9, 2]))  # type: ignore[arg-type]
    assert same == experiment.with_(layers=3).with_(widths=[7, 5, 9, 2]) == experiment
    assert hash(same) == hash(experiment)
    assert {type(width) for width in same.network.sizes} == {int}


def test_equal_widths_are_the_network_without_a_list() -> None:
    listed, plain = Experiment(widths=(6, 4, 4, 4)), Experiment(features=6, neurons=4, layers=3)
    assert (listed.network.shapes, listed.network.sizes) == (plain.network.shapes, plain.network.sizes)


def test_changing_a_setting_keeps_or_ends_the_list_of_widths() -> None:
    listed = Experiment(widths=(7, 5, 9, 2), runs=3)
    assert listed.with_(runs=8, a="rand").widths == (7, 5, 9, 2)
    assert listed.with_(features=11).widths == (11, 5, 9, 2)
    assert listed.with_(features=11).features == 11
    assert listed.with_(features="11").features == 11
    assert listed.with_(layers=4).network.sizes == (7, 9, 9, 9, 9)
    assert listed.with_(neurons=4).network.sizes == (7, 4, 4, 4)
    assert listed.with_(neurons=4, features=3).network.sizes == (3, 4, 4, 4)
    assert listed.with_(widths=None).network.sizes == (7, 9, 9, 9)
    assert listed.with_(widths=(1, 2), layers=50).network.sizes == (1, 2)
    assert listed.widths == (7, 5, 9, 2)
    for features in (0, 65537, "x", None):
        with pytest.raises(SettingError) as caught:
            listed.with_(features=features)
        assert caught.value.field == "features"


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
    "784-2049",
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
    (5, 2049),
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


@pytest.mark.parametrize("value", BAD_WIDTHS, ids=lambda value: ascii(value)[:15])
def test_bad_widths_are_refused_in_one_line_with_what_is_allowed(value: object) -> None:
    for refuse in (SETTINGS["widths"].check, lambda widths: Experiment(widths=widths)):
        with pytest.raises(SettingError) as caught:
            refuse(value)
        assert caught.value.field == "widths"
        message = str(caught.value)
        assert message.startswith("widths: ")
        assert message.isprintable()
        assert len(message) < len(caught.value.allowed) + 50
        for word in ("784-512x20-10", "1 to 65536", "1 to 1000", "1 to 2048"):
            assert word in caught.value.allowed


def test_the_largest_widths_are_allowed() -> None:
    assert SETTINGS["widths"].check("65536-2048x1000") == (65536, *[2048] * 1000)
    assert SETTINGS["widths"].check((65536, *[2048] * 1000)) == (65536, *[2048] * 1000)
    assert SETTINGS["widths"].check(" 1 - 1 ") == (1, 1)


@pytest.mark.parametrize("method", ["a", "b"])
def test_an_orthogonal_matrix_that_has_to_be_drawn_whole_is_limited(method: str) -> None:
    largest = ORTHOGONAL_WEIGHTS // 2048
    for name in ("orthogonal", "orthogonal:1/fan_in"):
        assert Experiment(widths=(largest, 2048, 3)).with_(**{method: name}).layers == 2
        for widths in ((largest + 1, 2048, 3), (65536, 65)):
            with pytest.raises(SettingError) as caught:
                Experiment(widths=widths).with_(**{method: name})
            assert caught.value.field == method
            assert str(ORTHOGONAL_WEIGHTS) in caught.value.allowed
    assert Experiment(widths=(65536, 2048)).with_(**{method: "normal"}).features == 65536


@pytest.mark.parametrize("value", ["", "one", "Ones", None, 1, "ones\n"])
def test_a_start_is_one_of_two(value: object) -> None:
    with pytest.raises(SettingError) as caught:
        Experiment().with_(start=value)
    assert (caught.value.field, caught.value.allowed) == ("start", "one of ones, signs")


def test_gains_are_in_the_labels_and_scale_the_weights() -> None:
    experiment = Experiment(a="uniform", b="uniform", gain_a=2.0, gain_b=0.5)
    a, b = experiment.methods
    assert (a.label, b.label) == ("Uniform ×2", "Uniform ×0.5")
    assert a.initialiser.std((4, 4)) == 4 * b.initialiser.std((4, 4))
    equal = experiment.with_(gain_b=2.0).methods
    assert (equal.a.label, equal.b.label) == ("Uniform ×2 A", "Uniform ×2 B")
