"""Where the output goes: files that are written whole or not at all, their formats, and standard output."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK, refused
from tests.conftest import Command

pytestmark = pytest.mark.slow

RUN, THEORY = ("run", *QUICK), ("theory", *QUICK)
SWEEP = ("sweep", "--over", "layers", "--values", "1:3", *QUICK)


def test_a_file_has_the_bytes_of_standard_output(typed: Command, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    done = typed(*RUN, "--json", "-o", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert file.read_text() == typed(*RUN, "--json").stdout
    assert os.listdir(tmp_path) == ["result.json"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~mask


def test_an_existing_file_is_replaced_only_by_force(typed: Command, tmp_path: Path) -> None:
    file = tmp_path / "result"
    file.write_text("mine")
    file.chmod(0o640)
    refused(typed(*RUN, "-o", str(file)), "--output: ", "exists", "--force")
    assert file.read_text() == "mine"
    assert typed(*RUN, "-o", str(file), "--force").returncode == 0
    assert "Gradient at L0" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("command", "name", "option"),
    [
        (RUN, "x.json", "--json"),
        (RUN, "x.JSONL", "--jsonl"),
        (RUN, "x.csv", "--csv"),
        (RUN, "x.runs.csv", "--csv-runs"),
        (RUN, "x.md", "--markdown"),
        (RUN, "x.txt", "--plot"),
        (RUN, "x", "--text"),
        (SWEEP, "x.json", "--json"),
        (SWEEP, "x.runs.csv", "--csv"),
        (SWEEP, "x.md", "--markdown"),
        (SWEEP, "x.txt", "--plot"),
        (THEORY, "x.txt", "--plot"),
        (("list",), "x.txt", "--text"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
def test_the_extension_selects_the_format(
    typed: Command, tmp_path: Path, command: tuple[str, ...], name: str, option: str
) -> None:
    done = typed(*command, "-o", str(tmp_path / name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / name).read_text(encoding="utf-8") == typed(*command, option).stdout


def test_an_option_overrides_the_extension(typed: Command, tmp_path: Path) -> None:
    for name in ("x.json", "x.pdf"):
        assert typed(*RUN, "--csv", "-o", str(tmp_path / name)).returncode == 0
        assert (tmp_path / name).read_text().startswith("side,method")


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        ("run", "x.jsn", ["unknown format '.jsn'", ".json, .jsonl, .csv, .runs.csv, .md, .txt", "--json"]),
        ("theory", "x.csv", ["one of .json, .txt"]),
        ("check", "x.md", ["one of .json, .txt"]),
    ],
)
def test_an_unknown_extension_is_refused(
    typed: Command, tmp_path: Path, command: str, name: str, words: list[str]
) -> None:
    refused(typed(command, "-o", str(tmp_path / name)), "--output: ", *words)
    assert not os.listdir(tmp_path)


def test_a_link_is_followed(typed: Command, tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    assert typed(*RUN, "-o", str(link), "--force").returncode == 0
    assert link.is_symlink()
    assert "Gradient at L0" in file.read_text()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("missing/result.json", "folder does not exist"),
        (".", "folder"),
        ("x/", "is a folder"),
        ("", "not a valid file name"),
        ("x" * 300, ""),
    ],
    ids=["missing", "folder", "slash", "empty", "long"],
)
def test_a_path_that_cannot_be_written_is_refused(typed: Command, tmp_path: Path, name: str, word: str) -> None:
    refused(typed(*RUN, "-o", f"{tmp_path}/{name}" if name else ""), "--output: ", word)


def test_a_folder_without_permission_is_refused(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # simulated, because root may write to any folder
    monkeypatch.setattr(os, "access", lambda *_: False)
    refused(typed(*RUN, "-o", str(tmp_path / "result.json")), "--output: ", "no permission")
    assert not os.listdir(tmp_path)


def test_a_write_that_fails_leaves_nothing_behind(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", fail)
    done = typed(*RUN, "-o", str(tmp_path / "result.json"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "permission denied" in done.stderr
    assert not os.listdir(tmp_path)


def test_a_device_is_written_to(typed: Command) -> None:
    assert typed(*RUN, "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()


def test_a_pipe_that_a_shell_names_is_written_to(typed: Command) -> None:
    reader, writer = os.pipe()
    with open(reader) as read, open(writer, "w"):
        assert typed(*RUN, "-o", f"/dev/fd/{writer}").returncode == 0
        assert read.readline().startswith("Uniform vs Normal: 3 layers")


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_has_names(typed: Command, name: str) -> None:
    assert typed(*RUN, "-o", name).stdout == typed(*RUN).stdout


def test_runs_in_a_file_are_those_that_are_streamed(typed: Command, tmp_path: Path) -> None:
    arguments = ("run", "--runs", "300", "--jsonl")
    streamed = typed(*arguments).stdout
    assert typed(*arguments, "-o", str(tmp_path / "x")).returncode == 0
    assert (tmp_path / "x").read_text() == streamed
    assert streamed.count("\n") == 300


@pytest.mark.parametrize("arguments", ["run --json", "--help"])
def test_a_closed_pipe_ends_quietly(arguments: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tui_initflow", *arguments.split()],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_a_locale_without_the_characters_gets_others(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    plot = command(*RUN, "--plot")
    assert plot.stderr == ""
    assert plot.stdout.isascii()
    assert "** Uniform  oo Normal" in plot.stdout
    report = command(*RUN, "--markdown")
    assert (report.returncode, report.stderr) == (0, "")
    assert report.stdout.isascii()
