"""Imports point downwards, and nothing heavy is imported before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui_initflow

PACKAGE = Path(tui_initflow.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))

# what each part must not know, as prefixes of module names
COMMAND_LINE = (
    "cli",
    "options",
    "output",
    "progress",
    "failure",
    "export",
    "terminal",
    "plots",
    "writers",
    "completion",
)
FORBIDDEN = {
    "engine": ("ui", "views", "charts", "theory", "summary", "claims", "statistics", *COMMAND_LINE),
    "theory": ("ui", "views", "charts", "summary", *COMMAND_LINE),
    "charts": ("ui", "views", "summary", "claims", *COMMAND_LINE),
    "views": ("ui", *COMMAND_LINE),
    "ui": ("cli", "options", "progress"),
}
DRAWING = "plotext"
SCREEN = ("textual", "rich")


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_point_downwards(path: Path) -> None:
    forbidden = [f"tui_initflow.{name}" for name in FORBIDDEN.get(path.parts[0], ("ui",))]
    if path.name == "cli.py":
        forbidden.remove("tui_initflow.ui")
    wrong = [module for module in imported(path) for name in forbidden if within(module, name)]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_ui_knows_textual_and_only_the_adapter_plotext(path: Path) -> None:
    modules = list(imported(path))
    if path.parts[0] != "ui":
        assert not [module for module in modules for name in SCREEN if within(module, name)]
    if path.as_posix() != "charts/plotext_adapter.py":
        assert not [module for module in modules if within(module, DRAWING)]


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] == "ui"], ids=str)
def test_the_ui_does_no_arithmetic_on_arrays(path: Path) -> None:
    assert not [module for module in imported(path) if within(module, "numpy")]


def loaded_by(*arguments: str) -> set[str]:
    """Top-level packages in memory after the command has run."""
    script = (
        "import sys\n"
        "from tui_initflow.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as exit:\n"
        "    assert not exit.code\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["sweep", "--help"]])
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


@pytest.mark.parametrize("module", ["tui_initflow", "tui_initflow.ui.app"])
def test_the_first_paint_waits_for_no_numbers(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"numpy", "plotext"} & set(done.stdout.split())


def test_the_library_is_documented_and_typed() -> None:
    assert {"Experiment", "simulate", "sweep"} < set(tui_initflow.__all__) <= set(dir(tui_initflow))
    for name in set(tui_initflow.__all__) - {"__version__"}:
        found = getattr(tui_initflow, name)
        assert len(found.__doc__) > 40
        assert found.__module__.startswith("tui_initflow.")
    assert (PACKAGE / "py.typed").exists()


def test_the_readme_s_library_example_works() -> None:
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("uniform -")
    assert done.stderr == ""
