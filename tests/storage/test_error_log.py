"""The traceback of a failure can be found, or why it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_initflow.storage.error_log import LARGEST, NAME, record


def failure(what: str) -> Exception:
    try:
        raise RuntimeError(what)
    except RuntimeError as error:
        return error


def test_failures_are_appended(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    said = [record(failure(what), folder) for what in ("one", "two")]

    assert said == [f"the traceback is in {folder / NAME}"] * 2
    text = (folder / NAME).read_text()
    assert text.index("RuntimeError: one") < text.index("RuntimeError: two")
    assert "in failure" in text


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("x" * (LARGEST + 1))
    record(failure("newest"), tmp_path)

    assert len((tmp_path / NAME).read_text()) < LARGEST


@pytest.mark.parametrize("place", ["a file", "/dev/null"])
def test_a_log_that_cannot_be_written_is_no_failure(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").touch()

    assert record(failure("what"), tmp_path / place).startswith("the traceback could not be written: ")
