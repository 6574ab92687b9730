"""The lists to choose from: each entry says what decides about it."""

from __future__ import annotations

from tests.pages.samples import DEMO
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.pages.choices import (
    activation_choices,
    described_initialiser,
    initialiser_choices,
    preset_choices,
)


def test_every_initialiser_has_its_numbers_and_other_names() -> None:
    details = {choice.value: choice.detail for choice in initialiser_choices(DEMO)}
    assert list(details) == list(INITIALISERS)
    assert details["uniform"] == "std 0.0816  bound 0.141  σ_w² 0.333  = torch-linear if square"
    assert "bound none" in details["normal"]
    assert details["normal"].endswith("= glorot-normal")
    assert "mean 0.0707 a literal rand()" in details["rand"]


def test_an_expression_is_an_entry_and_other_text_is_not() -> None:
    entry = described_initialiser("normal:1/fan_in", DEMO)
    assert entry is not None
    assert entry.detail.endswith("= lecun-normal")
    assert described_initialiser("normal:1/fan", DEMO) is None


def test_words_find_an_entry_by_name_or_detail() -> None:
    names = [choice.value for choice in initialiser_choices(DEMO) if choice.matches("he 2015")]
    assert names == ["he-uniform", "he-normal"]
    assert [choice.value for choice in activation_choices()] == list(ACTIVATIONS)


def test_saved_presets_take_the_place_of_built_in_ones() -> None:
    saved = {"demo": DEMO.with_(layers=3), "数据": DEMO}
    details = {choice.value: choice.detail for choice in preset_choices(DEMO, saved)}
    assert details["demo"] == "yours: Uniform vs Normal, 64-50x3, tanh"
    assert details["数据"].startswith("yours: ")
    assert details["rand"] == "built in: rand vs normal, 64-50x10, tanh"
