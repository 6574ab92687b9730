"""Every kind of part in every format, and how passages of them are set apart."""

from __future__ import annotations

import pytest

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import DARK, Palette
from tui_initflow.export.data import TOGETHER, to_json
from tui_initflow.export.render import VERSIONS, Terminal, to_markdown, to_plot, to_statements, to_text
from tui_initflow.findings.wording import Claim
from tui_initflow.pages.parts import (
    Chart,
    Code,
    Heading,
    Lines,
    Part,
    Passage,
    Sentence,
    Table,
    Title,
    lines_of,
    picture,
)


def drawn(width: int, height: int, palette: Palette, /) -> Picture:
    return ((("█" * width, Style(palette.a)),),) * height


EVERY: tuple[Passage, ...] = (
    (Title("What it is"), Sentence("It is so.")),
    (Heading("Why"), Sentence("Because.", "strong"), Claim("it holds", "2 of 3", None)),
    (Table(("name", "n"), (("x", "1"), ("longer", "20")), "<>"),),
    (Chart(drawn, 2, "How"),),
    (Lines(("a  b", "1  2")), Code("x()", "python", "a")),
)


def test_text_has_all_but_charts_and_a_blank_line_between_blocks() -> None:
    assert to_text(EVERY) == (
        "What it is\nIt is so.\n\nWhy\nBecause.\nClaim: it holds\nIt is undecided: 2 of 3\n\n"
        "name     n\nx        1\nlonger  20\n\na  b\n1  2\nx()\n"
    )


def test_markdown_has_headings_fences_and_what_it_was_made_with() -> None:
    chart = "\n".join(["█" * 96] * 4)
    assert to_markdown(EVERY) == (
        "# What it is\n\nIt is so.\n\n## Why\n\n**Because.**\n- “it holds”: **undecided**. 2 of 3.\n\n"
        "| name | n |\n| --- | --- |\n| x | 1 |\n| longer | 20 |\n\n"
        f"## How\n\n```text\n{chart}\n```\n\n```text\na  b\n1  2\n```\n```python\nx()\n```\n\n{VERSIONS}\n"
    )


def test_a_plot_has_every_part_at_its_width() -> None:
    assert to_plot(EVERY, Terminal(40, palette=DARK.in_ascii)) == (
        'What it is\nIt is so.\n\nWhy\nBecause.\n"it holds"\n  - undecided     2 of 3\n\n'
        f"name     n\nx        1\nlonger  20\n\n{'#' * 40}\n{'#' * 40}\n\na  b\n1  2\n  x()\n"
    )


@pytest.mark.parametrize("part", [part for passage in EVERY for part in passage], ids=lambda part: type(part).__name__)
def test_a_page_has_rows_of_one_width(part: Part) -> None:
    rows = picture([part], 24, DARK)
    assert {sum(len(text) for text, _ in row) for row in rows} == {24}


def test_a_listener_hears_a_statement_at_a_time() -> None:
    said = to_statements([Sentence("it is 3. It was 2 (before). Then"), Claim("a beats b", "1x", True)])
    assert said == ["It is 3.", "It was 2 (before).", "Then.", "Claim: a beats b.", "It holds: 1x."]


def test_foreign_names_are_no_markup() -> None:
    name = "a|b_[x](y) *z* `w` #1"
    passage = (Title(name, foreign=True), Sentence(name, foreign=True), Table((name,), ((name,),), foreign=True))
    shown = r"a\|b\_\[x\](y) \*z\* \`w\` \#1"
    assert to_markdown([passage]).startswith(f"# {shown}\n\n{shown}\n| {shown} |\n| --- |\n| {shown} |\n")
    assert to_text([passage]).splitlines() == [name] * 4


def test_columns_are_as_wide_as_their_layout_or_their_longest_cell() -> None:
    table = Table(("k", "value"), (("long", "1"), ("x", "1234567")), ("<", ">6"))
    assert lines_of(table) == ["k      value", "long       1", "x     1234567"]


@pytest.mark.parametrize("count", [0, 1, TOGETHER, TOGETHER + 1])
def test_what_is_streamed_is_the_json_of_a_list(count: int) -> None:
    items = [{"name": f"{i}", "n": None} for i in range(count)]
    assert to_json({"a": 1, "items": iter(items), "z": []}) == to_json({"a": 1, "items": items, "z": []})
