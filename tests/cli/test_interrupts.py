"""Ctrl+C while modules load, in a destructor and after the end: status 130, and a line at most."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# each case in a fork of a process that has loaded nothing of ours; what it says goes to a file
EACH = """
import json, os, shlex, sys, tempfile
told = []
for prepare, arguments in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            sys.argv = ["tui-initflow", *shlex.split(arguments)]
            exec(prepare)
            from tui_initflow.cli.main import entry
            sys.exit(entry())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        told.append([status, said.read().decode()])
print(json.dumps(told))
"""
WHEN_LOADING = """
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            import signal
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
IN_A_DESTRUCTOR = """
from tui_initflow.lab import registries
class Interrupting:
    def __del__(self):
        import signal
        os.kill(os.getpid(), signal.SIGINT)
def listing_interrupted():
    Interrupting()
    raise AssertionError("the program goes on")
registries.listing = listing_interrupted
"""
AFTER_THE_END = """
import signal, threading
def interrupt():
    threading.main_thread().join()
    # again and again: one that comes just before the interpreter waits for this thread is not seen while it waits
    while True:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(0.01)
threading.Thread(target=interrupt).start()
"""


def ends(*cases: tuple[str, str]) -> list[tuple[int, str]]:
    """The status of each case and what it said."""
    done = subprocess.run([sys.executable, "-c", EACH, json.dumps(cases)], capture_output=True, text=True, check=True)
    return [(status, said) for status, said in json.loads(done.stdout)]


def loading(module: str) -> str:
    return WHEN_LOADING.format(module=module)


def test_an_interrupt_while_modules_load_says_nothing() -> None:
    ours = [
        *(
            ("commands", "list"),
            ("diagnostics", "list"),
            ("settings", "list"),
            ("streams", "list"),
            ("commands.sweep", "--version"),
        ),
        *(
            ("commands.help", "help keys"),
            ("app", "--plain"),
            ("plain", "--plain --no-config"),
            ("commands.train", "train"),
        ),
    ]
    others = [
        *(("tui_initflow.model.settings", "list"), ("tui_initflow.lab.registries", "list"), ("argparse", "list")),
        ("shtab", "completion bash"),
    ]
    every = [*((f"tui_initflow.cli.{module}", arguments) for module, arguments in ours), *others]
    found = ends(*((loading(module), arguments) for module, arguments in every))
    assert dict(zip(every, found, strict=True)) == dict.fromkeys(every, (130, ""))


def test_an_interrupt_while_a_computation_loads_is_answered_in_a_line() -> None:
    every = [
        ("tui_initflow.engine.runs", "run --runs 1"),
        ("tui_initflow.export.data", "run --runs 1 --jsonl"),
        ("tui_initflow.theory.outlook", "theory --layers 1"),
        *(("numpy", "train"), ("numpy.linalg", "train"), ("tui_initflow.training.data", "train")),
    ]
    for (module, arguments), (status, said) in zip(
        every, ends(*((loading(module), arguments) for module, arguments in every)), strict=True
    ):
        assert (status, said.count("\n")) == (130, 1), (module, arguments, said)
        assert "stopped before" in said


def test_an_interrupt_that_nobody_can_catch_ends_the_program() -> None:
    assert ends((IN_A_DESTRUCTOR, "list")) == [(130, "")]


def test_an_interrupt_after_the_end_ends_the_program() -> None:
    (status, said), (failed, told) = ends((AFTER_THE_END, "--version"), (AFTER_THE_END, "run --layers x"))
    assert (status, said.count("\n")) == (130, 1)
    assert (failed, told.count("\n")) == (130, 1)
