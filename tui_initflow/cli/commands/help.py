"""Tell more about a topic.

Without a topic, list them. The name of a command prints its --help; 'schema' and a name print the JSON Schema of what
is written.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tui_initflow.cli.commands import COMMANDS, parsers
from tui_initflow.cli.diagnostics import STATUSES, Failure
from tui_initflow.cli.parser import Parser, aligned
from tui_initflow.cli.streams import print_out
from tui_initflow.export.formats import FORMATS
from tui_initflow.export.schemas import NAMES, schema_of
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.findings.status import STATUSES as GRADIENTS
from tui_initflow.findings.status import TRAINABLE, status

if TYPE_CHECKING:
    from tui_initflow.export.schemas.vocabulary import Schema

EXAMPLES = """\
  tui-initflow help
  tui-initflow help keys
  tui-initflow help settings | less
  tui-initflow help sweep
  tui-initflow help schema run
"""
TOPICS = (
    *("demo", "keys", "settings", "lab", "training", "checkpoints", "commands", "json"),
    *("numbers", "cluster", "library", "accessibility", "promises", "changes"),
)
"""In the order of the list: each is a file of `docs/`."""
SCHEMA = "schema"
"""Printed like a topic: the JSON Schema of what a command writes."""
TABLE = re.compile(r"(?m)^.*<!-- (\w+) -->$\n")
"""A line of a topic that stands for the table of this name: in the file it tells readers which command prints it."""
_PICTURE = re.compile(r"(?m)^!\[.*\]\(.*\)$\n\n?")
_INDENT = 4
"""Which makes a table a block of code in Markdown."""


def add_options(parser: Parser) -> None:
    parser.add_argument(
        "topic",
        nargs="?",
        choices=(*TOPICS, SCHEMA, *COMMANDS),
        metavar="TOPIC",
        help=f"one of {', '.join(TOPICS)}, a command, or {SCHEMA}",
    )
    parser.add_argument(
        "name", nargs="?", choices=NAMES, metavar="NAME", help=f"after {SCHEMA}: one of {', '.join(NAMES)}"
    )


def run(options: argparse.Namespace) -> int:
    """The list of topics, a topic, a schema, or the --help of a command."""
    topic, name = options.topic, options.name
    if name is not None and topic != SCHEMA:
        raise Failure(f"NAME: only after {SCHEMA}")
    print_out(_encodable(_help(topic, name)))
    return 0


def _encodable(text: str) -> str:
    """The text with other words for arrows and other signs, where standard output lacks them."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        # which loads numpy
        from tui_initflow.export.render import to_ascii

        return to_ascii(text)
    return text


def _help(topic: str | None, name: str | None) -> str:
    if topic is None:
        return listed()
    if topic in TOPICS:
        return told(topic)
    if topic != SCHEMA:
        return parsers()[topic].format_help()
    if name is None:
        raise Failure(f"NAME: required after {SCHEMA}; must be one of {', '.join(NAMES)}")
    import json

    return json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"


def listed() -> str:
    """Every topic with its title."""
    rows = [(topic, text_of(topic).partition("\n")[0].removeprefix("# ")) for topic in TOPICS]
    more = [
        (f"{SCHEMA} NAME", f"JSON Schema of what is written: {', '.join(NAMES)}"),
        ("COMMAND", f"the --help of a command: {', '.join(COMMANDS)}"),
    ]
    return f"{PROGRAM} help TOPIC prints one of these:\n\n{aligned([*rows, *more])}"


def text_of(topic: str) -> str:
    """The file of a topic."""
    from importlib.resources import files

    return files("tui_initflow").joinpath("docs", f"{topic}.md").read_text(encoding="utf-8")


def told(topic: str) -> str:
    """A topic as it is printed: with its tables, and without its pictures."""
    return TABLE.sub(lambda line: TABLES[line[1]](), _PICTURE.sub("", text_of(topic)))


