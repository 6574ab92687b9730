"""What the command line understands: options made from the table of settings and the table of formats."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill
from typing import Any, NoReturn

from tui_initflow import __version__
from tui_initflow.cli.failure import BAD_USAGE, SHOWN, Failure, quoted
from tui_initflow.cli.help import EXAMPLES
from tui_initflow.export.command_line import PROGRAM
from tui_initflow.export.formats import DEFAULT, FORMATS, formats_of
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.initialisers import EXPRESSION, INITIALISERS
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import CRITICAL, InitialiserName, Real, Setting, SettingError

HELP_WIDTH = 78
DEFAULT_RUNS = 20
"""Enough for an interval that means something, in a blink."""
DEFAULT_SWEEP_RUNS = 3
"""At each value: as few as in the demo."""
MOST_VALUES = 1000
COLOURS = ("auto", "always", "never")
SHELLS = ("bash", "zsh")


class Parser(argparse.ArgumentParser):
    """An argument parser that answers a mistake with one line: the option, what is wrong, what is allowed."""

    def __init__(self, *, description: str, **settings: Any) -> None:
        super().__init__(
            # examples keep their lines, so the rest is wrapped here
            formatter_class=argparse.RawDescriptionHelpFormatter,
            description=fill(description, HELP_WIDTH),
            allow_abbrev=False,
            add_help=False,
            **settings,
        )
        self.add_argument("-h", "--help", action="help", help="show this and exit")

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ")
        missing = re.fullmatch(r"(?:-\w/)?(--[\w-]+): expected one argument", message)
        if missing:
            message = f"{missing[1]}: a value is missing; {self._allowed(missing[1])}"
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(BAD_USAGE)

    def refuse_unknown(self, words: Sequence[str]) -> NoReturn:
        """Answer words that no option takes."""
        word = words[0].partition("=")[0]
        known = [option for option in self._option_string_actions if option.startswith("--")]
        self.error(f"{quoted(word)} is not an option of this command{_suggestion(word, known)}; see --help")

    def _allowed(self, option: str) -> str:
        action = self._option_string_actions[option]
        return str(action.help).partition(" (default")[0].rpartition(": ")[2]

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(name) for name in action.choices]
            allowed = f"one of {', '.join(names)}{_suggestion(str(value), names)}"
            raise argparse.ArgumentError(action, f"{quoted(str(value))} is not allowed; {allowed}")


def _suggestion(word: str, names: Sequence[str]) -> str:
    close = get_close_matches(word[:40].lower(), names, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _reader(setting: Setting) -> Callable[[str], object]:
    """Reads the value of a setting; a word that stands for a number stays as it is."""
    words = setting.kind.words if isinstance(setting.kind, Real) else ()

    def read(text: str) -> object:
        try:
            return text if text in words else setting.check(text)
        except SettingError as error:
            allowed = error.allowed
            if isinstance(setting.kind, InitialiserName):
                names = list(INITIALISERS)
                allowed = f"one of {', '.join(names)}{_suggestion(text, names)}; or {EXPRESSION}"
            raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; {allowed}") from None

    return read


def _min_gradient(text: str) -> float:
    try:
        value = float(text[:SHOWN])
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; a number above 0 and below 1")
    return value


def _add_settings(parser: Parser, runs: int = DEFAULT_RUNS) -> None:
    """The settings of an experiment: the same options for the app and for scripts.

    Defaults are left out, so that what a subcommand was not given does not overwrite what stood before it.
    """
    group = parser.add_argument_group("experiment")
    for name, setting in SETTINGS.items():
        names = getattr(setting.kind, "names", None)
        group.add_argument(
            setting.flag,
            dest=name,
            default=argparse.SUPPRESS,
            metavar=setting.kind.metavar,
            help=_meaning(setting, runs if name == "runs" else setting.default),
            **({"choices": names} if names else {"type": _reader(setting)}),
        )
    group.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="a and b at once: one of "
        + ", ".join(f"{name} ({each.settings['a']}, {each.settings['b']})" for name, each in PRESETS.items()),
    )


def _meaning(setting: Setting, default: object) -> str:
    kind = setting.kind
    if default is None:
        return setting.meaning
    if isinstance(kind, InitialiserName):
        allowed = f"one that '{PROGRAM} list' shows, or {EXPRESSION}"
    else:
        words = "".join(f", or {word}" for word in kind.words) if isinstance(kind, Real) else ""
        allowed = kind.allowed + (f"{words}, the one with chi = 1" if words else "")
    return (
        f"{setting.meaning}: {allowed} (default {default:g})"
        if isinstance(default, float)
        else (f"{setting.meaning}: {allowed} (default {default})")
    )


def _add_output(parser: Parser, command: str) -> None:
    output = parser.add_argument_group("output")
    choice = output.add_mutually_exclusive_group()
    formats = formats_of(command)
    for each in formats:
        meaning = f"{each.meaning} ({each.extension})" if each is not DEFAULT else each.meaning
        choice.add_argument(each.flag, dest="format", action="store_const", const=each.name, help=meaning)
    parser.set_defaults(format=None)
    output.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to FILE, whole or not at all; the extension selects the format where no option does",
    )
    output.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
    if FORMATS["plot"] in formats:
        output.add_argument(
            "--color",
            choices=COLOURS,
            metavar="WHEN",
            default="auto",
            help=f"colours of --plot: one of {', '.join(COLOURS)} (default auto: on a terminal, unless NO_COLOR is "
            "set or TERM is dumb)",
        )


@dataclass(frozen=True, slots=True)
class Parsers:
    """The parser of the app's options and those of the subcommands."""

    app: Parser
    commands: dict[str, Parser]


