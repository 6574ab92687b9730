"""The help, the completion scripts and the README: complete, and true of the tables in the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Command
from tui_initflow import __version__
from tui_initflow.cli.described import experiment_of
from tui_initflow.cli.destination import format_of
from tui_initflow.cli.diagnostics import STATUSES
from tui_initflow.cli.options import SHELLS, parsers
from tui_initflow.export.formats import FORMATS
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import Whole

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r'(?m)^ +(?:eval "\$\()?tui-initflow([^#|>)\n]*)')


def rows_of(heading: str) -> list[tuple[str, ...]]:
    """The rows of the README's table under a heading, without backquotes."""
    section = README.partition(f"# {heading}\n")[2].partition("\n#")[0]
    lines = [line[2:-2].replace("`", "") for line in section.splitlines() if line.startswith("| ")]
    return [tuple(line.split(" | ")) for line in lines[2:]]


def test_the_version(typed: Command) -> None:
    done = typed("--version")
    assert (done.returncode, done.stdout) == (0, f"tui-initflow {__version__}\n")


@pytest.mark.parametrize("command", [[], ["run"], ["sweep"]], ids=str)
def test_the_help_has_examples_and_every_limit(typed: Command, command: list[str]) -> None:
    done = typed(*command, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    text = " ".join(done.stdout.split())
    for setting in SETTINGS.values():
        assert f"{setting.flag} {setting.kind.metavar} {setting.meaning}" in text
        if isinstance(setting.kind, Whole):
            assert setting.kind.allowed in text


def test_every_example_of_the_help_is_understood(typed: Command) -> None:
    for command in ([], *([name] for name in parsers().commands)):
        done = typed(*command, "--help")
        assert done.returncode == 0
        examples = EXAMPLE.findall(done.stdout.partition("examples:\n")[2])
        assert examples
        for example in examples:
            parsers().app.parse_args(example.split())


def test_every_command_of_the_readme_is_understood() -> None:
    commands = re.findall(r"(?m)^tui-initflow ([^#|\n]*)", README)
    assert len(commands) >= 10
    for command in commands:
        options = parsers().app.parse_args(command.split())
        format_of(options)
        experiment_of(options)


def test_the_readme_has_the_settings_as_the_help_has_them() -> None:
    group = next(group for group in parsers().app._action_groups if group.title == "experiment")
    options = [(f"{option.option_strings[0]} {option.metavar}", option.help) for option in group._group_actions]
    assert rows_of("Settings") == options


def test_the_readme_has_every_format() -> None:
    assert rows_of("Formats and files") == [
        (row.flag, row.extension, row.meaning, ", ".join(row.commands))
        if row.commands
        else ("—", row.extension, row.meaning, "the app")
        for row in FORMATS.values()
    ]


def test_the_readme_and_the_help_have_every_exit_status(typed: Command) -> None:
    rows = [(str(status), meaning) for status, meaning in STATUSES.items()]
    assert rows_of("Exit status") == rows
    section = typed("--help").stdout.partition("exit status:\n")[2].partition("\n\n")[0]
    assert [tuple(line.split(maxsplit=1)) for line in section.splitlines()] == rows


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_has_commands_options_and_names(typed: Command, shell: str) -> None:
    done = typed("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("sweep", "--over", "neurons", "--csv-runs", "glorot-uniform", "gelu"):
        assert word in done.stdout


def test_bash_completes_a_name(typed: Command) -> None:
    script = typed("completion", "bash").stdout + (
        'COMP_WORDS=(tui-initflow sweep --a glorot-) COMP_CWORD=3\n_shtab_tui_initflow\necho "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["glorot-uniform", "glorot-normal"]


def test_completion_without_its_package_says_what_to_install(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    done = typed("completion", "bash")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "tui-initflow completion: needs the extra 'completion': pip install 'tui-initflow[completion]'\n"
    )
