"""The options of the command line, generated from the engine's limits, and what is said of a wrong one."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill
from typing import Any, NoReturn

from tui_initflow import __version__
from tui_initflow.cli.failure import BAD_USAGE, SHOWN, Failure, quoted
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import (
    LIMITS,
    REAL_LIMITS,
    STARTS,
    Experiment,
    SettingError,
    check,
    check_real,
    check_widths,
)
from tui_initflow.model.initialisers import EXPRESSION, INITIALISERS, initialiser
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.widths import EXAMPLE

PROGRAM = "tui-initflow"
HELP_WIDTH = 78
DEFAULT_RUNS = 20
"""Enough for an interval that means something, in a blink."""
DEFAULT_MIN_GRADIENT = 1e-3
DEFAULT_SWEEP_RUNS = 3
"""At each value: as few as in the demo."""
MOST_VALUES = 1000

MEANINGS = {
    "layers": "hidden layers",
    "neurons": "neurons in each hidden layer",
    "features": "inputs of the network",
    "runs": "runs, each with fresh weights",
    "seed": "seed that fixes every draw",
}
REAL_MEANINGS = {
    "gain_a": "factor on all weights of a",
    "gain_b": "factor on all weights of b",
    "sigma_b": "standard deviation of the biases",
}
NAMED = {"activation": tuple(ACTIVATIONS), "start": STARTS}
NAMED_MEANINGS = {
    "activation": "activation function",
    "start": "backward signal at the output",
}
CRITICAL = "critical"
"""In place of a gain: the one that theory finds on the edge of chaos for the activation."""
INITIALISER_FIELDS = ("a", "b")
SWEPT = ("layers", "neurons", "features")

EXAMPLES = f"""\
examples:
  {PROGRAM}                                the app
  {PROGRAM} --layers 30 --preset matched   the app, with these settings
  {PROGRAM} run --runs 200 --seed 1        the verdict, and a table by layer
  {PROGRAM} run --plot                     the app's charts, as text
  {PROGRAM} run -o result.json             all numbers for a script
  {PROGRAM} sweep --over layers --values 1:20 --csv

exit status:
  0    done; check: the network is healthy
  1    the output cannot be written; check: the network is not healthy
  2    a wrong option or file name
  130  stopped with ctrl+c; what was complete is written
  141  nobody reads the output any more

Each command has its own --help.
"""
RUN_EXAMPLES = f"""\
examples:
  {PROGRAM} run --layers 40 --a glorot-uniform
  {PROGRAM} run --a he-normal --b orthogonal --activation relu --plot
  {PROGRAM} run --runs 1000 --json | python -m json.tool
  {PROGRAM} run --runs 100000 --jsonl | head -1
  {PROGRAM} run --runs 200 -o report.md --force
  {PROGRAM} run --plot --color always | less -R
"""
SWEEP_EXAMPLES = f"""\
examples:
  {PROGRAM} sweep --over layers --plot
  {PROGRAM} sweep --over neurons --values 1,10:100:10 --runs 50 --csv
"""


THEORY_EXAMPLES = f"""\
examples:
  {PROGRAM} theory --activation gelu --a he-normal --b orthogonal
  {PROGRAM} theory --layers 30 --gain-a critical --plot
  {PROGRAM} theory --widths 784-512x20-10 --a lecun-normal --activation selu --json
"""
LIST_EXAMPLES = f"""\
examples:
  {PROGRAM} list
  {PROGRAM} list --json | python -m json.tool
"""
COMPLETION_EXAMPLES = f"""\
examples:
  eval "$({PROGRAM} completion bash)"          in ~/.bashrc
  {PROGRAM} completion zsh > _{PROGRAM}   in a folder of fpath
"""
CHECK_EXAMPLES = f"""\
examples:
  {PROGRAM} check --widths 784-512x20-10 --activation gelu --a he-normal
  {PROGRAM} check --layers 30 --a torch-linear --min-gradient 1e-4 --json
