"""Recordings: played in a terminal, they show what the app showed; nothing is overwritten or left half written."""

from __future__ import annotations

import json
from pathlib import Path

import pyte
import pytest

from tests.terminal.terminal import Terminal
from tui_initflow.cli.main import main
from tui_initflow.tui.terminal.recording import Recording


def played(cast: Path) -> pyte.Screen:
    """What a terminal shows that has played a recording."""
    header, *lines = cast.read_text(encoding="utf-8").splitlines()
    described = json.loads(header)
    screen = pyte.Screen(described["width"], described["height"])
    stream = pyte.Stream(screen)
    before = 0.0
    for line in lines:
        seconds, kind, data = json.loads(line)
        assert seconds >= before
        before = seconds
        if kind == "r":
            columns, rows = map(int, data.split("x"))
            screen.resize(rows, columns)
        else:
            assert kind == "o"
            stream.feed(data)
    return screen


@pytest.mark.slow
def test_a_recording_plays_what_was_on_the_screen(tmp_path: Path) -> None:
    cast = tmp_path / "session.cast"
    with Terminal(["--no-config", "--no-run", "--record", str(cast)], size=(80, 24)) as terminal:
        terminal.wait_for("press r")
        terminal.press("r")
        terminal.wait_for("in one run")
        terminal.resize(100, 30)
        # the title is as wide as the terminal
        terminal.wait_for(lambda text: len(text.splitlines()[0]) > 90)
        terminal.press("2")
        terminal.wait_for(lambda text: "factor" in text and "sweep:" not in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        screen, shown = played(cast), terminal.screen
        assert screen.display == shown.display
        assert "factor" in "".join(screen.display)
        # colours and attributes too
        for y in range(30):
            assert [screen.buffer[y][x] for x in range(100)] == [shown.buffer[y][x] for x in range(100)]
    header, *events = map(json.loads, cast.read_text(encoding="utf-8").splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    assert header["env"] == {"TERM": "xterm-256color"}
    assert [data for _, kind, data in events if kind == "r"] == ["100x30"]
    # who plays it gets no mouse reports, and is asked nothing
    assert not any(mode in data for _, _, data in events for mode in ("[?1000h", "[?1002h", "$p", "[?1004h"))


def test_lines_are_whole_whenever_the_app_ends(tmp_path: Path) -> None:
    cast = tmp_path / "session.cast"
    recording = Recording(cast, (80, 24), "xterm")
    recording.sent("L0 \x1b[31m⣿\x1b[?1003h\x1b]52;c;c2VjcmV0\x07")
    recording.resized((80, 24))
    recording.resized((90, 24))
    recording.sent("\x1b[?2026$p")
    # nothing is closed: it is in the file already
    _, *events = map(json.loads, cast.read_text(encoding="utf-8").splitlines())
    assert [event[1:] for event in events] == [["o", "L0 \x1b[31m⣿"], ["r", "90x24"]]
    recording.close()


def test_a_full_disk_ends_the_recording_and_not_the_app() -> None:
    recording = Recording(Path("/dev/full"), (80, 24), "xterm")
    recording.sent("lost")
    assert "no space" in recording.problem


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    cast = tmp_path / "session.cast"
    cast.write_text("mine")
    with pytest.raises(FileExistsError):
        Recording(cast, (80, 24), "xterm")
    assert cast.read_text() == "mine"
    with Terminal(["--no-config", "--no-run", "--record", str(cast)]) as terminal:
        assert terminal.wait_for_exit() == 2
        assert "--record: " in terminal.text
        assert "file exists; --force overwrites it" in terminal.text.replace("\n", "")
    Recording(cast, (80, 24), "xterm", replace=True).close()
    assert json.loads(cast.read_text())["version"] == 2


def test_commands_are_not_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--record", "x.cast", "run"])
    assert "--record: only the app is recorded" in capsys.readouterr().err
