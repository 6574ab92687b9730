"""The data that come with the package, and files: what is read of them, and what is refused in one line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_initflow.engine.pool import Cancelled
from tui_initflow.model.settings import SettingError
from tui_initflow.training import data as of_data
from tui_initflow.training import tables
from tui_initflow.training.data import dataset, load_data

ROWS = [f"{i % 7}.5,{-i},{'yes' if i % 3 else 'no'}" for i in range(20)]


def test_the_digits() -> None:
    digits = load_data("digits")
    assert (digits.x.shape, digits.features) == ((1797, 64), 64)
    assert digits.classes == tuple("0123456789")
    assert 0.05 < digits.chance < 0.15
    for run in range(3):
        split, choice = digits.for_test(4, run), digits.for_choice(4, run)
        sizes = [len(rows) for rows in (split.training, split.held, choice.training, choice.held)]
        assert sizes == [1437, 360, 1257, 180]
        # every class in its share in all parts
        for rows in (split.training, split.held, choice.training, choice.held):
            share = np.bincount(digits.y[rows]) / len(rows)
            assert (np.abs(share - 0.1) < 0.01).all()
    assert (Path(of_data.__file__).parent / "digits.csv.gz").stat().st_size <= 80_000


def test_inputs_are_standardised_and_constant_columns_are_zero() -> None:
    x = load_data("digits").x
    assert x.dtype == np.float32
    is_constant = np.ptp(x, axis=0) == 0
    assert 0 < is_constant.sum() < 10
    assert not x[:, is_constant].any()
    np.testing.assert_allclose(x.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(x[:, ~is_constant].std(axis=0), 1.0, rtol=1e-4)


def test_the_spirals_wind_round_each_other() -> None:
    spirals = load_data("spirals")
    assert (spirals.features, spirals.classes) == (2, ("0", "1", "2"))
    # no line separates them, but a point's nearest neighbours belong to its arm
    split = spirals.for_test(0, 0)
    away = ((spirals.x[split.held][:, None] - spirals.x[split.training]) ** 2).sum(axis=2)
    assert np.mean(spirals.y[split.training][away.argmin(axis=1)] == spirals.y[split.held]) > 0.95


def test_data_are_the_same_every_time() -> None:
    for name in ("digits", "spirals"):
        one, other = load_data(name), load_data(name)
        np.testing.assert_array_equal(one.x, other.x)
        np.testing.assert_array_equal(one.for_test(1, 2).held, other.for_test(1, 2).held)
        for seed, run in ((2, 2), (1, 3)):
            assert (one.for_test(1, 2).held != one.for_test(seed, run).held).any()


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("heading", ["", "width,height,kind\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_a_csv_has_numbers_and_then_a_label(tmp_path: Path, heading: str, end: str) -> None:
    read = load_data(written(tmp_path / "some.csv", heading + end.join(ROWS)))
    assert (read.name, read.features, read.classes) == ("some.csv", 2, ("no", "yes"))
    split = read.for_test(0, 0)
    assert sorted([*split.training, *split.held]) == list(range(20))


def test_an_npz_has_x_and_y(tmp_path: Path) -> None:
    path, generator = tmp_path / "some.npz", np.random.default_rng(0)
    images, y = generator.integers(0, 255, (30, 3, 4), np.uint8), np.arange(30) % 3
    np.savez(path, x=images, y=y)
    read = load_data(str(path))
    assert (read.features, read.classes) == (12, ("0", "1", "2"))
    flat = dataset("flat", images.reshape(30, 12), y)
    np.testing.assert_array_equal(read.x, flat.x)


REFUSED: dict[str, tuple[Callable[[list[str]], str], str]] = {
    "nan": (lambda rows: "\n".join([*rows[:4], "nan,2,yes", *rows]), "nan in row 5, column 1"),
    "infinity": (lambda rows: "\n".join([*rows, "1,inf,yes"]), "inf in row 21, column 2"),
    "a word": (lambda rows: "\n".join([*rows[:2], "1,two,yes", *rows]), "row 3"),
    "a gap": (lambda rows: "\n".join([*rows[:2], "1,,yes", *rows]), "row 3"),
    "a short row": (lambda rows: "\n".join([*rows[:2], "1,yes", *rows]), "1 features in row 3, 2 in row 1"),
    "one class": (lambda rows: "\n".join(row.replace("no", "yes") for row in rows), "1 class"),
    "too few rows": (lambda rows: "\n".join(rows[:5]), "5 rows"),
    "a class of one row": (lambda rows: "\n".join([*rows, "1,2,maybe"]), "class maybe"),
    "labels alone": (lambda rows: "\n".join(row.rpartition(",")[2] for row in rows), "row 1"),
    "many classes": (lambda rows: "\n".join(f"1,{i}" for i in range(600)), "more than 256 classes"),
    "nothing": (lambda rows: "", "0 bytes"),
    "a heading alone": (lambda rows: "width,height,kind\n", "0 rows"),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_csv_that_cannot_be_learned_is_refused_in_a_line(
    tmp_path: Path, text: Callable[[list[str]], str], problem: str
) -> None:
    refusal = refused(written(tmp_path / "some.csv", text(ROWS)))
    assert problem in refusal


def refused(name: str) -> str:
    """What is said; also that it is a line that names the setting."""
    with pytest.raises(SettingError) as caught:
        load_data(name)
    assert caught.value.field == "data"
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "no y": ({"x": X}, "no array y"),
    "one dimension": ({"x": X[:, 0], "y": Y}, "shape (20,)"),
    "different lengths": ({"x": X, "y": Y[:-1]}, "y of shape (19,)"),
    "one-hot labels": ({"x": X, "y": np.eye(2)[Y]}, "y of shape (20, 2)"),
    "words": ({"x": np.full((20, 2), "a"), "y": Y}, "holds"),
    "complex numbers": ({"x": X * 1j, "y": Y}, "complex"),
    "no features": ({"x": np.empty((20, 0)), "y": Y}, "0 features"),
    "nan": ({"x": np.where(X == 7, np.nan, X), "y": Y}, "nan in row 4, column 2"),
    "labels that are nan": ({"x": X, "y": np.where(Y, np.nan, 0.0)}, "nan"),
    "objects": ({"x": X.astype(object), "y": Y}, "without objects"),
}


@pytest.mark.parametrize(("arrays", "problem"), ARRAYS.values(), ids=ARRAYS)
def test_an_npz_that_cannot_be_learned_is_refused_in_a_line(
    tmp_path: Path, arrays: dict[str, Any], problem: str
) -> None:
    np.savez(tmp_path / "some.npz", **arrays)
    assert problem in refused(str(tmp_path / "some.npz"))


class Trap:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, ("unpickled",)


def test_nothing_is_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("some.npz", x=np.array([[Trap()]] * 20, dtype=object), y=Y)
    refused("some.npz")
    assert not Path("unpickled").exists()


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_a_file_that_cannot_be_read_is_refused_in_a_line(tmp_path: Path, suffix: str) -> None:
    assert "No such file" in refused(str(tmp_path / f"missing{suffix}"))
    (tmp_path / f"folder{suffix}").mkdir()
    refused(str(tmp_path / f"folder{suffix}"))
    garbage = tmp_path / f"garbage{suffix}"
    garbage.write_bytes(bytes(range(256)) * 20)
    refused(str(garbage))
    # a file that breaks off
    np.savez(tmp_path / "whole.npz", x=X, y=Y)
    garbage.write_bytes((tmp_path / "whole.npz").read_bytes()[:300])
    refused(str(garbage))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "some.npz", x=np.zeros((5000, 50)), y=np.zeros(5000))
    monkeypatch.setattr(tables, "MOST_BYTES", 1 << 20)
    assert "too large" in refused(str(tmp_path / "some.npz"))
    assert "1 to 1,048,576" in refused(written(tmp_path / "some.csv", "1,2,3\n" * 200_000))


def test_numbers_of_any_size_are_standardised() -> None:
    for size in (1e300, 1e-300, 1.0):
        x = dataset("x", np.column_stack([X * size, np.full(20, 0.1 * size)]), Y).x
        np.testing.assert_allclose(x[:, :2].std(axis=0), 1.0, rtol=1e-5)
        assert not x[:, 2].any()


@pytest.mark.parametrize("outlier", [1e308, -1e308, 1e160, 1e9])
@pytest.mark.parametrize("size", [1e-300, 1.0])
def test_a_number_far_from_all_others_is_a_few_deviations_away(outlier: float, size: float) -> None:
    x = X * size
    x[7, 1] = outlier
    standardised = dataset("x", x, Y).x
    assert np.isfinite(standardised).all()
    # no number of n is further away than this
    assert np.abs(standardised[:, 1]).max() == pytest.approx(19**0.5, rel=1e-3)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert "not a regular file" in refused(str(tmp_path / "pipe.csv"))


class Looked:
    """A flag that is set once it was looked at so often."""

    def __init__(self, most: int) -> None:
        self.left = most

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_reading_can_be_stopped_at_any_row_and_in_the_midst_of_an_array(tmp_path: Path) -> None:
    lines = written(tmp_path / "a.csv", "\n".join(ROWS))
    arrays = str(tmp_path / "a.npz")
    np.savez(arrays, x=np.zeros((1000, 1000)), y=np.arange(1000) % 3)
    for name, looks in ((lines, len(ROWS)), (arrays, 8), ("digits", 1797)):
        for most in (0, looks // 2, looks - 1):
            with pytest.raises(Cancelled):
                load_data(name, Looked(most))
        assert len(load_data(name, Looked(2 * looks + 20)).y)
