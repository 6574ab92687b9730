"""The lines around the panes: title, key insight, the verdict, status and progress, and bars of links."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style
from tui_initflow.charts.palette import DARK, Palette
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.network import AppliedMethod
from tui_initflow.model.pair import Side
from tui_initflow.pages.rows import blank, cells, centre, fit, level, paragraph, spread, width_of

if TYPE_CHECKING:
    from tui_initflow.findings.summary import Summary

# findings are imported in the functions below, so that the first paint does not wait for numpy

PROGRESS_WIDTH = 16

Link = tuple[str, str]
"""A text and the action it runs."""


def title(experiment: Experiment, focused: Side, width: int, _height: int, palette: Palette) -> Picture:
    """What is compared. A mark shows the focused method, the one that keys for a single method act on."""
    a, b = experiment.methods
    surface = palette.surface
    muted, key = Style(palette.muted, surface), Style(palette.accent, surface)
    left = [
        (" initflow  ", Style(palette.accent, surface, bold=True)),
        ("a▸" if focused == "a" else "a ", key),
        (_long_name(a), Style(palette.a, surface, bold=True)),
        (" vs ", muted),
        ("b▸" if focused == "b" else "b ", key),
        (_long_name(b), Style(palette.b, surface, bold=True)),
    ]
    right: list[Run] = [("f ", key), (experiment.activation, muted)]
    if experiment.sigma_b:
        right.append((f" · σ_b {experiment.sigma_b:.3g}", muted))
    if experiment.start != "ones":
        right.append((f" · output gradient {experiment.start}", muted))
    right.append((f" · seed {experiment.seed} ", muted))
    return (spread(left, right, width, muted),)


_TITLE_ACTIONS = ("", "ask('a')", "ask('a')", "", "ask('b')", "ask('b')", "", "ask('activation')", "ask('activation')")
"""What a click on each part of the title opens; on those after them, the form that has them."""


def title_links(experiment: Experiment, focused: Side, width: int) -> list[Link]:
    """The parts of the title, and the action of those that can be clicked."""
    (row,) = title(experiment, focused, width, 1, DARK)
    actions = chain(_TITLE_ACTIONS, repeat("ask('network')"))
    return [(text, action) for (text, _), action in zip(row, actions, strict=False)]


def _long_name(method: AppliedMethod) -> str:
    initialiser = method.initialiser
    title = initialiser.title if initialiser.gain == 1.0 else f"{initialiser.title} ×{initialiser.gain:.3g}"
    return f"{title} {method.block_label}".rstrip()


def insight(summary: Summary | None, width: int, _height: int, palette: Palette) -> Picture:
    """What a factor per layer leaves of the gradient after all layers; here, the factor of a backward step."""
    left = [
        (" Key insight: ", Style(palette.accent, bold=True)),
        ("×0.9 per layer leaves 35% after 10 layers", Style(palette.text)),
    ]
    right: list[Run] = []
    if summary is not None:
        from tui_initflow.findings.notation import plain, share_left
        from tui_initflow.findings.wording import GEOMETRIC_MEAN

        average = "" if summary.runs == 1 else f", {GEOMETRIC_MEAN}"
        right.append((f"here{average}:", Style(palette.muted)))
        for method, colour in zip(summary.methods, (palette.a, palette.b), strict=True):
            if method.log10_step is not None and math.isfinite(method.log10_step):
                right.append((f" ×{plain(method.log10_step)}", Style(colour, bold=True)))
            right.append((f" leaves {share_left(method.final)} ", Style(colour)))
    return (spread(left, right, width),)


def result(summary: Summary, width: int, _height: int, palette: Palette, *, kept: Summary | None = None) -> Picture:
    """Final gradients left and right of the verdict; below, which average they are and how certain the verdict is.

    With a result that was kept, the difference to it follows.
    """
    from tui_initflow.findings import wording
    from tui_initflow.findings.notation import scientific

    a, b = summary.methods
    is_decided = summary.verdict.larger is not None
    neither = palette.bad if is_decided else palette.muted
    colour = {"a": palette.a, "b": palette.b, None: neither}[wording.winner(summary)]
    certainty = wording.badge_interval(summary)
    if summary.runs == 1:
        certainty = "press R for more runs and a confidence interval"
    basis = f"gradient at L0 · {wording.basis(summary.runs)} · {certainty}"
    if kept is not None:
        basis = f"{basis} · {wording.since_kept(summary, kept)}"
    return _banner(
        (a.name, scientific(a.final)),
        (b.name, scientific(b.final)),
        (f" {wording.badge(summary)} ", Style(palette.background, colour, bold=is_decided)),
        _within(basis, width),
        width,
        palette,
    )


def _within(parts: str, width: int) -> str:
    """As many of the parts, which · separates, as there is room for: the last ones."""
    while len(parts) > width and " · " in parts:
        parts = parts.partition(" · ")[2]
    return parts


def waiting(experiment: Experiment, badge: str, hint: str, width: int, _height: int, palette: Palette) -> Picture:
    """The banner while there is nothing to show: `badge` says why, `hint` what to do."""
    a, b = experiment.methods
    badge_run = (f" {badge} ", Style(palette.background, palette.accent, bold=True))
    return _banner((a.label, "—"), (b.label, "—"), badge_run, hint, width, palette)


def _banner(a: tuple[str, str], b: tuple[str, str], badge: Run, basis: str, width: int, palette: Palette) -> Picture:
    surface = palette.surface
    fill = Style(palette.muted, surface)
    left = [(f"{a[0]} ", Style(palette.a, surface)), (a[1], Style(palette.a, surface, bold=True))]
    right = [(b[1], Style(palette.b, surface, bold=True)), (f" {b[0]}", Style(palette.b, surface))]
    gap = ("   ", fill)
    # the badge stays in the middle whatever stands beside it; where that is too wide, names give way, never numbers
    side = max(width_of(left), width_of(right))
    before, after = (" " * (side - width_of(left)), fill), (" " * (side - width_of(right)), fill)
    together = [*left, gap, badge, gap, *right]
    nameless = [left[1], gap, badge, gap, right[0]]
    balanced = [before, *together, after]
    top = next((row for row in (balanced, together) if width_of(row) <= width), nameless)
    return (centre(top, width, fill), centre([(basis, fill)], width, fill))


def message(text: str, width: int, _height: int, palette: Palette) -> Picture:
    return (fit([(f" {text}", Style(palette.muted))], width),)


def explained(text: str, width: int, height: int, palette: Palette) -> Picture:
    """Why there is nothing to see, in full, in the middle."""
    lines = paragraph(text, max(width - 4, 1), Style(palette.bad))
    above = max(0, (height - len(lines)) // 2)
    rows = (centre(row, width) for row in lines)
    return (*blank(width, above), *rows, *blank(width, height - above - len(lines)))


def refusal(text: str, width: int, _height: int, palette: Palette) -> Picture:
    return (fit([(f" ✗ {text}", Style(palette.bad, bold=True))], width),)


def progress(text: str, fraction: float, width: int, _height: int, palette: Palette) -> Picture:
    room = min(PROGRESS_WIDTH, max(4, width - cells(text) - 4))
    bar = (level(fraction, room), Style(palette.accent, palette.surface))
    return (fit([(" ", PLAIN), bar, (f" {text}", Style(palette.text))], width),)


def keys_bar(keys: Sequence[tuple[str, str, str]], width: int, _height: int, palette: Palette) -> Picture:
    """Keys, each with a word that says what it does."""
    runs: list[Run] = []
    for key, word, _ in keys:
        runs += [
            (f"{key} ", Style(palette.accent, palette.surface, bold=True)),
            (f"{word} ", Style(palette.text, palette.surface)),
        ]
    return (_bar(runs, width, palette),)


def key_links(keys: Sequence[tuple[str, str, str]]) -> list[Link]:
    """The parts of the keys' bar that can be clicked."""
    return [(f"{key} {word} ", action) for key, word, action in keys]


def tabs(links: Sequence[Link], active: str, width: int, _height: int, palette: Palette) -> Picture:
    """The names of the panes; the active one is marked."""
    chosen = Style(palette.background, palette.accent, bold=True)
    plain = Style(palette.text, palette.surface)
    return (_bar([(text, chosen if action == active else plain) for text, action in links], width, palette),)


def _bar(runs: Sequence[Run], width: int, palette: Palette) -> Row:
    return fit(runs, width, Style(bg=palette.surface))
