"""What charts may use on standard output and in a file."""

from __future__ import annotations

import io
import os
import sys

import pytest

from tui_initflow.charts.cells import Style, one_of_256, true_colour
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.cli import capabilities
from tui_initflow.export.render import Terminal


class Stream(io.TextIOWrapper):
    """A standard output with an encoding, which is a terminal or not."""

    def __init__(self, tty: bool, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain terminal, wherever the tests run."""
    for name in ("NO_COLOR", "COLORTERM", "COLORFGBG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize(
    ("tty", "variables", "choice", "coloured"),
    [
        (True, {}, "auto", True),
        (False, {}, "auto", False),
        (True, {"NO_COLOR": "1"}, "auto", False),
        (True, {"NO_COLOR": ""}, "auto", True),
        (True, {"TERM": "dumb"}, "auto", False),
        (True, {}, "never", False),
        (True, {"NO_COLOR": "1"}, "always", True),
        (False, {"NO_COLOR": "1", "TERM": "dumb"}, "always", True),
    ],
)
def test_the_command_line_then_the_environment_then_the_terminal_decide_on_colours(
    monkeypatch: pytest.MonkeyPatch, tty: bool, variables: dict[str, str], choice: str, coloured: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tty))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (capabilities.terminal(sys.stdout, choice).colours is not None) is coloured


@pytest.mark.parametrize(
    ("colorterm", "encoding"), [("truecolor", true_colour), ("24bit", true_colour), ("", one_of_256)]
)
def test_colorterm_says_how_many_colours_there_are(
    monkeypatch: pytest.MonkeyPatch, colorterm: str, encoding: object
) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tty=True))
    monkeypatch.setenv("COLORTERM", colorterm)
    assert capabilities.terminal(sys.stdout, "auto").colours is encoding


@pytest.mark.parametrize(
    ("told", "palette"), [("", DARK), ("15;0", DARK), ("0;15", LIGHT), ("0;default;7", LIGHT), ("x", DARK)]
)
def test_colorfgbg_says_whether_the_background_is_light(
    monkeypatch: pytest.MonkeyPatch, told: str, palette: object
) -> None:
    monkeypatch.setenv("COLORFGBG", told)
    assert capabilities.terminal(sys.stdout, "never").palette is palette


@pytest.mark.parametrize(
    ("columns", "width"), [("", 80), ("120", 120), ("0", 80), ("-3", 80), ("x", 80), ("²", 80), ("9" * 30, 1000)]
)
def test_without_a_terminal_columns_says_the_width(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tty=False))
    monkeypatch.setenv("COLUMNS", columns)
    assert capabilities.terminal(sys.stdout, "auto").width == width
    assert capabilities.terminal(None, "auto").width == width


def test_on_a_terminal_its_width_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tty=True))
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((133, 40)))
    assert capabilities.terminal(sys.stdout, "auto").width == 133
    assert capabilities.terminal(None, "auto").width == 80


@pytest.mark.parametrize(("encoding", "unicode"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_an_encoding_without_the_characters_gets_ascii(
    monkeypatch: pytest.MonkeyPatch, encoding: str, unicode: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tty=True, encoding=encoding))
    assert capabilities.terminal(sys.stdout, "auto").unicode is unicode
    assert capabilities.terminal(None, "auto").unicode


def test_a_closed_standard_output_is_not_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert capabilities.terminal(sys.stdout, "auto") == Terminal()


def test_ascii_is_as_wide_as_the_original() -> None:
    picture = ((("█ σ … x", Style("#ffffff", DARK.band_a)), ("▀", Style(DARK.band_a, None))),)
    for colours in (None, true_colour):
        text = Terminal(8, colours, DARK.in_ascii).text(picture)
        assert text.isascii()
    assert len(Terminal(8, None, DARK.in_ascii).text(picture)) == 8
