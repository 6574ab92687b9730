"""The table of steps: questions that can be answered, and texts without numbers of their own."""

from __future__ import annotations

import math
import re

import pytest

from tui_initflow.story.steps import STEPS, SUGGESTIONS, Step, step_facts

QUANTITIES = {
    "most": 0.9,
    "most of it": 0.9,
    "nearly all": 0.95,
    "about half": 0.5,
    "about a third": 1 / 3,
    "about a tenth": 0.1,
    "half a percent": 0.005,
    "a thousandth": 0.001,
    "about a thousandth": 0.001,
    "a millionth": 1e-6,
    "less than a millionth": 1e-7,
    "next to none": 0.001,
    "no more than by guessing": 0.1,
    "uniform": 0.9,
    "both alike": 1.0,
    "normal": 1.1,
    "nearly all of it": 1e6,
    "about a factor of ten": 10.0,
    "next to nothing": 1.1,
    "one: no change": 1.0,
    "two": 2.0,
    "ten": 10.0,
}
"""What the answers say, as the number that decides."""
NAMES = ("N(0, 1)", "U(-1, 1)", "[0, 1)", "U(±√3)", "U(±1/√fan_in)", "1/fan_in", "L0", "χ = 1")
"""What has digits without being a measurement."""
COUNTS = {"One layer": 1, "Ten layers": 10, "Thirty layers of PyTorch's default": 30}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_exactly_one_answer_is_right_whatever_is_measured(step: Step) -> None:
    ranges = sorted((answer.low, answer.high) for answer in step.answers)
    assert [low for low, _ in ranges] == [-math.inf, *(high for _, high in ranges[:-1])]
    assert ranges[-1][1] == math.inf


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_an_answer_is_right_for_the_quantity_that_it_names(step: Step) -> None:
    for index, answer in enumerate(step.answers):
        assert step.right(QUANTITIES[answer.text]) == index


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_numbers_in_a_text_are_fields(step: Step) -> None:
    for text in (step.question, step.explanation):
        for name in NAMES:
            text = text.replace(name, "")
        assert not re.search(r"\d", re.sub(r"\{\w+\}", "", text))


def test_nine_steps_with_the_depth_that_their_titles_say() -> None:
    assert len({step.title for step in STEPS}) == 9
    for step in STEPS:
        assert step.experiment.layers == COUNTS.get(step.title, step.experiment.layers)
        assert (step.pane == "train") == (step.training is not None)
        # the same numbers for everyone
        assert step.experiment.seed == STEPS[0].experiment.seed


def test_what_is_suggested_is_in_no_step() -> None:
    seen = {(step.experiment, step.training) for step in STEPS}
    for suggestion in SUGGESTIONS:
        assert (suggestion.experiment, suggestion.training) not in seen
        assert (suggestion.pane == "train") == (suggestion.training is not None)


def test_a_question_is_filled_in_before_the_run() -> None:
    first = STEPS[0]
    assert step_facts(first)["steps"] == "10"
    assert "in 10 steps" in first.asked
    assert "by 0.9." in first.asked
    assert all("{" not in step.asked for step in STEPS)
