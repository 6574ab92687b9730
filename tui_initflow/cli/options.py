"""What the command line understands: options made from the tables of settings, presets and formats."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, NamedTuple, get_args

from tui_initflow import __version__, lab
from tui_initflow.cli.cluster import address
from tui_initflow.cli.diagnostics import MOST_ECHOED
from tui_initflow.cli.help import APP, COMMANDS, SCHEMA, TOPICS
from tui_initflow.cli.parser import Parser, refusal
from tui_initflow.export import schemas
from tui_initflow.export.formats import DEFAULT, FORMATS, formats_of
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.findings.status import SORTED_BY, TRAINABLE
from tui_initflow.model.experiment import SETTINGS, SIZES
from tui_initflow.model.initialisers import EXPRESSION, INITIALISERS
from tui_initflow.model.pair import SIDES
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import InitialiserName, Name, Real, Setting, SettingError
from tui_initflow.model.training import TRAINING_SETTINGS, TRAININGS
from tui_initflow.storage.config import Theme

DEFAULT_RUNS = 20
"""Enough for a meaningful interval, and done in a blink."""
DEFAULT_SWEEP_RUNS = 3
"""At each value, as in the demo."""
MOST_VALUES = 1000
GRID_OVER, GRID_AGAINST = ("gain", "neurons"), ("layers",)
"""The settings along x and y of a grid, those of the app's phase chart."""
SHORTHANDS = ("block", "norm", "branch_scale")
"""Options that set both methods; --block stands for --block-a and --block-b, which win over it."""
PACE = Real(1.0, 3600.0)
"""Seconds for which a story that plays by itself shows something."""
COLOURS = ("auto", "always", "never")
SHELLS = ("bash", "zsh")


def _read(setting: Setting, text: str) -> object:
    """The value of a setting; a word that stands for a number is returned as it is."""
    words = setting.kind.words if isinstance(setting.kind, Real) else ()
    names = tuple(INITIALISERS) if isinstance(setting.kind, InitialiserName) else getattr(setting.kind, "names", ())
    try:
        return text if text in words else setting.check(text)
    except SettingError as error:
        raise argparse.ArgumentTypeError(refusal(text, ", or ".join((error.allowed, *words)), names)) from None


def _min_gradient(text: str) -> float:
    try:
        value = float(text[:MOST_ECHOED])
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(refusal(text, "a number above 0 and below 1"))
    return value


def _add_settings(parser: Parser, runs: int = DEFAULT_RUNS, left_out: Collection[str] = ()) -> None:
    """The settings of an experiment, the same options for the app and for scripts."""
    group = parser.add_argument_group("experiment")
    for name, setting in SETTINGS.items():
        if name not in left_out:
            _add_setting(group, setting, _meaning(setting, runs if name == "runs" else setting.default))
    for name in SHORTHANDS:
        setting, flag = SETTINGS[f"{name}_a"], f"--{name.replace('_', '-')}"
        _add_setting(group, setting, f"sets {flag}-a and {flag}-b: {setting.kind.allowed}", flag)
    pairs = (f"{name} ({preset.words})" for name, preset in PRESETS.items())
    group.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"sets both methods: one of {', '.join(pairs)}",
    )


def _add_training(parser: Parser) -> None:
    """The settings of training, and of an experiment but for what has the same name."""
    _add_settings(parser, TRAININGS, TRAINING_SETTINGS)
    _add_training_settings(parser)
    parser.add_argument("--map", action="store_true", help="train a over gains and depths; with --json or --plot")


def _add_training_settings(parser: Parser, left_out: Collection[str] = ()) -> None:
    group = parser.add_argument_group("training")
    for name, setting in TRAINING_SETTINGS.items():
        if name not in left_out:
            _add_setting(group, setting, _meaning(setting, setting.default))


def _add_min_gradient(parser: Parser) -> None:
    parser.add_argument(
        "--min-gradient",
        type=_min_gradient,
        default=TRAINABLE,
        metavar="X",
        help=f"healthy is a median from X to 1/X: a number above 0 and below 1 (default {TRAINABLE:g})",
    )


def _add_inspection(parser: Parser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="the file or folder of weights, or two: what differs from the first"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="read the file again when it changes, and print how far each tensor moves",
    )
    parser.add_argument("--only", metavar="GLOB", help="only tensors whose names match, such as 'encoder.*'")
    parser.add_argument(
        "--sort",
        choices=SORTED_BY,
        metavar="COLUMN",
        help=f"largest or worst first, or from a to z: one of {', '.join(SORTED_BY)} (default: as in the file)",
    )
    parser.add_argument("--chain", metavar="GLOB", help="the weights to send signals through (default: those that fit)")
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit 1 if a tensor has NaN or infinities, or the chain's gradient is not healthy",
    )
    _add_min_gradient(parser)
    group = parser.add_argument_group("signals, and the fresh draw beside the weights")
    for name in ("activation", "b", "gain_b", "start", "runs", "seed"):
        setting = SETTINGS[name]
        _add_setting(group, setting, _meaning(setting, DEFAULT_RUNS if name == "runs" else setting.default))


def _add_setting(group: argparse._ArgumentGroup, setting: Setting, meaning: str, flag: str | None = None) -> None:
    """argparse gets no default: that of a subcommand would overwrite an option given before it."""
    kind = setting.kind
    group.add_argument(
        flag or setting.flag,
        type=partial(_read, setting),
        choices=kind.names if isinstance(kind, Name) else None,
        metavar=kind.metavar,
        default=argparse.SUPPRESS,
        help=meaning,
    )


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


