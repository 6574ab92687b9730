"""An argument parser that reports what is wrong in one line: the option, the problem, what is allowed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from textwrap import fill
from typing import Any, NoReturn

from tui_initflow.cli.diagnostics import BAD_USAGE, Failure, quoted
from tui_initflow.cli.help import HELP_WIDTH, Help
from tui_initflow.cli.streams import print_out, say


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line: the option, what is wrong with it, what is allowed."""

    def __init__(self, *, text: Help, **settings: Any) -> None:
        super().__init__(
            # keeps the line breaks of examples, so the description is wrapped here
            formatter_class=argparse.RawDescriptionHelpFormatter,
            description=fill(text.description, HELP_WIDTH),
            epilog=f"examples:\n{text.examples}",
            allow_abbrev=False,
            add_help=False,
            **settings,
        )
        self.add_argument("-h", "--help", action="help", help="show this help and exit")

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ").replace("with argument ", "with ")
        missing = re.fullmatch(r"(?:-\w/)?(--[\w-]+): expected one argument", message)
        if missing:
            # the help is "meaning: allowed (default …)", as _meaning writes it
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


def refusal(text: str, allowed: str, names: Sequence[str] = ()) -> str:
    return f"{quoted(text)} is not allowed{suggestion(text, names)}; must be {allowed}"


def suggestion(word: str, names: Sequence[str]) -> str:
    close = get_close_matches(word[:40].lower(), names, n=1) if word.strip("-") else []
    return f" (did you mean {close[0]}?)" if close else ""
