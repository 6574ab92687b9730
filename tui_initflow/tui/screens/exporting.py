"""Taking what is on screen elsewhere: into a file, or into the clipboard of the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui_initflow.tui import workers as jobs

if TYPE_CHECKING:
    from tui_initflow.engine.results import Results
    from tui_initflow.tui.screens.main import MainScreen


def export(screen: MainScreen) -> None:
    """Ask for a file and write the results or the screen to it."""
    from tui_initflow.tui.screens.export import ExportScreen, suffix_of
    from tui_initflow.tui.terminal.capture import screen_svg, screen_text

    def named(path: Path | None) -> None:
        suffix = None if path is None else suffix_of(path)
        if path is None or suffix is None:
            return
        capture = {".svg": screen_svg, ".txt": screen_text}.get(suffix)
        if capture is not None:
            # the question has to be gone from the screen that is captured
            screen.call_after_refresh(_write_capture, screen, path, capture)
        elif screen.results is None:
            screen.refuse("nothing to write yet: press r")
        else:
            _write(screen, path, partial(_written, suffix, screen.results))

    screen.app.push_screen(ExportScreen("initflow.md"), named)


def _write_capture(screen: MainScreen, path: Path, capture: Callable[[MainScreen], str]) -> None:
    captured = capture(screen)
    _write(screen, path, lambda: captured)


def _write(screen: MainScreen, path: Path, text: Callable[[], str]) -> None:
    screen.say(f"writing {path.name}")
    screen.exports.start(partial(jobs.export_job, screen.post_message, path, text))


def _written(suffix: str, results: Results) -> str:
    # loaded in the thread that writes
    from tui_initflow.export.markdown import run_markdown
    from tui_initflow.export.text import run_csv, run_csv_by_run, run_json

    writers = {".json": run_json, ".runs.csv": run_csv_by_run, ".csv": run_csv, ".md": run_markdown}
    return writers[suffix](results)


def copy_torch_line(screen: MainScreen) -> None:
    """The line of PyTorch that draws the focused method's weights, as advised where there is advice."""
    from tui_initflow.findings.advice import advise
    from tui_initflow.findings.torch_line import torch_line

    index = 0 if screen.focused_method == "a" else 1
    line = torch_line(screen.experiment.initialisers[index])
    if screen.summary is not None and screen.summary.theory is not None:
        portrait = screen.summary.methods[index].portrait
        line = advise(screen.experiment, portrait, screen.summary.theory[index]).torch_line
    _copy(screen, line)


def copy_command(screen: MainScreen) -> None:
    """The command that starts the app with these settings, and with `run` prints the same numbers."""
    from tui_initflow.export.command_line import command_line

    runs = screen.many if screen.results is None else screen.results.runs
    _copy(screen, command_line(replace(screen.experiment, runs=runs)))


def _copy(screen: MainScreen, text: str) -> None:
    screen.app.copy_to_clipboard(text)
    screen.notify(text, title="Copied", markup=False)
