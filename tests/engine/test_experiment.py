"""Settings: what is allowed, what is refused and how that is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine.experiment import LIMITS, RESULT_BYTES, Experiment, SettingError, check


def test_defaults_are_the_demo() -> None:
    experiment = Experiment()
    assert (experiment.layers, experiment.neurons, experiment.features) == (10, 50, 64)
    assert (experiment.activation, experiment.a, experiment.b) == ("tanh", "uniform", "normal")
    assert (experiment.runs, experiment.seed) == (1, 0)


def test_first_layer_takes_the_features_and_the_others_the_neurons() -> None:
    experiment = Experiment(layers=3, neurons=5, features=7)
    assert experiment.shapes == ((5, 7), (5, 5), (5, 5))
    assert experiment.weights_per_run == 35 + 25 + 25


@pytest.mark.parametrize("field", LIMITS)
def test_both_ends_of_every_range_are_allowed(field: str) -> None:
    low, high = LIMITS[field]
    assert (check(field, low), check(field, str(high)), check(field, f" +{low} ")) == (low, high, low)
    for outside in (low - 1, high + 1, str(high + 1), str(low - 1)):
        with pytest.raises(SettingError) as caught:
            check(field, outside)
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
@pytest.mark.parametrize("field", LIMITS)
def test_what_is_no_whole_number_is_refused_in_one_short_line(field: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        check(field, value)
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
    low, high = LIMITS["neurons"]
    try:
        number, message = check("neurons", value), ""
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
    import numpy as np

    experiment = Experiment(layers=np.int64(3))  # type: ignore[arg-type]
    assert type(experiment.layers) is int
    assert experiment == Experiment().with_(layers=3)
    assert len({experiment, Experiment(layers=3)}) == 1
