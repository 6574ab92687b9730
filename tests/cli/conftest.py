"""What tests of the command line share: running it in this process, and what a refusal looks like."""

from __future__ import annotations

import subprocess

import pytest

from tests.conftest import Command
from tui_initflow.cli.main import main

QUICK = ("--layers", "3", "--neurons", "5", "--features", "4")


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command without a process around it."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            status: object = main(arguments)
        except SystemExit as exit_:
            status = exit_.code
        assert isinstance(status, int)
        captured = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, captured.out, captured.err)

    return run


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 2, nothing on standard output, and one short line with these words on standard error."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith("\n")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 400
    for word in words:
        assert word in done.stderr
