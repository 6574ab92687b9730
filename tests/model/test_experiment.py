"""Experiments: the demo by default, immutable, changed by setting, and no larger than memory."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tui_initflow.model.blocks import Block
from tui_initflow.model.experiment import ORTHOGONAL_WEIGHTS, RESULT_BYTES, Experiment
from tui_initflow.model.network import Method
from tui_initflow.model.pair import SIDES, Side
from tui_initflow.model.settings import SettingError


def test_defaults_are_the_demo() -> None:
    experiment = Experiment()
    assert (experiment.layers, experiment.neurons, experiment.features) == (10, 50, 64)
    assert (experiment.activation, experiment.a.initialiser, experiment.b.initialiser) == ("tanh", "uniform", "normal")
    assert (experiment.runs, experiment.seed) == (1, 0)


def test_first_layer_takes_the_features_and_the_others_the_neurons() -> None:
    experiment = Experiment(layers=3, neurons=5, features=7)
    assert experiment.network.shapes == ((5, 7), (5, 5), (5, 5))
    assert experiment.network.weights == 35 + 25 + 25


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
    experiment = Experiment(layers=np.int64(3))
    assert type(experiment.layers) is int
    assert experiment == Experiment().with_(layers=3)
    assert len({experiment, Experiment(layers=3)}) == 1


def test_methods_are_values_and_their_settings_may_stand_alone() -> None:
    method = Method("he-normal", gain=2, block="pre-norm", norm="rms", branch_scale="1/L")
    experiment = Experiment(a=method)
    flat = {"a": "he-normal", "gain_a": "2", "block_a": "pre-norm", "norm_a": "rms", "branch_scale_a": "1/L"}
    assert experiment == Experiment(**flat) == Experiment().with_(**flat)
    assert experiment.b == Experiment().b
    assert (experiment.methods.a.settings, experiment.methods.a.block.scale) == (method, 0.1)
    # one that is given alone changes no other
    assert experiment.with_(a="uniform").a == replace(method, initialiser="uniform")
    assert experiment.with_method("a", gain=3).a == experiment.with_(gain_a=3).a == replace(method, gain=3)
    assert experiment.with_(a=Method("rand"), gain_a=3).a == Method("rand", gain=3)
    assert pickle.loads(pickle.dumps(experiment)) == experiment


def test_a_refusal_names_the_setting_by_the_method_it_belongs_to() -> None:
    made: list[tuple[Callable[[], object], str]] = [
        (lambda: Method("uniform", gain=0), "gain"),
        (lambda: Method("normal:2"), "initialiser"),
        (lambda: Experiment(gain_b=0), "gain_b"),
        (lambda: Experiment().with_(b="normal:2"), "b"),
        (lambda: Experiment(b=Method("uniform", norm="layer", block="residual")), "norm_b"),
    ]
    for make, field in made:
        with pytest.raises(SettingError) as caught:
            make()
        assert caught.value.field == field
    with pytest.raises(TypeError, match="no setting gain"):
        Experiment(gain=2)


def test_widths_say_layers_features_and_neurons() -> None:
    experiment = Experiment(widths=(7, 5, 9, 2), layers=99, neurons=1, features=1)
    assert (experiment.features, experiment.layers, experiment.neurons) == (7, 3, None)
    assert experiment.network.widest == 9
    assert experiment.network.sizes == experiment.widths == (7, 5, 9, 2)
    assert experiment.network.shapes == ((5, 7), (9, 5), (2, 9))
    assert experiment.network.weights == 35 + 45 + 18
    same = Experiment(widths=np.array([7, 5, 9, 2]))
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


@pytest.mark.parametrize("method", SIDES)
def test_an_orthogonal_matrix_that_has_to_be_drawn_whole_is_limited(method: Side) -> None:
    largest = ORTHOGONAL_WEIGHTS // 2048
    for name in ("orthogonal", "orthogonal:1/fan_in"):
        assert Experiment(widths=(largest, 2048, 3)).with_(**{method: name}).layers == 2
        for widths in ((largest + 1, 2048, 3), (65536, 65)):
            assert Experiment(widths=(widths[0], 2048)).with_(**{method: name}).methods[method].sampler == "implicit"
            with pytest.raises(SettingError) as caught:
                Experiment(widths=widths, sampler="explicit").with_(**{method: name})
            assert caught.value.field == method
            assert str(ORTHOGONAL_WEIGHTS) in caught.value.allowed
    assert Experiment(widths=(65536, 2048)).with_(**{method: "normal"}).features == 65536


def test_gains_are_in_the_labels_and_scale_the_weights() -> None:
    experiment = Experiment(a="uniform", b="uniform", gain_a=2.0, gain_b=0.5)
    a, b = experiment.methods
    assert (a.label, b.label) == ("Uniform ×2", "Uniform ×0.5")
    assert a.initialiser.std((4, 4)) == 4 * b.initialiser.std((4, 4))
    equal = experiment.with_(gain_b=2.0).methods
    assert (equal.a.label, equal.b.label) == ("Uniform ×2 A", "Uniform ×2 B")


def test_blocks_are_refused_that_do_not_go_together() -> None:
    refusals = {
        "norm_b": ({"block_b": "residual", "norm_b": "rms"}, {"block_b": "pre-norm"}, {"block_b": "post-norm"}),
        "branch_scale_a": ({"branch_scale_a": 0.5}, {"branch_scale_a": "1/L", "norm_a": "layer"}),
        "block_a": ({"block_a": "residual", "widths": (5, 4, 3)},),
    }
    for field, cases in refusals.items():
        for settings in cases:
            with pytest.raises(SettingError) as caught:
                Experiment(**settings)
            assert caught.value.field == field
            assert len(str(caught.value).splitlines()) == 1
    # the features may differ from the widths, and a plain network with a norm may have any
    assert Experiment(widths=(9, 4, 4), block_a="residual").layers == 2
    assert Experiment(widths=(9, 4, 3), norm_a="layer").layers == 2


def test_a_branch_scale_by_depth_follows_the_depth() -> None:
    experiment = Experiment(layers=4, block_a="residual", branch_scale_a="1/sqrt(L)")
    assert experiment.methods.a.block == Block("residual", scale=0.5)
    assert experiment.with_(layers=16).methods.a.block.scale == 0.25
    assert experiment.with_(branch_scale_a="1/L").methods.a.block.scale == 0.25
    assert experiment.methods.b.block.is_plain


def test_labels_and_names_have_the_block() -> None:
    experiment = Experiment(
        a="normal",
        block_a="pre-norm",
        norm_a="layer",
        block_b="post-norm",
        norm_b="rms",
        branch_scale_b="1/L",
        gain_b=2,
    )
    a, b = experiment.methods
    assert (a.label, b.label) == ("Normal pre-norm", "Normal ×2 post-norm rms c=1/L")
    assert (a.name, b.name) == ("normal pre-norm layer", "normal x2 post-norm rms 1/L")
    plain = Experiment(a="normal", norm_a="rms").methods
    assert (plain.a.label, plain.b.label) == ("Normal rms norm", "Normal")
    # two scales that read the same
    close = Experiment(a="normal", block_a="residual", branch_scale_a=0.10001, block_b="residual", branch_scale_b=0.1)
    assert [method.label for method in close.methods] == ["Normal residual c=0.1 A", "Normal residual c=0.1 B"]
