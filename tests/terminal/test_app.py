"""The installed app in a real terminal: what it shows is what scripts get, and it leaves the terminal as it was."""

from __future__ import annotations

import json
import math
import re
import signal
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.terminal.terminal import ENTER_ALTERNATE, HIDE_CURSOR, LEAVE_ALTERNATE, PROGRAM, SHOW_CURSOR, Terminal
from tui_initflow.findings.notation import factor, scientific

pytestmark = pytest.mark.slow

SIZES = ((80, 24), (120, 40), (200, 60))
SCRIPTS = [
    path for name in ("tui-initflow", "initflow") if (path := Path(sysconfig.get_path("scripts"), name)).exists()
]
BADGE = re.compile(r"(\d\.\d\de[+-]\d\d)\s+(?:NORMAL WINS BY )?(\S+x)(?: in one run)?\s+(\d\.\d\de[+-]\d\d)")


def restored(terminal: Terminal) -> None:
    """The terminal is as the app found it."""
    output = bytes(terminal.output)
    assert output.rfind(LEAVE_ALTERNATE) > output.rfind(ENTER_ALTERNATE) >= 0
    assert output.rfind(SHOW_CURSOR) > output.rfind(HIDE_CURSOR) >= 0
    assert terminal.modes == terminal.modes_before
    assert b"Traceback" not in output


@pytest.fixture(scope="module")
def printed(command: Command) -> Any:
    """What scripts get."""
    return json.loads(command("run", "--json", "--runs", "1", "--seed", "5").stdout)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_the_screen_shows_what_scripts_get(printed: Any, size: tuple[int, int]) -> None:
    a, b = (printed[side]["log10_final"][0] for side in ("a", "b"))
    ratio = printed["comparison"]["log10_ratio"]["mean"]
    assert ratio == pytest.approx(b - a)
    with Terminal(["--no-run", "--seed", "5"], size=size) as terminal:
        terminal.wait_for("press r")
        # once left out of the first paint
        terminal.wait_for(
            lambda text: re.search(r"Layers +10\b.*Neurons +50\b.*Features +64\b", text, re.S) is not None
        )
        terminal.press("r")
        badge = BADGE.search(terminal.wait_for(lambda text: BADGE.search(text) is not None))
        assert badge is not None
        assert badge.groups() == (scientific(a), factor(abs(ratio)), scientific(b))
        # the same numbers without the program's own way of writing them
        assert float(badge[1]) == pytest.approx(10**a, rel=0.006)
        assert float(badge[3]) == pytest.approx(10**b, rel=0.006)
        assert math.log10(float(badge[2].rstrip("x"))) == pytest.approx(abs(ratio), abs=0.003)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


@pytest.mark.skipif(not SCRIPTS, reason="the package is not installed, only on the path")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_installed_command_starts_the_app_and_quits_at_once(script: Path) -> None:
    with Terminal(["--no-run", "--theme", "light"], program=[str(script)], size=(120, 40)) as terminal:
        terminal.wait_for("press r")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


def test_quit_while_computing() -> None:
    heavy = ["--no-run", "--layers", "300", "--neurons", "1000", "--runs", "20000"]
    with Terminal(heavy) as terminal:
        terminal.wait_for("press r")
        terminal.press("R")
        terminal.wait_for(lambda text: re.search(r"runs [\d,]+/|sweep: ", text) is not None)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


def test_a_wider_terminal_is_filled_without_a_key() -> None:
    """Both sizes have the same parts, so that nothing but the size changes."""
    with Terminal(["--no-run"], size=(80, 24)) as terminal:
        terminal.wait_for("press r")
        terminal.resize(100, 30)
        terminal.wait_for(lambda text: len(text.splitlines()[0]) == 99)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_resizing_keeps_the_result() -> None:
    with Terminal(["--no-run", "--seed", "5"], size=(120, 40)) as terminal:
        terminal.wait_for("press r")
        terminal.press("r")
        before = BADGE.search(terminal.wait_for(lambda text: BADGE.search(text) is not None))
        for size in ((60, 15), (200, 60), (80, 24)):
            terminal.resize(*size)
            # a smaller one scrolls, and may show another part
            if size[0] >= 80:
                badge = BADGE.search(terminal.wait_for(lambda text: BADGE.search(text) is not None))
                assert before is not None
                assert badge is not None
                assert badge.groups() == before.groups()
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)


def test_a_bad_setting_never_reaches_the_screen() -> None:
    with Terminal(["--layers", "0"]) as terminal:
        assert terminal.wait_for_exit() == 2
        assert "--layers: '0' is not allowed" in terminal.text
        assert ENTER_ALTERNATE not in terminal.output


def test_ctrl_c_interrupts_a_headless_run() -> None:
    with Terminal(["run", "--runs", "100000", "--csv"]) as terminal:
        terminal.wait_for("runs ")
        terminal.press(b"\x03")
        assert terminal.wait_for_exit() == 130
        assert b"stopped after" in terminal.output
        assert b"Traceback" not in terminal.output


def test_a_hangup_ends_the_app() -> None:
    with Terminal(["--no-run"], program=PROGRAM) as terminal:
        terminal.wait_for("press r")
        terminal.signal(signal.SIGHUP)
        assert terminal.wait_for_exit() != 0
