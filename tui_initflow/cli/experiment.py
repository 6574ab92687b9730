"""What the options that were given describe: an experiment, how it is trained, the values of a sweep."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tui_initflow import lab
from tui_initflow.cli.diagnostics import Failure
from tui_initflow.cli.options import DEFAULT_RUNS, MOST_VALUES, SHORTHANDS
from tui_initflow.cli.parser import refusal
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.pair import SIDES
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import CRITICAL
from tui_initflow.model.training import TRAINING_SETTINGS, TRAININGS, TrainingSettings


def experiment_of(options: argparse.Namespace, runs: int = DEFAULT_RUNS) -> Experiment:
    """The experiment that the options describe, with `runs` runs unless they say otherwise.

    Raises:
        Failure: the options contradict each other.
        SettingError: so do the settings, or they ask for more than fits in memory.
    """
    given = {name: value for name, value in vars(options).items() if name in SETTINGS}
    for name in SHORTHANDS:
        if name in options:
            both = {f"{name}_{side}": getattr(options, name) for side in SIDES}
            given = {**both, **given}
    clashing = [name for name in SIZES if name in given]
    if "widths" in given and clashing:
        raise Failure(f"--widths: already sets the number of {clashing[0]}; leave out --{clashing[0]}")
    if "preset" in options:
        if "a" in given or "b" in given:
            raise Failure("--preset: already sets both initialisers; leave out --a and --b")
        given = {**PRESETS[options.preset].settings, **given}
    standard = Experiment(runs=runs)
    if CRITICAL not in given.values():
        return standard.with_(**given)
    return lab.with_critical_gains(standard, given)


def training_of(options: argparse.Namespace) -> tuple[Experiment, TrainingSettings]:
    """What the options of `train` describe.

    Raises:
        Failure: the options contradict each other.
        SettingError: so do the settings.
    """
    words = vars(options)
    settings = TrainingSettings(**{name: words[name] for name in TRAINING_SETTINGS if name in words})
    others = argparse.Namespace(**{name: value for name, value in words.items() if name not in TRAINING_SETTINGS})
    return experiment_of(others, TRAININGS), settings


def checked_training_of(options: argparse.Namespace) -> tuple[Experiment, TrainingSettings | None]:
    """What the options of `check` describe; how it is trained, if it is.

    Raises:
        Failure: the options contradict each other.
        SettingError: so do the settings.
    """
    given = {name: getattr(options, name) for name in TRAINING_SETTINGS if name not in SETTINGS and name in options}
    if given and not options.train:
        raise Failure(f"--{next(iter(given))}: only with --train")
    return experiment_of(options), TrainingSettings(**given) if options.train else None


def parse_values(over: str, text: str) -> tuple[int, ...]:
    """The whole numbers in a list of numbers and ranges start:end or start:end:step, separated by commas.

    Raises:
        Failure: it is not such a list, has a value that `over` does not allow, or has too many.
    """
    setting, parts = SETTINGS[over], text.split(",")
    try:
        ranges = [_range([setting.check(number) for number in part.split(":")]) for part in parts[: MOST_VALUES + 1]]
    except ValueError:
        allowed = f"a list of {over} from {setting.kind.brief}, such as 1:20, 1:100:10 or 1,10,20"
        raise Failure(f"--values: {refusal(text, allowed)}") from None
    values = {value for listed in ranges for value in listed[: MOST_VALUES + 1]}
    if max(len(parts), len(values)) > MOST_VALUES:
        allowed = f"at most {MOST_VALUES} values; a step makes fewer, as in 1:5000:10"
        raise Failure(f"--values: {refusal(text, allowed)}")
    return tuple(sorted(values))


def _range(numbers: Sequence[int]) -> range:
    match numbers:
        case [value]:
            return range(value, value + 1)
        case [start, end] if start <= end:
            return range(start, end + 1)
        case [start, end, step] if start <= end:
            return range(start, end + 1, step)
    raise ValueError
