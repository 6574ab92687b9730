"""Starts the command on a Textual in which some names are renamed: `python renamed.py NAME,NAME …`.

The name is replaced in Textual's own sources as they are imported, so that Textual itself goes on working.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType


def rename(names: Sequence[str]) -> None:
    """Let every module of Textual that is imported from now on use `name_renamed` instead of each name."""
    # a module of that name keeps it
    renamed = [re.compile(rf"(?<!textual\.)(?<!drivers\.)\b{name}\b".encode()) for name in names]
    get_code = SourceFileLoader.get_code

    def code_of_renamed(loader: SourceFileLoader, module: str) -> CodeType | None:
        path = loader.get_filename(module)
        if not module.startswith("textual."):
            return get_code(loader, module)
        source = loader.get_data(path)
        if not any(pattern.search(source) for pattern in renamed):
            return get_code(loader, module)
        for pattern in renamed:
            source = pattern.sub(rb"\g<0>_renamed", source)
        return compile(source, path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = code_of_renamed  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    rename(sys.argv.pop(1).split(","))
    from tui_initflow.cli.main import entry

    sys.exit(entry())
