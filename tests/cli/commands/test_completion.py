"""The command `completion`: scripts that are complete, and true of the tables in the code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import Command
from tui_initflow.cli.commands.completion import SHELLS


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