def _add_app(parser: Parser) -> None:
    """What only the app asks for, with or without the story. No defaults: they would overwrite what is given."""
    parser.add_argument(
        "--theme",
        choices=get_args(Theme),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"colour theme of the app: one of {', '.join(get_args(Theme))} (default dark)",
    )
    parser.add_argument(
        "--record",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="record the app in FILE, as asciinema plays it (asciicast v2)",
    )
    parser.add_argument(
        "--no-config",
        action="store_true",
        default=argparse.SUPPRESS,
        help="neither read nor write presets and the last session",
    )


def _pace(text: str) -> float:
    try:
        return PACE.read(text)
    except ValueError:
        raise argparse.ArgumentTypeError(refusal(text, PACE.allowed)) from None


def _add_output(parser: Parser, command: str) -> None:
    output = parser.add_argument_group("output")
    choice = output.add_mutually_exclusive_group()
    formats = formats_of(command)
    for row in formats:
        note = "default" if row is DEFAULT else row.extension
        choice.add_argument(
            row.flag, dest="output_format", action="store_const", const=row.name, help=f"{row.meaning} ({note})"
        )
    parser.set_defaults(output_format=None)
    output.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to FILE, whole or not at all; its extension selects the format unless an option does",
    )
    output.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
    if FORMATS["plot"] in formats:
        output.add_argument(
            "--color",
            choices=COLOURS,
            metavar="WHEN",
            default="auto",
            help=f"when to colour --plot: one of {', '.join(COLOURS)} (default auto: on a terminal, unless NO_COLOR is "
            "set or TERM is dumb)",
        )


APP_ONLY: Mapping[str, str] = {
    "theme": "--theme: only the app has a theme",
    "plain": "--plain: commands write lines already",
    "record": "--record: only the app is recorded",
    "replace_recording": "--force: belongs after the command",
}
"""Options that no command takes, and what to say of them before one."""
STORY_TOO = ("theme", "record")
"""Those of them that the story takes."""


class Parsers(NamedTuple):
    app: Parser
    commands: dict[str, Parser]


def parsers() -> Parsers:
    """Everything the command line understands."""
    app = Parser(prog=PROGRAM, text=APP)
    app.add_argument(
        "--version", action="version", version=f"{PROGRAM} {__version__}", help="show the version and exit"
    )
    app.set_defaults(no_config=False)
    app.add_argument("--no-run", action="store_true", help="wait for a key before the first run")
    app.add_argument(
        "--force",
        dest="replace_recording",
        action="store_true",
        default=argparse.SUPPRESS,
        help="overwrite the recording if it exists",
    )
    app.add_argument(
        "--plain",
        action="store_true",
        default=argparse.SUPPRESS,
        help="a command and a statement a line instead of screens: for screen readers and pipes",
    )
    _add_app(app)
    _add_settings(app)
    subparsers = app.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    commands = {name: subparsers.add_parser(name, help=text.summary, text=text) for name, text in COMMANDS.items()}

    sweep, check = commands["sweep"], commands["check"]
    sweep.add_argument(
        "--over", choices=SIZES, metavar="NAME", help=f"the setting that varies: one of {', '.join(SIZES)}"
    )
    sweep.add_argument(
        "--values",
        metavar="LIST",
        help="whole numbers and ranges that include both ends: 1:20, 1:100:10 or 1,10,20 (default: the app's points)",
    )
    _add_min_gradient(check)
    _add_inspection(commands["inspect"])
    _add_grid(commands["grid"])
    for name in ("run", "sweep", "grid", "train"):
        commands[name].add_argument(
            "--cluster",
            type=address,
            metavar="ADDRESS",
            help=f"where the work is done, with the same numbers: {lab.ADDRESSES}"
            + (", with --map" if name == "train" else ""),
        )
    commands["run"].add_argument(
        "--resume", action="store_true", help="keep the runs done beside FILE, and go on after those kept before"
    )
    for name in ("run", "sweep", "grid", "theory", "check", "code"):
        _add_settings(commands[name], DEFAULT_SWEEP_RUNS if name in ("sweep", "grid") else DEFAULT_RUNS)
    check.add_argument("--train", action="store_true", help=f"train {TRAININGS} runs too: healthy is what learns")
    _add_training_settings(check, SETTINGS)
    commands["code"].add_argument(
        "--method", choices=SIDES, metavar="NAME", default="a", help=f"one of {', '.join(SIDES)} (default a)"
    )
    _add_training(commands["train"])
    _add_app(commands["story"])
    commands["story"].add_argument(
        "--pace",
        type=_pace,
        metavar="SECONDS",
        help=f"play by itself, each question and each answer for so long: {PACE.allowed}",
    )
    for name in ("run", "sweep", "grid", "theory", "check", "train", "inspect", "code", "list", "story"):
        _add_output(commands[name], name)
    _add_help(commands["help"])
    commands["completion"].add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    return Parsers(app, commands)


def _add_help(parser: Parser) -> None:
    parser.add_argument(
        "topic",
        nargs="?",
        choices=(*TOPICS, SCHEMA, *COMMANDS),
        metavar="TOPIC",
        help=f"one of {', '.join(TOPICS)}, a command, or {SCHEMA}",
    )
    parser.add_argument(
        "name",
        nargs="?",
        choices=schemas.NAMES,
        metavar="NAME",
        help=f"after {SCHEMA}: one of {', '.join(schemas.NAMES)}",
    )


def _add_grid(parser: Parser) -> None:
    for flag, names, axis, default in (("--over", GRID_OVER, "x", None), ("--against", GRID_AGAINST, "y", "layers")):
        parser.add_argument(
            flag,
            choices=names,
            metavar="NAME",
            default=default,
            help=f"the setting along {axis}: one of {', '.join(names)}" + (f" (default {default})" if default else ""),
        )
