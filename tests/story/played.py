"""Every step of the story, run once."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache

from tui_initflow.lab.simulations import unreported
from tui_initflow.model.training import TrainingSettings
from tui_initflow.story.outcome import Outcome, play
from tui_initflow.story.steps import STEPS, Step

TITLES = tuple(step.title for step in STEPS)


@cache
def played(step: Step) -> Outcome:
    outcome = play(step, threading.Event(), unreported)
    assert outcome is not None
    return outcome


def titled(title: str) -> Outcome:
    return played(STEPS[TITLES.index(title)])


def brief(step: Step) -> Step:
    """The step, a training with only a few steps: enough for pictures and texts."""
    return step if step.training is None else replace(step, training=TrainingSettings(steps=5, lr=0.1))


def briefly(step: Step) -> Outcome:
    return played(brief(step))
