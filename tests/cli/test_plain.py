"""`--plain`: what the app can do, a command and a statement a line, through a pipe."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK, refused
from tests.conftest import Command
from tests.export.writing import to_json
from tui_initflow.cli import plain
from tui_initflow.cli.plain import BY_WORD, ENDINGS, LINES, Conversation, converse
from tui_initflow.engine.runs import simulate
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.summary import summarise
from tui_initflow.lab.session import Session
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.training import TrainingSettings

SMALL = Experiment(layers=3, neurons=5, features=4, runs=6)


def told(*lines: str) -> list[str]:
    """What is said to these lines."""
    said: list[str] = []
    talk = Conversation(Session(SMALL), said.append)
    for line in lines:
        assert talk.answer(line)
    return said


@pytest.fixture
def piped(typed: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The lines typed, on a pipe into the app without a screen."""

    def run(*lines: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return typed("--plain", "--no-config", *QUICK, "--runs", "6")

    return run


def test_the_numbers_are_those_of_the_engine(piped: Command) -> None:
    done = piped("R", "r")
    assert (done.returncode, done.stderr) == (0, "")
    for runs in (6, 7):
        summary = summarise(simulate(SMALL.with_(runs=runs)))
        for method in summary.methods:
            assert f"{method.name}: {scientific(method.final)} of the gradient is left at L0." in done.stdout
        assert f"Measured: geometric mean of {runs} runs." in done.stdout


def test_every_command_answers_in_statements_of_plain_characters() -> None:
    said: list[str] = []

    def commands() -> Iterator[str]:
        yield from ("format fp16", "R")
        for row in LINES:
            before = len(said)
            yield row.words[0]
            assert len(said) > before, row
            # what takes an argument asks for it
            assert said[-1].startswith("Refused: ") == bool(row.argument), row
        yield ENDINGS[0]
        raise AssertionError("asked for more after the end")

    session = Session(SMALL)
    session.change_training(TrainingSettings(steps=20, lr=0.1), 2)
    converse(session, commands(), said.append)
    for line in said:
        assert line.isascii()
        assert line.isprintable()
        assert "  " not in line
        assert line.endswith(".") or line.startswith("tui-initflow --"), line


def test_the_commands_are_listed() -> None:
    listed = told("?")
    assert len(listed) >= len(LINES)
    for row in LINES:
        assert f"{', '.join(row.words)}{row.argument}: {row.help}." in listed


def test_a_changed_setting_runs_again() -> None:
    said = told("R", "layers 5")
    assert "Running 6 runs." in said[said.index(next(line for line in said if "5 layers" in line)) :]
    assert told("LAYERS 5") == ["Unknown command 'LAYERS'. ? lists the commands."]
    assert any("5 layers" in line for line in told("--layers=5"))
    assert told("layers 3") == ["Nothing has changed."]
    assert told("runs 50") == ["Runs: 50."]
    assert any("Uniform ×1.73 vs Normal" in line for line in told("gain-a critical"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("layers 0", ["layers", "0 is not allowed", "1 to 1000"]),
        ("a nonsense", ["nonsense"]),
        ("runs many", ["runs", "1 to 100000"]),
        ("sweep", ["sweep needs one of layers, neurons, features"]),
        ("preset x", ["preset needs one of demo"]),
        ("why", ["nothing has run yet"]),
        ("e x.json", ["nothing has run yet"]),
    ],
)
def test_what_is_refused_is_told_in_a_line(line: str, words: list[str]) -> None:
    (said,) = told(line)
    assert said.startswith("Refused: ")
    for word in words:
        assert word in said


def test_a_setting_alone_tells_its_value_and_range() -> None:
    assert told("layers") == ["Layers: 3. Allowed: a whole number from 1 to 1000."]
    assert told("runs")[0].startswith("Runs: 6.")
    assert told("widths")[0].startswith("Widths: not set.")
    assert told("", "  ") == []


def test_a_sweep_has_a_line_for_each_value() -> None:
    said = told("sweep features")
    assert [
        re.match(r"Features \d+: (\S+ is larger by |no significant difference)", line) is not None for line in said
    ] == [True] * len(said)
    assert len(said) >= 9


def test_results_are_written_once(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    said = told("R", f"e {path}", f"e {path}", f"e {tmp_path}/x.pdf")
    assert path.read_text() == to_json(simulate(SMALL))
    assert said[-3] == f"Wrote {path}."
    assert "file exists" in said[-2]
    assert "unknown format" in said[-1]


def test_progress_is_announced_in_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(line.startswith("Runs: ") for line in told("R"))
    monkeypatch.setattr(plain, "PROGRESS_EVERY", 0.0)
    assert "Runs: 6 of 6." in told("R")


def test_words_mean_one_thing() -> None:
    words = [*(word for row in LINES for word in row.words), *ENDINGS]
    assert len(words) == len(set(words))
    assert not set(words) & SETTINGS.keys()
    assert BY_WORD.keys() <= set(words)


def test_it_is_not_recorded(typed: Command, tmp_path: Path) -> None:
    refused(typed("--plain", "--no-config", "--record", str(tmp_path / "x.cast")), "--record: ", "--plain")
    assert not any(tmp_path.iterdir())


def test_lines_come_as_they_are_said_and_no_screen_is_loaded() -> None:
    """Over a pipe that stays open, an answer arrives before the next line is asked."""
    program = "import sys; from tui_initflow.cli.main import main; main(sys.argv[1:]); print('textual' in sys.modules)"
    arguments = [sys.executable, "-c", program, "--plain", "--no-config", *QUICK]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"neurons\xff\n")
        process.stdin.flush()
        while b"Unknown command" not in process.stdout.readline():
            pass
        rest, _ = process.communicate(b"q\n")
        assert rest == b"False\n"
