"""What networks are trained on: the digits in this folder, spirals, or a file; standardised and split.

digits.csv.gz: Optical Recognition of Handwritten Digits, E. Alpaydin & C. Kaynak 1998, UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, licence CC BY 4.0. Its test set, 1,797 images of 8 x 8 pixels from 0 to 16, as
scikit-learn ships it.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.sampling.numbers import Floats32, draw
from tui_initflow.engine.sampling.streams import Slot, Stream
from tui_initflow.model.distributions import Normal
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import SettingError, Whole

Labels = NDArray[np.intp]

TEST_SHARE = 5
"""One row of this many is kept for the test."""
SPLIT_SEED = 1
"""Any would do. The digits that it keeps for the test are neither easy nor hard to tell from those for training."""
LEAST_ROWS, LEAST_ROWS_OF_A_CLASS = 10, 2
MOST_CLASSES = 256
MOST_BYTES = 1 << 26
"""Of a file, or of the arrays in it."""
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


def load_data(name: str) -> Dataset:
    """The data of this name, or those in a file.

    Raises:
        SettingError: the file cannot be read, or what is in it cannot be learned.
    """
    if name == "spirals":
        return dataset(name, *spirals())
    if name == "digits":
        with gzip.open(Path(__file__).with_name("digits.csv.gz"), "rt", encoding="ascii") as file:
            return dataset(name, *from_csv(file.read(), name))
    path = Path(name)
    try:
        # a pipe would be waited for
        if path.exists() and not path.is_file():
            _refuse(f"{path.name} cannot be read: not a regular file", "a file")
        if path.stat().st_size > MOST_BYTES:
            _refuse(f"{path.name} is too large", f"at most {MOST_BYTES >> 20} MB")
        if path.suffix.lower() == ".npz":
            return dataset(path.name, *from_npz(path))
        return dataset(path.name, *from_csv(path.read_text(encoding="utf-8-sig"), path.name))
    except OSError as error:
        _refuse(f"{path.name} cannot be read: {error.strerror or 'not a file of arrays'}", "a file that can be read")
    except UnicodeDecodeError:
        _refuse(f"{path.name} is not text", "a .csv in UTF-8")


def dataset(name: str, x: NDArray[Any], labels: NDArray[Any]) -> Dataset:
    """Rows x (rows, …) with their labels (rows,), checked, standardised and split: always the same rows for the test.

    One row in `TEST_SHARE` is for the test, in every class. Mean and deviation are those of the training rows; a column
    that is constant there becomes 0.

    Raises:
        SettingError: these cannot be learned.
    """
    if x.ndim < 2 or labels.ndim != 1 or len(x) != len(labels):
        _refuse(f"{name} has x of shape {x.shape} and y of shape {labels.shape}", "x (rows, features) and y (rows,)")
    rows = len(x)
    if rows < LEAST_ROWS:
        _refuse(f"{name} has {rows} rows", f"at least {LEAST_ROWS}")
    x = x.reshape(rows, -1)
    kind = SETTINGS["features"].kind
    assert isinstance(kind, Whole)
    if not kind.low <= x.shape[1] <= kind.high:
        _refuse(f"{name} has {x.shape[1]} features", kind.allowed)
    if not (np.issubdtype(x.dtype, np.number) or x.dtype == np.bool_) or np.iscomplexobj(x):
        _refuse(f"x of {name} holds {x.dtype}", "numbers")
    x = x.astype(np.float64)
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0] + 1
        _refuse(f"{name} has {x[row - 1, column - 1]} in row {row}, column {column}", "finite numbers")
    if np.issubdtype(labels.dtype, np.floating) and np.isnan(labels).any():
        _refuse(f"{name} has a label that is nan", "a class in every row")
    classes, y = np.unique(labels, return_inverse=True)
    if not 2 <= len(classes) <= MOST_CLASSES:
        _refuse(f"{name} has {len(classes)} class{'es' * (len(classes) > 1)}", f"2 to {MOST_CLASSES} different labels")
    fewest = np.bincount(y).argmin()
    if np.count_nonzero(y == fewest) < LEAST_ROWS_OF_A_CLASS:
        _refuse(f"class {classes[fewest]} of {name} has 1 row", f"at least {LEAST_ROWS_OF_A_CLASS} of every class")
    training, test = _split(y)
    # a scale of its own for every column, so that squares neither under- nor overflow
    x /= np.maximum(np.abs(x).max(axis=0), np.finfo(np.float64).tiny)
    mean, deviation = x[training].mean(axis=0), x[training].std(axis=0)
    is_constant = np.ptp(x[training], axis=0) == 0
    x = np.where(is_constant, 0.0, (x - mean) / np.where(is_constant, 1.0, deviation))
    x32 = x.astype(np.float32)
    splits = [Split(x32[of], y[of]) for of in (training, test)]
    return Dataset(name, tuple(str(label) for label in classes), *splits)


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


def from_csv(text: str, name: str) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Numbers and, last in every line, a label; a first line without numbers is a heading.

    Raises:
        SettingError: a line is different.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    pairs = [line.rpartition(",") for line in lines]
    if len(pairs) > 1 and _numbers(pairs[0][0]) is None and _numbers(pairs[1][0]) is not None:
        pairs = pairs[1:]
    features = [numbers for numbers, _, _ in pairs]
    if not all(features):
        _refuse_line(features, name)
    try:
        x = np.loadtxt(features, delimiter=",", ndmin=2, comments=None) if features else np.empty((0, 1))
    except ValueError:
        _refuse_line(features, name)
    return x, np.array([label.strip().strip('"') for _, _, label in pairs], np.str_)


def _numbers(text: str) -> list[float] | None:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        return None


def _refuse_line(features: Sequence[str], name: str) -> NoReturn:
    """Name the first row that is different."""
    columns = features[0].count(",") + 1
    for row, text in enumerate(features, 1):
        numbers = _numbers(text)
        if numbers is None:
            _refuse(f"{name} has something other than numbers before the label in row {row}", "numbers, then a label")
        if len(numbers) != columns:
            _refuse(f"{name} has {len(numbers)} features in row {row}, {columns} in row 1", "rows of equal length")
    _refuse(f"{name} cannot be read", "numbers, then a label")


def from_npz(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    """Arrays x and y; nothing is ever unpickled.

    Raises:
        SettingError: they are not there, or hold objects.
        OSError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as file:
            unpacked = sum(entry.file_size for entry in file.infolist())
        if unpacked > MOST_BYTES:
            _refuse(f"{path.name} is too large", f"at most {MOST_BYTES >> 20} MB of arrays")
        with np.load(path, allow_pickle=False) as arrays:
            missing = [key for key in "xy" if key not in arrays]
            if missing:
                _refuse(f"{path.name} has no array {missing[0]}", "arrays x and y")
            return arrays["x"], arrays["y"]
    except SettingError:
        raise
    except ValueError:
        # what numpy says of arrays that hold objects
        _refuse(f"x or y of {path.name} is not an array of numbers", "arrays without objects")
    except (zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError):
        _refuse(f"{path.name} is not a file of arrays", "what numpy.savez writes")


def _refuse(problem: str, allowed: str) -> NoReturn:
    raise SettingError("data", problem, allowed)
