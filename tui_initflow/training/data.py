"""What networks are trained on: the digits in this folder, spirals, or a file; standardised, and split for each run.

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

TEST, VALIDATION, OF = (0, 5), (3,), 10
"""Places in every ten rows: of those for the test, and of those for choosing a learning rate."""
LEAST_ROWS_OF_A_CLASS = 2
PART = 1 << 19
"""Numbers that are standardised together."""
ARMS, ROWS_OF_AN_ARM, TURNS, NOISE = 3, 400, 0.75, 0.03
"""The spirals: Karpathy's in CS231n, with more rows."""


@dataclass(frozen=True, slots=True)
class Split:
    """Numbers of the rows that a run is trained on, and of those that are held back from it to measure it."""

    training: Labels
    held: Labels


@dataclass(frozen=True, slots=True)
class Dataset:
    """Standardised inputs x (rows, features), and y (rows,), which are indices of the labels `classes`.

    Every run draws a split of its own, with every class in its share: which rows are easy decides no comparison.
    """

    name: str
    classes: tuple[str, ...]
    x: Floats32
    y: Labels

    @property
    def features(self) -> int:
        return int(self.x.shape[1])

    @property
    def chance(self) -> float:
        """Accuracy of always answering the commonest class."""
        return float(np.bincount(self.y).max()) / len(self.y)

    def for_test(self, seed: int, run: int) -> Split:
        """Two rows of ten are for the test, all others for training."""
        return self._split(seed, run, TEST, ())

    def for_choice(self, seed: int, run: int) -> Split:
        """The same, without the rows for the test: of the others, one of ten tells how good a learning rate is."""
        return self._split(seed, run, VALIDATION, TEST)

    def _split(self, seed: int, run: int, held: tuple[int, ...], left_out: tuple[int, ...]) -> Split:
        rows = len(self.y)
        shuffled = np.argsort(Stream(seed, Slot.DATA_SPLIT).words(0, run * rows, rows), kind="stable")
        # class by class, so that each has its share of every tenth row
        by_class = shuffled[np.argsort(self.y[shuffled], kind="stable")]
        tenth = np.arange(rows) % OF
        is_held = np.isin(tenth, held)
        return Split(np.sort(by_class[~is_held & ~np.isin(tenth, left_out)]), np.sort(by_class[is_held]))


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
    """The table standardised by mean and deviation of every column, which no label enters; a constant one becomes 0.

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
    standardised = np.empty(x.shape, np.float32)
    # a few columns at a time, because they take more memory in float64
    for first in range(0, x.shape[1], together[0]):
        checkpoint()
        columns = slice(first, first + together[0])
        standardised[:, columns] = _columns(x[:, columns].astype(np.float64))
    return Dataset(name, classes, standardised, y)


def _columns(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns with mean 0 and deviation 1."""
    # divided by a power of two, each by its own, so that squares neither under- nor overflow
    _, exponents = np.frexp(np.abs(x).max(axis=0))
    x = np.ldexp(x, -exponents)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    is_constant = np.ptp(x, axis=0) == 0
    return np.where(is_constant, 0.0, (x - mean) / np.where(is_constant, 1.0, deviation))


def _refuse_not_finite(name: str, x: NDArray[np.float64], first: int) -> None:
    finite = np.isfinite(x)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        refuse(f"{name} has {x[row, column]} in row {first + row + 1}, column {column + 1}", "finite numbers")


def spirals() -> tuple[NDArray[np.float64], Labels]:
    """Arms that wind round each other: x (rows, 2), and the arm of each row."""
    radius = np.tile(np.linspace(0.05, 1.0, ROWS_OF_AN_ARM), ARMS)
    arm = np.repeat(np.arange(ARMS), ROWS_OF_AN_ARM)
    noise = np.empty((2, len(arm)), np.float32)
    draw(Normal(NOISE), Stream(0, Slot.X).words(0, 0, len(arm)).reshape(2, -1), noise)
    angle = 2 * np.pi * (TURNS * radius + arm / ARMS)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + noise.T, arm
