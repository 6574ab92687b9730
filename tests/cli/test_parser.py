"""The parsers, and the help that they print: complete, and true of the tables in the code."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Command
from tui_initflow import __version__
from tui_initflow.cli.commands import COMMANDS, parsers
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


def test_a_line_asks_for_the_options_of_its_command_alone() -> None:
    every = parsers()
    assert every[None].parse_args(["run", "--layers", "3"]).layers == 3
    assert [name for name, parser in every.items() if parser.takes("layers")] == [None, "run"]
    assert every["sweep"].with_options().takes("layers")
