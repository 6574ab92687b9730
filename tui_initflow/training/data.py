"""What networks are trained on: the digits in this folder, spirals, or a file; standardised and split.

digits.csv.gz: Optical Recognition of Handwritten Digits, E. Alpaydin & C. Kaynak 1998, UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, licence CC BY 4.0. Its test set, 1,797 images of 8 x 8 pixels from 0 to 16, as
scikit-learn ships it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.pool import Checkpoint, Flag, Stop, unstopped
from tui_initflow.engine.streams import Floats32, Slot, Stream, draw
from tui_initflow.model.initialisers import Normal
from tui_initflow.training.tables import (
    MOST_CLASSES,
    Table,
    check_shapes,
    classified,
    from_csv,
    read_table,
    refuse,
)
from tui_initflow.untrusted import brief

Labels = NDArray[np.intp]

TEST_SHARE = 5
"""One row of this many is kept for the test."""
SPLIT_SEED = 1
"""Any would do. The digits that it keeps for the test are neither easy nor hard to tell from those for training."""
LEAST_ROWS_OF_A_CLASS = 2
MOST_DEVIATIONS = 1_000_000
"""Most standard deviations of the rows for training that a number may be away from their mean."""
PART = 1 << 19
"""Numbers that are standardised together."""
ARMS, ROWS_OF_AN_ARM, TURNS, NOISE = 3, 400, 0.75, 0.03
"""The spirals: Karpathy's in CS231n, with more rows."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of inputs x (rows, features) and their classes y (rows,)."""

    x: Floats32
    y: Labels

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Standardised data, one row in five for the test. `classes` are the labels, of which y holds the indices."""

    name: str
    classes: tuple[str, ...]
    training: Split
    test: Split

    @property
    def features(self) -> int:
        return int(self.training.x.shape[1])

    @property
    def chance(self) -> float:
        """Test accuracy of always answering the commonest class of the training rows."""
        commonest = np.argmax(np.bincount(self.training.y, minlength=len(self.classes)))
        return float(np.mean(self.test.y == commonest))


def load_data(name: str, cancel: Flag | None = None) -> Dataset:
    """The data of this name, or those in a file.

    Raises:
        SettingError: the file cannot be read, or what is in it cannot be learned.
        Cancelled: `cancel` is set.
    """
    checkpoint = Stop(cancel).checkpoint
    if name == "spirals":
        return dataset(name, *spirals())
    if name == "digits":
        with gzip.open(Path(__file__).with_name("digits.csv.gz"), "rt", encoding="ascii") as file:
            return _standardised(name, from_csv(cast(TextIO, file), name, checkpoint), checkpoint)
    path = Path(name)
    return _standardised(brief(path.name), read_table(path, checkpoint), checkpoint)


def dataset(name: str, x: NDArray[Any], labels: NDArray[Any]) -> Dataset:
    """Rows x (rows, …) with their labels (rows,), checked, standardised and split.

    Raises:
        SettingError: these cannot be learned.
    """
    check_shapes(name, x.shape, labels.shape, x.dtype)
    return _standardised(name, Table(x, *classified(labels, name)), unstopped)


def _standardised(name: str, table: Table, checkpoint: Checkpoint) -> Dataset:
    """The table standardised and split: always the same rows for the test.

    One row in `TEST_SHARE` is for the test, in every class. Mean and deviation are those of the training rows; a column
    that is constant there becomes 0.

    Raises:
        SettingError: it cannot be learned.
    """
    rows, y, classes = len(table.y), table.y, table.classes
    check_shapes(name, table.x.shape, y.shape, table.x.dtype)
    x = table.x.reshape(rows, -1)
    together = max(1, PART // rows), max(1, PART // x.shape[1])
    for first in range(0, rows, together[1]):
        checkpoint()
        _refuse_not_finite(name, x[first : first + together[1]].astype(np.float64), first)
    if len(classes) < 2:
        refuse(f"{name} has 1 class", f"2 to {MOST_CLASSES} different labels")
    counts = np.bincount(y)
    if counts.min() < LEAST_ROWS_OF_A_CLASS:
        rarest = brief(classes[counts.argmin()])
        refuse(f"class {rarest} of {name} has 1 row", f"at least {LEAST_ROWS_OF_A_CLASS} of every class")
    training, test = _split(y)
    splits = [Split(np.empty((len(of), x.shape[1]), np.float32), y[of]) for of in (training, test)]
    # a few columns at a time, because they take more memory in float64
    for first in range(0, x.shape[1], together[0]):
        checkpoint()
        columns = slice(first, first + together[0])
        part = _columns(x[:, columns].astype(np.float64), training)
        if not (np.abs(part) <= MOST_DEVIATIONS).all():
            row, column = np.argwhere(~(np.abs(part) <= MOST_DEVIATIONS))[0]
            found = f"{name} has {x[row, first + column]} in row {row + 1}, column {first + column + 1}"
            refuse(found, f"at most {MOST_DEVIATIONS:,} standard deviations from the mean of its column")
        for split, of in zip(splits, (training, test), strict=True):
            split.x[:, columns] = part[of]
    return Dataset(name, classes, *splits)


def _columns(x: NDArray[np.float64], training: Labels) -> NDArray[np.float64]:
    """Columns with mean 0 and deviation 1 over the training rows."""
    # divided by a power of two, each by its own, so that squares neither under- nor overflow
    _, exponents = np.frexp(np.abs(x[training]).max(axis=0))
    # what is too large for that is infinite, and refused
    with np.errstate(over="ignore"):
        x = np.ldexp(x, -exponents)
        of_training = x[training]
        mean, deviation = of_training.mean(axis=0), of_training.std(axis=0)
        is_constant = np.ptp(of_training, axis=0) == 0
        return np.where(is_constant, 0.0, (x - mean) / np.where(is_constant, 1.0, deviation))


def _refuse_not_finite(name: str, x: NDArray[np.float64], first: int) -> None:
    finite = np.isfinite(x)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        refuse(f"{name} has {x[row, column]} in row {first + row + 1}, column {column + 1}", "finite numbers")


def _split(y: Labels) -> tuple[Labels, Labels]:
    """Row numbers for training and for the test, every class in its share in both."""
    shuffled = np.argsort(Stream(SPLIT_SEED, Slot.DATA_ORDER).words(0, 0, len(y)), kind="stable")
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    is_test = np.arange(len(y)) % TEST_SHARE == 0
    return np.sort(by_class[~is_test]), np.sort(by_class[is_test])


def spirals() -> tuple[NDArray[np.float64], Labels]:
    """Arms that wind round each other: x (rows, 2), and the arm of each row."""
    radius = np.tile(np.linspace(0.05, 1.0, ROWS_OF_AN_ARM), ARMS)
    arm = np.repeat(np.arange(ARMS), ROWS_OF_AN_ARM)
    noise = np.empty((2, len(arm)), np.float32)
    draw(Normal(NOISE), Stream(0, Slot.X).words(0, 0, len(arm)).reshape(2, -1), noise)
    angle = 2 * np.pi * (TURNS * radius + arm / ARMS)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + noise.T, arm
