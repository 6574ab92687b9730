"""Each private name of Textual may go: the app then runs on plain Textual, with more bytes and nothing broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.terminal import renamed
from tests.terminal.terminal import Terminal
from tests.terminal.test_app import BADGE, restored

pytestmark = pytest.mark.slow

NAMES = (
    *("ChopsUpdate", "LayoutUpdate", "CompositorUpdate", "render_segments"),
    *("strips", "region", "chops", "spans", "chop_ends"),
    *("_display", "_batch_count", "_driver", "_file"),
    *("_enable_mouse_support", "_mouse"),
)


@pytest.mark.parametrize("names", (NAMES[first::3] for first in range(3)), ids=",".join)
def test_the_app_runs_without(names: tuple[str, ...], tmp_path: Path) -> None:
    """Five at a time, of different things: a process takes a second."""
    program = [sys.executable, renamed.__file__, ",".join(names)]
    with Terminal(["--no-run", "--seed", "5"], program=program, directory=tmp_path) as terminal:
        terminal.wait_for("press r")
        terminal.press("r")
        terminal.wait_for(lambda text: BADGE.search(text) is not None)
        terminal.press("2")
        terminal.wait_for("healthy")
        terminal.press("e")
        terminal.wait_for("initflow.md")
        terminal.press("\x15")
        terminal.wait_for(lambda text: "initflow.md" not in text)
        terminal.press("x.screen.txt\r")
        terminal.wait_for("wrote")
        assert BADGE.search((tmp_path / "x.screen.txt").read_text(encoding="utf-8"))
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        restored(terminal)
