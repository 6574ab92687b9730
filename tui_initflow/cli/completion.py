"""A script that makes a shell complete the command's options and their values."""

from __future__ import annotations

from tui_initflow.cli.failure import FAILED, Failure
from tui_initflow.cli.options import parsers
from tui_initflow.model.experiment import SETTINGS
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import InitialiserName


def completion_script(shell: str) -> str:
    """For one of `options.SHELLS`.

    Raises:
        Failure: the package that knows shells is not installed.
    """
    try:
        import shtab
    except ImportError:
        raise Failure("needs the extra 'completion': pip install 'tui-initflow[completion]'", FAILED) from None
    known = parsers()
    for parser in (known.app, *known.commands.values()):
        for action in parser._actions:
            if action.dest in SETTINGS and isinstance(SETTINGS[action.dest].kind, InitialiserName):
                # expressions are allowed too, but only names can be listed
                action.choices = tuple(INITIALISERS)
            elif action.dest == "output":
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return str(shtab.complete(known.app, shell))
