"""How a step of the story looks: question and answers first, then what the run says of them, and its picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.panes import EXPLAINED
from tui_initflow.pages.rows import blank, cells, centre, fit, paragraph, spread
from tui_initflow.story.steps import LEARNED, STEPS, SUGGESTIONS, Answer, Step

if TYPE_CHECKING:
    from tui_initflow.story.outcome import Outcome

# the pages are imported in the functions below, so that the first paint does not wait for numpy

WIDEST = 110
"""Columns of text that are still easy to read."""
QUESTION_ROWS, EXPLANATION_ROWS = 2, 4
"""On the smallest terminal; they stay free where a text is shorter, so that nothing jumps from step to step."""
MOST_ABOVE = 3
"""Rows between a question and its answers."""
LEAST_PICTURE = 10
YOU = " ← you"
"""Marks a guess."""
ROOMY = 30
"""Rows from which on blank lines separate the parts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A step, by its index, and how far it is: asked, or told too, after a guess of answer `guess` or without one.

    After the last step comes the end.
    """

    index: int
    guess: int | None = None
    is_told: bool = False

    @property
    def is_end(self) -> bool:
        return self.index == len(STEPS)

    @property
    def step(self) -> Step:
        """The step; the end has none."""
        return STEPS[self.index]


def page(shown: Shown, outcome: Outcome | None, hint: str, width: int, height: int, palette: Palette) -> Picture:
    """The whole page. `hint` says which keys to press or, until there is an outcome, what is being computed."""
    gap = blank(width) if height >= ROOMY else ()
    heading = (*_heading(shown, width, palette), *gap, *_question(shown.step, width, palette))
    if not shown.is_told or outcome is None:
        return (*heading, *_asked(shown, hint, width, height - len(heading), palette))
    verdict = _verdict(shown, outcome.right, width, palette)
    above = (*heading, *gap, verdict, *gap, *_explained(outcome, width, palette), *gap)
    drawn = picture(outcome, width, max(LEAST_PICTURE, height - len(above)), palette)
    return (*above, *drawn, *blank(width, height - len(above) - len(drawn)))


def closing(width: int, height: int, palette: Palette) -> Picture:
    """The end: what the steps have shown, and what to try in the lab."""
    gap = blank(width) if height >= ROOMY else ()
    strong, text = Style(palette.text, bold=True), Style(palette.text)
    rows = [*_title("", "what to take away", len(STEPS), width, palette), *blank(width)]
    rows += [fit([(" What the steps have shown", strong)], width), *gap]
    for number, sentence in enumerate(LEARNED, 1):
        rows += [*_item(f" {number} ", Style(palette.muted), sentence, text, width), *gap]
    rows += [*blank(width), fit([(" What to try next", strong)], width), *gap]
    for number, suggestion in enumerate(SUGGESTIONS, 1):
        key = Style(palette.background, palette.accent, bold=True)
        runs = f"{suggestion.text} ({settings_line(suggestion.experiment)})"
        rows += [*_item(f" {number} ", key, runs, text, width), *gap]
    hint = "press 1, 2 or 3 to try it in the lab · Enter returns to the lab as it was"
    rows += [*blank(width), centre([(hint, Style(palette.muted))], width)]
    return (*rows, *blank(width, height - len(rows)))


def _item(mark: str, marked: Style, text: str, style: Style, width: int) -> Picture:
    """A paragraph behind a mark."""
    lines = paragraph(text, max(1, _room(width) - len(mark) - 1), style)
    marks = chain([(mark, marked)], repeat((" " * len(mark), PLAIN)))
    return tuple(
        fit([(" ", PLAIN), before, (" ", PLAIN), *line], width) for before, line in zip(marks, lines, strict=False)
    )


def _heading(shown: Shown, width: int, palette: Palette) -> Picture:
    return _title(f"{shown.index + 1}/{len(STEPS)}  ", shown.step.title, shown.index + 1, width, palette)


def _title(number: str, title: str, steps: int, width: int, palette: Palette) -> Picture:
    """The row at the top, with a mark for each of the steps so far."""
    surface = palette.surface
    left = [
        (" How it works ", Style(palette.accent, surface, bold=True)),
        (f" {number}", Style(palette.muted, surface)),
        (title, Style(palette.text, surface, bold=True)),
    ]
    done = "●" * steps + "○" * (len(STEPS) - steps)
    return (spread(left, [(f"{done} ", Style(palette.accent, surface))], width, Style(bg=surface)),)


def settings_line(experiment: Experiment) -> str:
    """What is run, in words that take one row."""
    a, b = experiment.methods
    return f"{a.label} vs {b.label}, {experiment.network}, {experiment.activation}, seed {experiment.seed}"


def _question(step: Step, width: int, palette: Palette) -> Picture:
    return _text(step.asked, QUESTION_ROWS, width, Style(palette.text, bold=True))


def _explained(outcome: Outcome, width: int, palette: Palette) -> Picture:
    return _text(outcome.explanation, EXPLANATION_ROWS, width, Style(palette.text))


def _text(text: str, rows: int, width: int, style: Style) -> Picture:
    """A paragraph with a margin, and as many rows as the longest of all steps has on the smallest terminal."""
    room = _room(width)
    lines = paragraph(text, room, style)
    lines = (*lines, *blank(room, -(-rows * 78 // room) - len(lines)))
    return tuple(fit([(" ", PLAIN), *line], width) for line in lines)


def _room(width: int) -> int:
    """Columns of a line of text, with a margin at both sides."""
    return max(1, min(width - 2, WIDEST))


def _asked(shown: Shown, hint: str, width: int, height: int, palette: Palette) -> Picture:
    """The answers to choose from, in the middle, one below the other."""
    answers = shown.step.answers
    room = max(cells(answer.text) for answer in answers) + 8
    rows: list[Row] = [centre([("Predict first", Style(palette.muted))], width), *blank(width)]
    for number, answer in enumerate(answers, 1):
        chosen = shown.guess == number - 1
        key = (f" {number} ", Style(palette.background, palette.accent, bold=True))
        text = (f"  {answer.text}{'  ←' if chosen else ''}", Style(palette.text, bold=chosen))
        rows += [centre(fit([key, text], room), width), *blank(width)]
    rows += [centre([(hint, Style(palette.muted))], width)]
    above = min(MOST_ABOVE, max(0, (height - len(rows)) // 2))
    asked = (*blank(width, above), *rows)
    return (*asked, *_promised(shown.step, width, height - len(asked), palette))


def _promised(step: Step, width: int, height: int, palette: Palette) -> Picture:
    """What will be run and shown, in the middle of the room that is left."""
    muted = Style(palette.muted)
    lines = (f"Runs: {settings_line(step.experiment)}.", f"Shows: {EXPLAINED[step.pane].aid.what}")
    wrapped = (row for line in lines for row in textwrap.wrap(line, _room(width)))
    rows = [centre([(row, muted)], width) for row in wrapped]
    above = max(0, (height - len(rows)) // 2)
    return (*blank(width, above), *rows, *blank(width, height - above - len(rows)))


def _verdict(shown: Shown, right: int, width: int, palette: Palette) -> Row:
    """The answers in a row: which is right, and which was guessed if that is another one."""
    row: list[Run] = []
    for i, answer in enumerate(shown.step.answers):
        row += [(" ", PLAIN), *_marked(answer, i + 1, i == right, i == shown.guess, palette), ("  ", PLAIN)]
    return fit(row, width)


def _marked(answer: Answer, number: int, is_right: bool, is_guess: bool, palette: Palette) -> Sequence[Run]:
    if is_right:
        return [(f" ✓ {answer.text}{YOU * is_guess} ", Style(palette.background, palette.good, bold=True))]
    if is_guess:
        return [(f"✗ {answer.text}{YOU}", Style(palette.bad))]
    return [(f"{number} {answer.text}", Style(palette.muted))]


def picture(outcome: Outcome, width: int, height: int, palette: Palette) -> Picture:
    """The picture of a step, drawn by the page it points at."""
    from tui_initflow.findings.layers import of_runs
    from tui_initflow.pages.gradient import gradient
    from tui_initflow.pages.layers import histograms
    from tui_initflow.pages.phase import PhaseChart
    from tui_initflow.pages.train import arranged, charts

    if outcome.training is not None:
        sample, (a, b) = palette.glyphs.sample, outcome.step.experiment.methods
        legend = [(f"{sample['a']} {a.label}   ", Style(palette.a)), (f"{sample['b']} {b.label}", Style(palette.b))]
        shown = arranged(charts(outcome.training)[:2], 2, width, height - 1, palette)
        return (fit(legend, width), *shown)
    if outcome.grid is not None:
        return PhaseChart(outcome.step.experiment, outcome.grid, "b").draw(None, width, height, palette)
    draw = {"gradient": gradient, "preactivations": histograms}[outcome.step.pane]
    return draw(of_runs(outcome.summary), width, height, palette)
