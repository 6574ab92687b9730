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


def briefly(step: Step) -> Outcome:
    """The same, but for a training, of which pictures and texts need only a few steps."""
    return played(step if step.training is None else replace(step, training=TrainingSettings(steps=5, lr=0.1)))
