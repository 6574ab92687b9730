"""An argument parser that reports what is wrong in one line: the option, the problem, what is allowed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from textwrap import fill, wrap
from typing import Any, NoReturn, Protocol, Self, TypeVar

from tui_initflow.cli.diagnostics import BAD_USAGE, Failure, quoted
from tui_initflow.cli.streams import print_out, say

HELP_WIDTH = 78
Value = TypeVar("Value")


class Command(Protocol):
    """A module of `commands`, or that of the app: its docstring is the description in its help, the gist first."""

    __doc__: str | None
    EXAMPLES: str
    """For the help; a test parses them."""
    add_options: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser whose options are added when they are first asked for, because a line asks for those of one command."""

    def __init__(self, *, command: Command, **settings: Any) -> None:
        super().__init__(
            # keeps the line breaks of examples, so the description is wrapped here
            formatter_class=argparse.RawDescriptionHelpFormatter,
            description=fill(" ".join((command.__doc__ or "").split()), HELP_WIDTH),
            epilog=f"examples:\n{command.EXAMPLES}",
            allow_abbrev=False,
            add_help=False,
            **settings,
        )
        self.add_argument("-h", "--help", action="help", help="show this help and exit")
        self._left_to_add = [command.add_options]

    def with_options(self) -> Self:
        """The parser itself, with all of its options."""
        while self._left_to_add:
            self._left_to_add.pop()(self)
        return self

    def parse_known_args(self, *arguments: Any, **named: Any) -> Any:
        self.with_options()
        return super().parse_known_args(*arguments, **named)

    def format_help(self) -> str:
        self.with_options()
        return super().format_help()

    def takes(self, name: str) -> bool:
        """Whether an option gives this name a value."""
        return any(action.dest == name for action in self._actions)

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ").replace("with argument ", "with ")
        missing = re.fullmatch(r"(?:-\w/)?(--[\w-]+): expected one argument", message)
        if missing:
            # the help is "meaning: allowed (default …)", as options of settings have it
            meaning = str(self._option_string_actions[missing[1]].help).partition(" (default")[0]
            _, colon, allowed = meaning.rpartition(": ")
            message = f"{missing[1]}: missing value" + (f" ({allowed})" if colon else "")
        say(message, self.prog)
        raise SystemExit(BAD_USAGE)

    def _print_message(self, message: str, file: object = None) -> None:
        """Write the help or the version; errors are not written by argparse."""
        try:
            print_out(message)
        except Failure as failure:
            say(failure, self.prog)
            raise SystemExit(failure.status) from None

    def refuse_unknown(self, words: Sequence[str]) -> NoReturn:
        """Report arguments that no option takes."""
        word = words[0].partition("=")[0]
        kind = "option" if word.startswith("-") else "argument"
        options = [option for option in self._option_string_actions if option.startswith("--")]
        self.error(f"unexpected {kind} {quoted(word)}{suggestion(word, options)}; see --help")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        if action.option_strings and arg_strings == ["--"]:
            # of "--seed=--"; argparse takes it for the end of the options, and gives a list without anything
            value = self._get_value(action, "--")
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(name) for name in action.choices]
            raise argparse.ArgumentError(action, refusal(str(value), f"one of {', '.join(names)}", names))


def reader(read: Callable[[str], Value], allowed: str) -> Callable[[str], Value]:
    """The type of an option whose text `read` turns into a value, or raises ValueError."""

    def checked(text: str) -> Value:
        try:
            return read(text)
        except ValueError:
            raise argparse.ArgumentTypeError(refusal(text, allowed)) from None

    return checked


def refusal(text: str, allowed: str, names: Sequence[str] = ()) -> str:
    return f"{quoted(text)} is not allowed{suggestion(text, names)}; must be {allowed}"


SYNONYMS: Mapping[str, str] = {
    **{"kaiming": "he", "xavier": "glorot", "linear": "torch-linear", "trunc-normal": "truncated-normal"},
    **{"swish": "silu", "logistic": "sigmoid", "none": "identity"},
    **{"float32": "fp32", "float16": "fp16", "half": "fp16", "bfloat16": "bf16"},
    **{"init": "a", "initialiser": "a", "initializer": "a", "act": "activation", "optim": "optimizer"},
    **{"depth": "layers", "width": "neurons", "hidden": "neurons", "epochs": "steps", "learning-rate": "lr"},
}
"""What others call the same."""
ALIKE, SHORT_ALIKE, SHORT = 0.75, 0.6, 4
"""Share of equal letters from which on a word is taken for another one, and that of words of so many letters."""


def suggestion(word: str, names: Sequence[str]) -> str:
    """The names that were meant, if some are like the word, or what others call it: (did you mean tanh?)."""
    from difflib import get_close_matches

    wanted = word[:40].lower().replace("_", "-").strip("-")
    # an expression is like no name
    if not wanted or ":" in wanted:
        return ""
    by_words = {name.lower().replace("_", "-").strip("-"): name for name in names}
    first, dash, rest = wanted.partition("-")
    known = SYNONYMS.get(wanted) or f"{SYNONYMS.get(first, first)}{dash}{rest}"
    close = [name for name in by_words if name == known or name.startswith(f"{known}-")]
    alike = SHORT_ALIKE if len(wanted) <= SHORT else ALIKE
    close = close or get_close_matches(wanted, by_words, n=1, cutoff=alike)
    return f" (did you mean {' or '.join(by_words[name] for name in close[:3])}?)" if close else ""


def aligned(rows: Sequence[Sequence[str]], indent: int = 2) -> str:
    """Rows of cells in columns as wide as their longest cell; the last column wraps."""
    *widths, _ = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = indent + sum(width + 2 for width in widths)
    lines = []
    for *cells, last in rows:
        first = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        wrapped = wrap(last, HELP_WIDTH - left, break_on_hyphens=False) or [""]
        lines += [f"{' ' * indent}{first}{wrapped[0]}".rstrip(), *(f"{' ' * left}{line}" for line in wrapped[1:])]
    return "\n".join(lines) + "\n"
