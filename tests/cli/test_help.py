"""The help of commands and the completion scripts: complete, and true of the tables in the code."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conftest import Command
from tui_initflow import __version__
from tui_initflow.cli.commands import COMMANDS, parsers
from tui_initflow.cli.commands.completion import SHELLS
from tui_initflow.cli.diagnostics import STATUSES
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.settings import Whole

EXAMPLE = re.compile(r'(?m)^ +(?:eval "\$\()?tui-initflow([^#|>)\n]*)')


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
    for command in ([], *([name] for name in COMMANDS)):
        done = typed(*command, "--help")
        assert done.returncode == 0
        examples = EXAMPLE.findall(done.stdout.partition("examples:\n")[2])
        assert examples
        for example in examples:
            parsers()[None].parse_args(example.split())


def test_the_help_has_every_exit_status(typed: Command) -> None:
    section = " ".join(typed("--help").stdout.partition("exit status:\n")[2].partition("\n\n")[0].split())
    assert section == " ".join(f"{status} {meaning}" for status, meaning in STATUSES.items())


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_has_commands_options_and_names(typed: Command, shell: str) -> None:
    done = typed("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("sweep", "--over", "neurons", "--csv-runs", "glorot-uniform", "gelu", "checkpoints", "train-map"):
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
