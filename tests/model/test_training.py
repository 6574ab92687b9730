"""Settings of training: their defaults, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import BEST, TRAINING_SETTINGS, TrainingSettings


def test_defaults_and_their_order() -> None:
    settings = TrainingSettings()
    assert (settings.optimizer, settings.lr, settings.steps, settings.batch_size, settings.data) == (
        "sgd",
        BEST,
        500,
        64,
        "digits",
    )
    assert list(TRAINING_SETTINGS) == ["optimizer", "lr", "steps", "batch_size", "data"]


def test_texts_are_read_and_settings_compare_by_value() -> None:
    settings = TrainingSettings(lr="0.1", steps="20", batch_size="8", data="cells.CSV")  # type: ignore[arg-type]
    assert settings == TrainingSettings().with_(lr=0.1, steps=20, batch_size=8, data="cells.CSV")
    assert hash(settings) == hash(settings.with_(lr=0.1))
    assert settings.with_(lr=" best ").lr == BEST


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", "rmsprop"),
        ("lr", 0.0),
        ("lr", "good"),
        ("lr", float("nan")),
        ("steps", 0),
        ("steps", 1.5),
        ("batch_size", 4097),
        ("data", "mnist"),
        ("data", "cells.txt"),
        ("data", 3),
    ],
)
def test_refusals_are_one_line_that_names_the_setting(name: str, value: Any) -> None:
    with pytest.raises(SettingError) as caught:
        TrainingSettings(**{name: value})
    assert caught.value.field == name
    assert str(caught.value).startswith(f"{name}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_every_setting_writes_what_it_reads() -> None:
    settings = TrainingSettings(lr=0.25, data="a/b.npz")
    for name, of in TRAINING_SETTINGS.items():
        value = getattr(settings, name)
        assert of.check(of.text(value)) == value
        assert of.kind.allowed
        assert of.kind.brief
