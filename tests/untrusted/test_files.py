"""Only a regular file is opened, and nothing else is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_initflow.untrusted import open_regular, size_of


def refusal(path: Path) -> str:
    try:
        open_regular(path).close()
    except OSError as error:
        return str(error.strerror)
    raise AssertionError(f"{path} was opened")


def test_a_regular_file_is_read_through_a_link_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file:
            assert (size_of(file), file.read()) == (7, b"content")


def test_nothing_else_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(tmp_path / "pipe") == "not a regular file"
    assert refusal(Path("/dev/zero")) == "not a regular file"
    assert refusal(tmp_path) == "is a folder"
    assert refusal(tmp_path / "none") == "No such file or directory"
    assert "symbolic links" in refusal(tmp_path / "loop")
    assert refusal(Path("a\0b")) == "not a valid file name"
    assert refusal(Path("a" * 5000)) == "File name too long"


def test_what_becomes_a_pipe_meanwhile_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    plain = os.open
    monkeypatch.setattr(os, "open", lambda path, flags: plain(tmp_path / "pipe", flags))
    assert refusal(tmp_path / "file") == "not a regular file"
