"""Every step of the story, run once."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache

from tui_initflow.model.training import TrainingSettings
from tui_initflow.story.outcome import Outcome, play
from tui_initflow.story.steps import STEPS, Step

TITLES = tuple(step.title for step in STEPS)


@cache
def played(step: Step) -> Outcome:
    return play(step, threading.Event(), lambda _: None)


def titled(title: str) -> Outcome:
    return played(STEPS[TITLES.index(title)])


def brief(step: Step) -> Step:
    """The step, a training with only a few steps: enough for pictures and texts."""
    return step if step.training is None else replace(step, training=TrainingSettings(steps=5, lr=0.1))


def briefly(step: Step) -> Outcome:
    return played(brief(step))
