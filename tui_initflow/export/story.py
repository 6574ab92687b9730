"""The story as a hand-out: every question with its answers, what the run says, its chart, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tui_initflow.findings.snippets import command_line, training_command
from tui_initflow.pages.parts import Chart, Code, Heading, Passage, Sentence, Title
from tui_initflow.story.outcome import Story
from tui_initflow.story.page import picture
from tui_initflow.story.steps import LEARNED, SUGGESTIONS, Trial

CHART_ROWS = 20


def report(story: Story) -> Iterator[Passage]:
    yield [Title("How it works")]
    yield [Sentence("Predict first, then read on: every number below is measured by a run, or by theory.")]
    for number, outcome in enumerate(story.outcomes, 1):
        step = outcome.step
        yield [Heading(f"{number}. {step.title}")]
        yield [Sentence(step.asked, "strong")]
        yield [Sentence(f"{i}. {answer.text}") for i, answer in enumerate(step.answers, 1)]
        yield [Chart(partial(picture, outcome), CHART_ROWS)]
        right = step.answers[outcome.right].text.capitalize()
        yield [Sentence(f"{right}.", "strong"), Sentence(outcome.explanation)]
        yield [Code(_command(step), "sh")]

    yield [Heading("What the steps have shown"), *(Sentence(f"{i}. {text}") for i, text in enumerate(LEARNED, 1))]
    yield [Heading("What to try next")]
    for suggestion in SUGGESTIONS:
        yield [Sentence(suggestion.text), Code(_command(suggestion), "sh")]


def _command(step: Trial) -> str:
    if step.training is not None:
        return training_command(step.experiment, step.training)
    return (
        f"{command_line(step.experiment, 'grid')} --over gain"
        if step.pane == "phase"
        else command_line(step.experiment, "run")
    )