# tables


def _columns(rows: Sequence[Sequence[str]]) -> str:
    return aligned(rows, _INDENT)


def _keys() -> str:
    from tui_initflow.tui.actions import EVERY, explained

    return _columns(list(explained(EVERY)))


def _names() -> str:
    """What `keys.toml` calls the actions of each screen, and those of all screens."""
    from tui_initflow.tui.actions import SCREENS

    names = {screen: dict.fromkeys(action.name for action in every if action.name) for screen, every in SCREENS.items()}
    first, *others = names.values()
    shared = [name for name in first if all(name in other for other in others)]
    own = [(screen, [name for name in every if name not in shared]) for screen, every in names.items()]
    return _columns([(screen, ", ".join(every)) for screen, every in (*own, ("every screen", shared))])


def _settings() -> str:
    group = next(group for group in parsers()[None]._action_groups if group.title == "experiment")
    return _columns([(f"{of.option_strings[0]} {of.metavar}", of.help or "") for of in group._group_actions])


def _formats() -> str:
    return _columns(
        [
            (
                row.flag if row.commands else "-",
                row.extension,
                f"{row.meaning} ({', '.join(row.commands) or 'the app'})",
            )
            for row in FORMATS.values()
        ]
    )


def _statuses() -> str:
    return _columns([(str(status), meaning) for status, meaning in STATUSES.items()])


def _health() -> str:
    """The words for a gradient at L0, and what a check passes unless --min-gradient says otherwise."""
    most = -math.log10(TRAINABLE)
    ends = sorted({limit for _, limit in GRADIENTS} | {-most, most})
    rows = [("gradient at L0", "in the app", "check")]
    for low, high in zip((-math.inf, *ends), ends, strict=False):
        limits = f"{10**low:g} to {10**high:g}" if low > -math.inf else f"below {10**high:g}"
        middle = max(low, -9.0) / 2 + min(high, 9.0) / 2
        limits = limits if high < math.inf else f"above {10**low:g}"
        rows.append((limits, status(middle), "passes" if abs(middle) < most else "fails"))
    return _columns([(first, f"{word:<12}{verdict}") for first, word, verdict in rows])


def _plain() -> str:
    from tui_initflow.cli.plain import LINES

    return _columns([(f"{', '.join(line.words)}{line.argument}", line.help) for line in LINES])


def _json() -> str:
    return "\n".join(
        f"## {schema_of(name)['title']} (schema {name})\n\n{_columns(list(_outline(schema_of(name))))}"
        for name in NAMES
    )


def _outline(whole: Schema, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The keys of an object and of those in it, with their meaning. Both methods are alike, and share their lines."""
    properties: Mapping[str, Schema] = whole["properties"]
    are_alike = "properties" in properties.get("a", {}) and properties["a"] == properties.get("b")
    for key, part in properties.items():
        if are_alike and key == "b":
            continue
        inner, brackets = part, ""
        while "items" in inner:
            inner, brackets = inner["items"], f"{brackets}[]"
        name = "a, b" if are_alike and key == "a" else key
        yield f"{'  ' * depth}{name}{brackets}", _meaning(part)
        # settings are the options again
        if "properties" in inner and key != "settings":
            yield from _outline(inner, depth + 1)


def _meaning(part: Schema) -> str:
    meaning: str = part["description"]
    if "enum" in part:
        meaning += f": {', '.join(name for name in part['enum'] if name is not None)}"
    is_nullable = None in part.get("enum", ()) or "null" in part.get("type", ())
    return f"{meaning}; or null" if is_nullable and "null" not in meaning else meaning


TABLES: Mapping[str, Callable[[], str]] = {
    "keys": _keys,
    "names": _names,
    "settings": _settings,
    "formats": _formats,
    "statuses": _statuses,
    "health": _health,
    "plain": _plain,
    "json": _json,
}
"""By the name that a topic has for them."""
