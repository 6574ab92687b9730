"""How the networks of an experiment are trained: the table of those settings, for options, form and files alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from tui_initflow.model.settings import Name, NameOrFile, Real, RealOrWord, Setting, Whole, setting, settings_of

OptimiserName = Literal["sgd", "momentum", "adam", "adamw"]
OPTIMISER_TITLES: Mapping[OptimiserName, str] = {
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "adam": "Adam",
    "adamw": "AdamW",
}
OPTIMISERS = cast(tuple[OptimiserName, ...], get_args(OptimiserName))

BEST = "best"
"""Stands for the learning rate that a short search finds, for each method its own."""

TRAININGS = 5
"""Runs that are trained of each method, unless another number is asked for."""

BUILT_IN_DATA = ("digits", "spirals")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """Both methods are trained for `steps` updates of `batch_size` rows of `data` each, on the softmax cross-entropy.

    `lr` is the learning rate of both, or `BEST`. `data` is one of `BUILT_IN_DATA` or the path of a file.

    Raises:
        SettingError: a setting is not allowed.
    """

    optimizer: OptimiserName = setting("sgd", Name(OPTIMISERS), "Optimiser", "what turns gradients into updates")
    lr: float | str = setting(
        BEST,
        RealOrWord(Real(1e-8, 1e3), (BEST,)),
        "Learning rate",
        "learning rate; best: each method's own, searched for",
    )
    steps: int = setting(500, Whole(1, 100_000), "Steps", "updates of the weights")
    batch_size: int = setting(64, Whole(1, 4096), "Batch size", "rows of the data for an update")
    data: str = setting(
        "digits", NameOrFile(BUILT_IN_DATA, (".npz", ".csv")), "Data", ".npz with x and y, .csv with the label last"
    )

    def __post_init__(self) -> None:
        for name, of in TRAINING_SETTINGS.items():
            object.__setattr__(self, name, of.check(getattr(self, name)))

    def with_(self, **settings: Any) -> TrainingSettings:
        """A copy with some settings changed."""
        return replace(self, **settings)


TRAINING_SETTINGS: Mapping[str, Setting] = settings_of(TrainingSettings)
"""Every setting by name, in the order of the fields."""
