"""The command `story`: the app, or the hand-out."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import refused
from tests.conftest import Command
from tests.story.played import brief, briefly
from tui_initflow.cli.commands import parsers
from tui_initflow.cli.settings import experiment_of
from tui_initflow.story import outcome
from tui_initflow.story.steps import STEPS, SUGGESTIONS

BRIEF = tuple(map(brief, STEPS))


def test_without_a_terminal_it_says_what_to_use(typed: Command) -> None:
    refused(typed("story"), "the app needs a terminal; without one, use 'tui-initflow story --markdown'")
    refused(typed("story", "--pace", "8"), "the app needs a terminal")


@pytest.mark.parametrize("pace", ["0", "-1", "fast", "nan", "4000"])
def test_a_pace_is_seconds(typed: Command, pace: str) -> None:
    refused(typed("story", f"--pace={pace}"), "--pace: ", "must be a number from 1 to 3600")


def test_only_the_formats_of_the_story_are_known(typed: Command, tmp_path: Path) -> None:
    refused(typed("story", "-o", str(tmp_path / "x.json")), "unknown format '.json'; must be one of .md")


@pytest.mark.slow
def test_the_hand_out_has_every_question_answer_chart_and_command(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "STEPS", BRIEF)
    path = tmp_path / "handout"
    done = typed("story", "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = path.read_text(encoding="utf-8")
    assert text.count("```text\n") == len(STEPS)
    assert text.count("```sh\n") == len(STEPS) + len(SUGGESTIONS)
    for number, step in enumerate(BRIEF, 1):
        _, part = text.split(f"\n## {number}. {step.title}\n")
        part = part.partition("\n## ")[0]
        told = briefly(step)
        assert part.index(step.asked) < part.index("1. ") < part.index("```text") < part.index(told.explanation)
        assert f"**{step.answers[told.right].text.capitalize()}.**" in part
        command = shlex.split(part.split("```sh\n")[1].split("\n```")[0])[1:]
        if step.training is None:
            assert experiment_of(vars(parsers()[None].parse_args(command))) == step.experiment
        else:
            assert command[:3] == ["train", "--layers", "20"]
