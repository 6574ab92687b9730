"""The traceback of an error is kept, or the reason why it could not be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_initflow.storage.files import LARGEST_LOG, LOG, record


def failure(message: str) -> Exception:
    try:
        raise RuntimeError(message)
    except RuntimeError as error:
        return error


def test_tracebacks_are_appended(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    clauses = [record(failure(message), folder) for message in ("one", "two")]
    assert clauses == [f"the traceback is in {folder / LOG}"] * 2
    text = (folder / LOG).read_text()
    assert text.index("RuntimeError: one") < text.index("RuntimeError: two")
    assert "in failure" in text


def test_a_traceback_with_a_name_that_is_no_text_is_kept(tmp_path: Path) -> None:
    assert record(failure(os.fsdecode(b"no \xff")), tmp_path) == f"the traceback is in {tmp_path / LOG}"
    assert "no \\udcff" in (tmp_path / LOG).read_text()


def test_a_pipe_in_place_of_the_log_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOG)
    assert record(failure("message"), tmp_path).startswith("the traceback could not be written: ")


def test_the_log_starts_over_when_it_is_large(tmp_path: Path) -> None:
    (tmp_path / LOG).write_text("x" * (LARGEST_LOG + 1))
    record(failure("newest"), tmp_path)
    assert len((tmp_path / LOG).read_text()) < LARGEST_LOG


@pytest.mark.parametrize("place", ["a file", "/dev/null"])
def test_a_log_that_cannot_be_written_raises_nothing(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").touch()
    assert record(failure("message"), tmp_path / place).startswith("the traceback could not be written: ")
