"""`tui-initflow help`: topics, the tables of the code in them, and what can be checked of the README and the topics."""

from __future__ import annotations

import io
import json
import re
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.checkpoints.samples import MADE_BY_PYTORCH
from tests.cli.conftest import QUICK, refused
from tests.conftest import Command
from tui_initflow import __version__
from tui_initflow.cli.commands import COMMANDS, parsers
from tui_initflow.cli.commands.help import TABLE, TABLES, TOPICS, listed, text_of, told
from tui_initflow.cli.destination import format_of
from tui_initflow.cli.diagnostics import STATUSES
from tui_initflow.cli.parser import HELP_WIDTH
from tui_initflow.cli.plain import LINES
from tui_initflow.cli.settings import experiment_of
from tui_initflow.export.formats import FORMATS
from tui_initflow.export.render import to_ascii
from tui_initflow.export.schemas import NAMES, schema_of
from tui_initflow.tui.actions import EVERY, SCREENS

README = Path(__file__).parents[3] / "README.md"
DOCS = README.parent / "tui_initflow" / "docs"
PAGES = {"README": README, **{topic: DOCS / f"{topic}.md" for topic in TOPICS}}
FILE = str(MADE_BY_PYTORCH / "modules.safetensors")


def one_line(text: str) -> str:
    return " ".join(text.split())


def page(name: str) -> str:
    return PAGES[name].read_text(encoding="utf-8")


def test_every_file_of_the_package_is_a_topic_and_is_listed(typed: Command) -> None:
    found = {path.name for path in files("tui_initflow").joinpath("docs").iterdir()}
    assert found == {f"{topic}.md" for topic in TOPICS}
    done = typed("help")
    assert (done.returncode, done.stderr) == (0, "")
    for topic in TOPICS:
        title = page(topic).partition("\n")[0]
        assert re.search(rf"(?m)^  {topic} +{re.escape(title[2:])}$", done.stdout)


def test_no_name_means_two_things() -> None:
    assert not set(TOPICS) & set(COMMANDS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_printed_with_its_tables_and_fits_a_terminal(typed: Command, topic: str) -> None:
    done = typed("help", topic)
    assert (done.returncode, done.stderr) == (0, "")
    assert "<!--" not in done.stdout
    assert "![" not in done.stdout
    assert "\n\n\n" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    # what is no table is there word for word
    for paragraph in page(topic).split("\n\n"):
        assert paragraph in done.stdout or "<!--" in paragraph or paragraph.startswith("![")


def test_a_locale_without_signs_gets_words(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(to_ascii(told(topic)).isascii() for topic in TOPICS)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    typed("help", "keys")
    sys.stdout.seek(0)
    assert "up down PgUp PgDn  " in sys.stdout.read()


def test_a_table_is_in_one_topic_which_says_how_to_print_it() -> None:
    names = [name for topic in TOPICS for name in TABLE.findall(page(topic))]
    assert sorted(names) == sorted(TABLES)
    for topic in TOPICS:
        for line in TABLE.finditer(page(topic)):
            assert f"`tui-initflow help {topic}` prints " in line[0]


def test_the_tables_have_every_row_of_the_code() -> None:
    keys, settings, commands = (one_line(told(topic)) for topic in ("keys", "settings", "commands"))
    for row in (row for _, rows in EVERY for row in rows if row.help):
        assert f" {row.shown} {row.help} " in keys
    experiment = next(group for group in parsers()[None]._action_groups if group.title == "experiment")
    for option in experiment._group_actions:
        assert f" {option.option_strings[0]} {option.metavar} {option.help} " in settings
    for written in FORMATS.values():
        names = ", ".join(written.commands) or "the app"
        assert f" {written.extension} {written.meaning} ({names}) " in commands
    for status, meaning in STATUSES.items():
        assert f" {status} {meaning} " in commands
    for line in LINES:
        assert f" {', '.join(line.words)}{line.argument} {line.help}" in one_line(told("accessibility"))


def test_the_names_of_a_screen_and_of_every_screen_are_those_that_keys_may_be_given() -> None:
    table = told("keys").partition("The names are:\n\n")[2].partition("\n\n")[0]
    # the first line of a row is indented by four, the others more
    rows = [re.split(r"\s{2,}", row.strip(), maxsplit=1) for row in re.split(r"\n(?=    \S)", table)]
    names = {screen: re.findall(r"\w+", listed) for screen, listed in rows}
    everywhere = names.pop("every screen")
    assert names.keys() == SCREENS.keys()
    for screen, every in SCREENS.items():
        assert sorted(names[screen] + everywhere) == sorted({action.name for action in every if action.name})


def test_json_is_outlined_key_by_key() -> None:
    text = told("json")
    for name in NAMES:
        section = text.partition(f"(schema {name})\n")[2].partition("\n## ")[0]
        for key, part in schema_of(name)["properties"].items():
            assert re.search(rf"(?m)^    (a, )?{key}(, b)?[\[\]]* ", section), (name, key)
            assert part["description"].partition(";")[0].split()[0] in section


def test_a_schema_is_printed_as_json(typed: Command) -> None:
    for name in NAMES:
        assert json.loads(typed("help", "schema", name).stdout) == schema_of(name)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("run", ["run", "--json", *QUICK]),
        ("run", ["run", "--json", "--widths", "4-3x2", "--format", "fp8-e4m3", "--gain-a", "critical", "--runs", "1"]),
        ("run-line", ["run", "--jsonl", *QUICK, "--runs", "1"]),
        ("sweep", ["sweep", "--json", "--over", "neurons", "--values", "1,300", *QUICK]),
        ("grid", ["grid", "--json", "--over", "gain", *QUICK, "--runs", "1"]),
        ("theory", ["theory", "--json", *QUICK, "--preset", "skips"]),
        ("check", ["check", "--json", *QUICK]),
        ("train", ["train", "--json", "--layers", "2", "--neurons", "6", "--runs", "2", "--steps", "3", "--lr", "0.1"]),
        ("inspect", ["inspect", FILE, "--json", "--only", "linear.*"]),
        ("inspect-two", ["inspect", FILE, FILE, "--json", "--only", "linear.*"]),
        ("list", ["list", "--json"]),
    ],
)
def test_what_commands_print_keeps_the_printed_schema(typed: Command, name: str, arguments: list[str]) -> None:
    schema = json.loads(typed("help", "schema", name).stdout)
    done = typed(*arguments)
    assert (done.returncode, done.stderr) in ((0, ""), (1, ""))
    Draft202012Validator(schema).validate(json.loads(done.stdout))