"""


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
            raise argparse.ArgumentError(
                action,
                f"{quoted(str(value))} is not allowed; one of {', '.join(names)}{_suggestion(str(value), names)}",
            )


def _suggestion(word: str, names: Sequence[str]) -> str:
    close = get_close_matches(word[:40].lower(), names, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _whole_number(field: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            return check(field, text)
        except SettingError as error:
            raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; {error.allowed}") from None

    return parse


def _real_number(field: str) -> Callable[[str], float | str]:
    def parse(text: str) -> float | str:
        if text == CRITICAL and field.startswith("gain"):
            return text
        try:
            return check_real(field, text)
        except SettingError as error:
            raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; {error.allowed}") from None

    return parse


def _min_gradient(text: str) -> float:
    try:
        value = float(text[:SHOWN])
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; a number above 0 and below 1")
    return value


def _initialiser(text: str) -> str:
    try:
        initialiser(text)
    except ValueError:
        names = list(INITIALISERS)
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is not allowed; one of {', '.join(names)}{_suggestion(text, names)}; or {EXPRESSION}"
        ) from None
    return text


def _widths(text: str) -> tuple[int, ...]:
    try:
        return check_widths(text)
    except SettingError as error:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not allowed; {error.allowed}") from None


def _add_settings(parser: Parser, runs: int = DEFAULT_RUNS) -> None:
    """The settings of an experiment: the same options for the app and for scripts, from the engine's limits.

    Defaults are left out, so that what a subcommand was not given does not overwrite what stood before it.
    """
    settings = parser.add_argument_group("experiment")
    defaults = Experiment(runs=runs)
    for field, (low, high) in LIMITS.items():
        settings.add_argument(
            f"--{field}",
            type=_whole_number(field),
            metavar="N",
            default=argparse.SUPPRESS,
            help=f"{MEANINGS[field]}: a whole number from {low} to {high} (default {getattr(defaults, field)})",
        )
    settings.add_argument(
        "--widths",
        type=_widths,
        metavar="LIST",
        default=argparse.SUPPRESS,
        help=f"instead of these three, features and the neurons of each layer: such as {EXAMPLE}",
    )
    for field, place in zip(INITIALISER_FIELDS, ("first", "second"), strict=True):
        settings.add_argument(
            f"--{field}",
            type=_initialiser,
            metavar="NAME",
            default=argparse.SUPPRESS,
            help=f"{place} initialiser: one that '{PROGRAM} list' shows, or {EXPRESSION} "
            f"(default {getattr(defaults, field)})",
        )
    for field, (smallest, largest) in REAL_LIMITS.items():
        word = f", or {CRITICAL}, the one with chi = 1" if field.startswith("gain") else ""
        settings.add_argument(
            f"--{field.replace('_', '-')}",
            type=_real_number(field),
            metavar="X",
            default=argparse.SUPPRESS,
            help=f"{REAL_MEANINGS[field]}: a number from {smallest:g} to {largest:g}{word} "
            f"(default {getattr(defaults, field):g})",
        )
    for field, names in NAMED.items():
        settings.add_argument(
            f"--{field}",
            choices=names,
            metavar="NAME",
            default=argparse.SUPPRESS,
            help=f"{NAMED_MEANINGS[field]}: one of {', '.join(names)} (default {getattr(defaults, field)})",
        )
    settings.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="a and b at once: one of " + ", ".join(f"{name} ({a}, {b})" for name, (a, b) in PRESETS.items()),
    )


FORMATS = {
    "json": "one JSON object; null where a value is no finite number",
    "jsonl": "one JSON object for each run, as soon as it is complete",
    "csv": "a tidy table of the statistics",
    "csv-runs": "a tidy table with one row for each run",
    "markdown": "a report to read and to send",
    "plot": "the charts of the app as text, as wide as the terminal",
}
SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".runs.csv": "csv-runs",
    ".csv": "csv",
    ".md": "markdown",
    ".txt": "plot",
}
"""Formats by the end of a file's name, the longest first where two fit."""
COLOURS = ("auto", "always", "never")
SHELLS = ("bash", "zsh")


def format_of(options: argparse.Namespace) -> str:
    """The format that was asked for, else the one that the name of the file says, else plain text.

    Raises:
        Failure: the name has a suffix that says no format of this command.
    """
    if options.format is not None:
        return str(options.format)
    name = os.path.basename(options.output or "").lower()
    known = {suffix: found for suffix, found in SUFFIXES.items() if found in options.formats}
    known.setdefault(".txt", "text")
    for suffix, found in known.items():
        if name.endswith(suffix):
            return found
    suffix = os.path.splitext(name)[1]
    if suffix:
        raise Failure(
            f"--output: {quoted(options.output)}: {quoted(suffix)} says no format; one of {', '.join(known)}, "
            f"or an option such as --{options.formats[0]}"
        )
    return "text"


