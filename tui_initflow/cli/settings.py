"""Options that are made of the tables of settings, and what those given describe: an experiment, how it is trained.

What is given is told by name, as `vars` tells of parsed options: only names of settings are looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any

from tui_initflow import lab
from tui_initflow.cli.diagnostics import MOST_ECHOED, Failure
from tui_initflow.cli.parser import Parser, reader, refusal
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.initialisers import EXPRESSION, INITIALISERS
from tui_initflow.model.network import METHOD_SETTINGS
from tui_initflow.model.pair import SIDES, flat
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import CRITICAL, InitialiserName, Name, Real, Setting, SettingError
from tui_initflow.model.training import TRAINING_SETTINGS, TRAININGS, TrainingSettings

DEFAULT_RUNS = 20
"""Enough for a meaningful interval, and done in a blink."""
DEFAULT_SWEEP_RUNS = 3
"""At each value, as in the demo."""
SHORTHANDS = ("gain", "block", "norm", "branch_scale")
"""Options that set both methods; --block stands for --block-a and --block-b, which win over it."""

# options


def add_settings(parser: Parser, runs: int = DEFAULT_RUNS, left_out: Collection[str] = ()) -> None:
    """The settings of an experiment, the same options for the app and for scripts."""
    group = add_group(parser, "experiment", [row for name, row in SETTINGS.items() if name not in left_out], runs)
    for name in SHORTHANDS:
        setting, flag = METHOD_SETTINGS[name], f"--{name.replace('_', '-')}"
        _add(group, setting, flag, f"sets {flag}-a and {flag}-b: {setting.kind.allowed}")
    names = ", ".join(f"{name} ({preset.words})" for name, preset in PRESETS.items())
    group.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"sets both methods: one of {names}",
    )


def add_training_settings(parser: Parser) -> None:
    add_group(parser, "training", TRAINING_SETTINGS.values())


def add_min_gradient(parser: Parser) -> None:
    parser.add_argument(
        "--min-gradient",
        type=reader(_share, "a number above 0 and below 1"),
        default=TRAINABLE,
        metavar="X",
        help=f"a median from X to 1/X passes: a number above 0 and below 1 (default {TRAINABLE:g})",
    )


def _share(text: str) -> float:
    value = float(text[:MOST_ECHOED])
    if not 0.0 < value < 1.0:
        raise ValueError
    return value


def add_group(
    parser: Parser, title: str, settings: Iterable[Setting], runs: int = DEFAULT_RUNS
) -> argparse._ArgumentGroup:
    """Options of these settings, whose help ends with what is allowed and the default."""
    group = parser.add_argument_group(title)
    for setting in settings:
        _add(group, setting, setting.flag, _meaning(setting, runs if setting is SETTINGS["runs"] else setting.default))
    return group


def _meaning(setting: Setting, default: Any) -> str:
    kind = setting.kind
    if default is None:
        return setting.meaning
    if isinstance(kind, InitialiserName):
        allowed = f"a name from '{PROGRAM} list', or {EXPRESSION}"
    else:
        words = (f"{word} for chi = 1" for word in (kind.words if isinstance(kind, Real) else ()))
        allowed = ", or ".join((kind.allowed, *words))
    return f"{setting.meaning}: {allowed} (default {kind.write(default)})"


def _add(group: argparse._ArgumentGroup, setting: Setting, flag: str, meaning: str) -> None:
    """argparse gets no default: that of a subcommand would overwrite an option given before it."""
    kind = setting.kind
    group.add_argument(
        flag,
        type=parsed(setting),
        choices=kind.names if isinstance(kind, Name) else None,
        metavar=kind.metavar,
        default=argparse.SUPPRESS,
        help=meaning,
    )


def parsed(setting: Setting) -> Callable[[str], object]:
    """What argparse reads the setting with."""
    return partial(_read, setting)


def _read(setting: Setting, text: str) -> object:
    """The value of a setting; a word that stands for a number is returned as it is."""
    words = setting.kind.words if isinstance(setting.kind, Real) else ()
    names = tuple(INITIALISERS) if isinstance(setting.kind, InitialiserName) else getattr(setting.kind, "names", ())
    try:
        return text if text in words else setting.check(text)
    except SettingError as error:
        raise argparse.ArgumentTypeError(refusal(text, ", or ".join((error.allowed, *words)), names)) from None


# what they describe


def experiment_of(given: Mapping[str, Any], runs: int = DEFAULT_RUNS) -> Experiment:
    """The experiment that the options given describe, with `runs` runs unless they say otherwise.

    Raises:
        Failure: the options contradict each other.
        SettingError: so do the settings, or they ask for more than fits in memory.
    """
    settings = {name: value for name, value in given.items() if name in SETTINGS}
    for name in SHORTHANDS:
        if name in given:
            settings = {**{flat(name, side): given[name] for side in SIDES}, **settings}
    clashing = [name for name in SIZES if name in settings]
    if "widths" in settings and clashing:
        raise Failure(f"--widths: already sets the number of {clashing[0]}; leave out --{clashing[0]}")
    if "preset" in given:
        if "a" in settings or "b" in settings:
            raise Failure("--preset: already sets both initialisers; leave out --a and --b")
        settings = {**PRESETS[given["preset"]].settings, **settings}
    standard = Experiment(runs=runs)
    if CRITICAL not in settings.values():
        return standard.with_(**settings)
    return lab.with_critical_gains(standard, settings)


def training_of(given: Mapping[str, Any]) -> tuple[Experiment, TrainingSettings]:
    """What the options given train, and how: with `TRAININGS` runs unless they say otherwise.

    Raises:
        Failure: the options contradict each other.
        SettingError: so do the settings.
    """
    settings = TrainingSettings(**{name: value for name, value in given.items() if name in TRAINING_SETTINGS})
    others = {name: value for name, value in given.items() if name not in TRAINING_SETTINGS}
    return experiment_of(others, TRAININGS), settings