def test_a_command_is_helped_as_it_helps_itself(typed: Command) -> None:
    for command in COMMANDS:
        assert typed("help", command).stdout == typed(command, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kyes"], ["TOPIC: 'kyes' is not allowed (did you mean keys?)", "must be one of demo, keys", "schema", "run"]),
        (["schema"], ["NAME: required after schema", "run-line"]),
        (["schema", "swep"], ["NAME: 'swep' is not allowed (did you mean sweep?)"]),
        (["keys", "run"], ["NAME: only after schema"]),
        (["keys", "run", "more"], ["unexpected argument 'more'"]),
    ],
)
def test_what_is_no_topic_is_refused_in_a_line(typed: Command, arguments: list[str], words: list[str]) -> None:
    refused(typed("help", *arguments), *words)


def test_the_help_of_the_program_names_it(typed: Command) -> None:
    assert "'tui-initflow help' lists topics" in typed("--help").stdout
    assert max(map(len, typed("--help").stdout.splitlines())) <= 80
    assert max(map(len, listed().splitlines())) <= HELP_WIDTH


@pytest.mark.parametrize("name", PAGES)
def test_every_command_in_the_texts_is_understood(name: str) -> None:
    commands = re.findall(
        r"(?m)^ *tui-initflow ([^#|>\n]*)", "".join(re.findall(r"```sh\n(.*?)```", page(name), re.DOTALL))
    )
    assert commands or name in ("accessibility", "changes", "library", "numbers", "promises", "settings")
    for command in commands:
        options = parsers()[None].parse_args(command.split())
        if "output" in options and options.output_format is None:
            format_of(options.command, options.output or "")
        if options.command != "train":
            experiment_of(vars(options))


@pytest.mark.parametrize("name", PAGES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page(name)):
        assert target.startswith("https://") or (PAGES[name].parent / target).is_file(), target


def test_every_topic_is_reached_from_the_readme() -> None:
    linked = {name for text in map(page, PAGES) for name in re.findall(r"\]\((?:tui_initflow/docs/)?(\w+)\.md\)", text)}
    assert set(TOPICS) <= linked


def test_the_readme_is_short() -> None:
    assert README.stat().st_size <= 9000


def test_the_changes_begin_with_this_version() -> None:
    versions = re.findall(r"(?m)^## (\S+)$", text_of("changes"))
    assert versions[0] == __version__
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert numbers == sorted(set(numbers), reverse=True)