def _add_output(parser: Parser, names: Sequence[str]) -> None:
    output = parser.add_argument_group("output", "Without a format option: a summary to read.")
    formats = output.add_mutually_exclusive_group()
    for name in names:
        meaning = f"{FORMATS[name]} ({', '.join(suffix for suffix, known in SUFFIXES.items() if known == name)})"
        formats.add_argument(f"--{name}", dest="format", action="store_const", const=name, help=meaning)
    parser.set_defaults(format=None, formats=tuple(names))
    output.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write to FILE, whole or not at all; its suffix says the format where no option does",
    )
    output.add_argument("--force", action="store_true", help="replace FILE if it exists")
    if "plot" in names:
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
        epilog=EXAMPLES,
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
    found = app.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)

    run = found.add_parser(
        "run",
        help="simulate and print the result",
        description="Simulate and print the result, without the app.",
        epilog=RUN_EXAMPLES,
    )
    _add_settings(run)
    _add_output(run, tuple(FORMATS))

    sweep = found.add_parser(
        "sweep",
        help="the comparison at several values of one setting",
        description="Compare at several values of one setting, with --runs runs at each of them.",
        epilog=SWEEP_EXAMPLES,
    )
    sweep.add_argument(
        "--over", choices=SWEPT, metavar="NAME", help=f"the setting that varies: one of {', '.join(SWEPT)}"
    )
    sweep.add_argument(
        "--values",
        metavar="LIST",
        help="whole numbers and ranges with their ends: 1:20, 1:100:10 or 1,10,20 (default: the app's points)",
    )
    _add_settings(sweep, DEFAULT_SWEEP_RUNS)
    _add_output(sweep, ("json", "csv", "markdown", "plot"))

    theory = found.add_parser(
        "theory",
        help="what mean-field theory predicts, without a simulation",
        description="Gradient by layer at infinite and at finite width, phase, depth scale and critical gain.",
        epilog=THEORY_EXAMPLES,
    )
    _add_settings(theory)
    _add_output(theory, ("json", "plot"))

    check = found.add_parser(
        "check",
        help="is initialiser a healthy here? exit status 0 or 1",
        description="Simulate initialiser a and judge the gradient at the first layer: exit status 0 when its "
        "median is healthy, 1 when it is not, 2 for a wrong option.",
        epilog=CHECK_EXAMPLES,
    )
    check.add_argument(
        "--min-gradient",
        type=_min_gradient,
        default=DEFAULT_MIN_GRADIENT,
        metavar="X",
        help=f"healthy is a median from X to 1/X: a number above 0 and below 1 (default {DEFAULT_MIN_GRADIENT:g})",
    )
    _add_settings(check)
    _add_output(check, ("json",))

    listing = found.add_parser(
        "list",
        help="all initialisers and activations",
        description="All initialisers, with what decides about their weights, and all activations.",
        epilog=LIST_EXAMPLES,
    )
    _add_output(listing, ("json",))

    completion = found.add_parser(
        "completion",
        help="a script that makes a shell complete the options",
        description="Print a script that makes a shell complete commands, options and their values; it needs the "
        "extra package 'completion'.",
        epilog=COMPLETION_EXAMPLES,
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    commands = (run, sweep, theory, check, listing, completion)
    return Parsers(app, {parser.prog.rpartition(" ")[2]: parser for parser in commands})


def describes_an_experiment(options: argparse.Namespace) -> bool:
    """Whether any setting of the experiment was given."""
    fields = {*LIMITS, *REAL_LIMITS, *NAMED, *INITIALISER_FIELDS, "widths", "preset"}
    return not fields.isdisjoint(vars(options))


def experiment_of(options: argparse.Namespace, runs: int = DEFAULT_RUNS) -> Experiment:
    """The experiment that the options ask for; `runs` where they do not say how many.

    Raises:
        Failure: the options do not go together.
    """
    fields = (*LIMITS, *REAL_LIMITS, *NAMED, *INITIALISER_FIELDS, "widths")
    given = {field: value for field, value in vars(options).items() if field in fields}
    clashing = [field for field in ("layers", "neurons", "features") if field in given]
    if "widths" in given and clashing:
        raise Failure(f"--widths: says how many {clashing[0]} there are; leave out --{clashing[0]}")
    if "preset" in options:
        if "a" in given or "b" in given:
            raise Failure("--preset: names both initialisers; leave out --a and --b")
        given["a"], given["b"] = PRESETS[options.preset]
    try:
        return Experiment(**{"runs": runs, **_with_critical_gains(given)})
    except SettingError as error:
        raise option_failure(error) from None


def option_failure(error: SettingError) -> Failure:
    """The same error, of the option that belongs to the setting."""
    return Failure("--" + str(error).replace(error.field, error.field.replace("_", "-"), 1))


def _with_critical_gains(given: dict[str, Any]) -> dict[str, Any]:
    """The settings with a number wherever a gain was asked for by name."""
    wanted = [field for field, value in given.items() if value == CRITICAL]
    if not wanted:
        return given
    from tui_initflow.theory.of_experiment import Side, critical_gain_of

    plain = Experiment(**{field: value for field, value in given.items() if field not in wanted})
    sides: dict[str, Side] = {"gain_a": "a", "gain_b": "b"}
    return given | {field: critical_gain_of(plain, sides[field])[0] for field in wanted}


def parse_values(over: str, text: str) -> tuple[int, ...]:
    """The whole numbers that `text` lists: numbers and ranges start:end or start:end:step, separated by commas.

    Raises:
        Failure: it is no such list, or lists a value that `over` does not allow, or too many.
    """
    low, high = LIMITS[over]
    refusal = Failure(
        f"--values: {quoted(text)} is not allowed; {over} from {low} to {high}, such as 1:20, 1:100:10 or 1,10,20"
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
            numbers = [check(over, number) for number in part.split(":")]
        except SettingError:
            raise refusal from None
        match numbers:
            case [value]:
                found = range(value, value + 1)
            case [start, end] if start <= end:
                found = range(start, end + 1)
            case [start, end, step] if start <= end:
                found = range(start, end + 1, step)
            case _:
                raise refusal
        if len(found) > MOST_VALUES:
            raise too_many
        values.update(found)
    if len(values) > MOST_VALUES:
        raise too_many
    return tuple(sorted(values))
