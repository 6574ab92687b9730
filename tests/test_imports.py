"""Nothing heavy is imported before it is needed; the library does what its documentation says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tui_initflow

pytestmark = pytest.mark.slow

PACKAGE = Path(tui_initflow.__file__).parent


def loaded_by(*arguments: str) -> set[str]:
    """The top-level packages that the command has imported."""
    script = (
        "import sys\n"
        "from tui_initflow.cli.main import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as exit:\n"
        "    assert not exit.code\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["--version"], ["run", "--help"], ["sweep", "--help"]),
        *(["code"], ["code", "--preset", "skips"]),
        *(["help"], ["help", "settings"], ["help", "json"], ["help", "commands"], ["help", "accessibility"]),
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not loaded_by(*arguments) & {"numpy", "textual", "rich", "plotext"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--json", "--layers", "2"],
        ["run", "--csv", "--layers", "2"],
        ["run", "--layers", "2"],
        ["run", "--jsonl", "--layers", "2"],
        ["sweep", "--over", "layers", "--values", "1,2", "--json"],
        ["theory", "--layers", "2"],
    ],
)
def test_headless_imports_no_user_interface(arguments: list[str]) -> None:
    loaded = loaded_by(*arguments)
    assert "numpy" in loaded
    assert not loaded & {"textual", "rich", "plotext"}


@pytest.mark.parametrize("arguments", [["run", "--plot"], ["run", "--markdown"], ["theory", "--plot"]])
def test_charts_without_the_app_load_no_user_interface(arguments: list[str]) -> None:
    loaded = loaded_by(*arguments, "--layers", "2")
    assert "plotext" in loaded
    assert not loaded & {"textual", "rich"}


@pytest.mark.parametrize("module", ["tui_initflow", "tui_initflow.tui.app", "tui_initflow.tui.screens.story"])
def test_the_first_paint_waits_for_neither_numpy_nor_plotext(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"numpy", "plotext"} & set(done.stdout.split())


def test_the_library_is_documented_and_typed() -> None:
    assert {"Experiment", "simulate", "sweep"} < set(tui_initflow.__all__) <= set(dir(tui_initflow))
    for name in set(tui_initflow.__all__) - {"__version__"}:
        member = getattr(tui_initflow, name)
        assert len(member.__doc__) > 40
        assert member.__module__.startswith("tui_initflow.")
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.parametrize("page", ["README.md", "tui_initflow/docs/library.md"])
def test_the_examples_of_the_library_work(page: str) -> None:
    text = (PACKAGE.parent / page).read_text(encoding="utf-8")
    examples = re.findall(r"(?s)```python\n(.*?)```", text)
    assert examples
    done = subprocess.run([sys.executable, "-c", "\n".join(examples)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("uniform -")
    assert done.stderr == ""


def test_the_map_names_only_what_exists() -> None:
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([a-z_/]+(?:\.py|/))`", text):
        assert any((folder / name).exists() for folder in (PACKAGE, PACKAGE.parent)), name