def parsers() -> Parsers:
    """Everything the command line understands."""
    app = Parser(
        prog=PROGRAM,
        description="See how the way weights are drawn decides whether gradients survive a deep network.",
        epilog=EXAMPLES["app"],
    )
    app.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}", help="show it and exit")
    app.add_argument(
        "--theme",
        choices=("dark", "light"),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="colours of the app: one of dark, light (default dark)",
    )
    app.add_argument("--no-config", action="store_true", help="neither read nor write presets and the last session")
    _add_settings(app)
    added = app.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    commands: dict[str, Parser] = {}

    def add(name: str, summary: str, description: str) -> Parser:
        commands[name] = added.add_parser(name, help=summary, description=description, epilog=EXAMPLES[name])
        return commands[name]

    run = add("run", "simulate and print the result", "Simulate and print the result, without the app.")
    _add_settings(run)

    sweep = add(
        "sweep",
        "the comparison at several values of one setting",
        "Compare at several values of one setting, with --runs runs at each of them.",
    )
    sweep.add_argument(
        "--over", choices=SIZES, metavar="NAME", help=f"the setting that varies: one of {', '.join(SIZES)}"
    )
    sweep.add_argument(
        "--values",
        metavar="LIST",
        help="whole numbers and ranges that include their ends: 1:20, 1:100:10 or 1,10,20 (default: the app's points)",
    )
    _add_settings(sweep, DEFAULT_SWEEP_RUNS)

    theory = add(
        "theory",
        "what mean-field theory predicts, without a simulation",
        "Gradient by layer at infinite and at finite width, phase, depth scale and critical gain.",
    )
    _add_settings(theory)

    check = add(
        "check",
        "is initialiser a healthy here? exit status 0 or 1",
        "Simulate initialiser a and judge the gradient at the first layer: exit status 0 when its median is healthy, "
        "1 when it is not, 2 for a wrong option.",
    )
    check.add_argument(
        "--min-gradient",
        type=_min_gradient,
        default=TRAINABLE,
        metavar="X",
        help=f"healthy is a median from X to 1/X: a number above 0 and below 1 (default {TRAINABLE:g})",
    )
    _add_settings(check)

    add(
        "list",
        "all initialisers and activations",
        "All initialisers, with what decides about their weights, and all activations.",
    )
    for name, parser in commands.items():
        _add_output(parser, name)

    completion = add(
        "completion",
        "a script that makes a shell complete the options",
        "Print a script that makes a shell complete commands, options and their values; it needs the extra "
        "'completion'.",
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    return Parsers(app, commands)


def describes_an_experiment(options: argparse.Namespace) -> bool:
    """Whether any setting of the experiment was given."""
    return not {*SETTINGS, "preset"}.isdisjoint(vars(options))


def experiment_of(options: argparse.Namespace, runs: int = DEFAULT_RUNS) -> Experiment:
    """The experiment that the options ask for; `runs` where they do not say how many.

    Raises:
        Failure: the options do not go together.
    """
    given = {name: value for name, value in vars(options).items() if name in SETTINGS}
    clashing = [name for name in SIZES if name in given]
    if "widths" in given and clashing:
        raise Failure(f"--widths: says how many {clashing[0]} there are; leave out --{clashing[0]}")
    if "preset" in options:
        if "a" in given or "b" in given:
            raise Failure("--preset: names both initialisers; leave out --a and --b")
        given = {**PRESETS[options.preset].settings, **given}
    try:
        standard = Experiment(runs=runs)
        if CRITICAL not in given.values():
            return standard.with_(**given)
        # which loads numpy
        from tui_initflow.theory.outlook import with_critical_gains

        return with_critical_gains(standard, given)
    except SettingError as error:
        raise option_failure(error) from None


def option_failure(error: SettingError) -> Failure:
    """The same error, of the option that belongs to the setting."""
    return Failure("--" + str(error).replace(error.field, error.field.replace("_", "-"), 1))


def parse_values(over: str, text: str) -> tuple[int, ...]:
    """The whole numbers that `text` lists: numbers and ranges start:end or start:end:step, separated by commas.

    Raises:
        Failure: it is not such a list, or lists a value that `over` does not allow, or too many.
    """
    setting = SETTINGS[over]
    refusal = Failure(
        f"--values: {quoted(text)} is not allowed; {over} from {setting.kind.brief}, such as 1:20, 1:100:10 or 1,10,20"
    )
    too_many = Failure(
        f"--values: {quoted(text)} is not allowed; at most {MOST_VALUES} values, a step makes fewer: 1:5000:10"
    )
    values: set[int] = set()
    parts = text.split(",")
    if len(parts) > MOST_VALUES:
        raise too_many
    for part in parts:
        try:
            numbers = [setting.check(number) for number in part.split(":")]
        except SettingError:
            raise refusal from None
        match numbers:
            case [value]:
                listed = range(value, value + 1)
            case [start, end] if start <= end:
                listed = range(start, end + 1)
            case [start, end, step] if start <= end:
                listed = range(start, end + 1, step)
            case _:
                raise refusal
        if len(listed) > MOST_VALUES:
            raise too_many
        values.update(listed)
    if len(values) > MOST_VALUES:
        raise too_many
    return tuple(sorted(values))
