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


def loaded_by(*commands: str) -> set[str]:
    """The top-level packages that these commands have imported, one after the other in one process."""
    script = (
        "import shlex, sys\n"
        "from tui_initflow.cli.main import main\n"
        "for command in sys.argv[1:]:\n"
        "    try:\n"
        "        main(shlex.split(command))\n"
        "    except SystemExit as exit:\n"
        "        assert not exit.code\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *commands], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    helps = ("--help", "--version", "run --help", "sweep --help")
    topics = ("help", *(f"help {topic}" for topic in ("settings", "json", "commands", "accessibility")))
    loaded = loaded_by(*helps, "code", "code --preset skips", *topics)
    assert not loaded & {"numpy", "textual", "rich", "plotext", "tomllib"}


def test_headless_imports_no_user_interface() -> None:
    runs = ("run --layers 2", *(f"run --layers 2 --{kind}" for kind in ("json", "csv", "jsonl")))
    loaded = loaded_by(*runs, "sweep --over layers --values 1,2 --json", "theory --layers 2")
    assert "numpy" in loaded
    assert not loaded & {"textual", "rich", "plotext"}


def test_charts_without_the_app_load_no_user_interface() -> None:
    loaded = loaded_by("run --plot --layers 2", "run --markdown --layers 2", "theory --plot --layers 2")
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
