"""The page that explains: what these runs show, advice, common claims checked against them, the mathematics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from tui_initflow.charts.cells import Picture
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.advice import advise, explanation
from tui_initflow.findings.claims import claims
from tui_initflow.findings.notation import counted
from tui_initflow.findings.summary import Summary
from tui_initflow.findings.wording import Claim, trainable_depth
from tui_initflow.model.pair import SIDES
from tui_initflow.pages.parts import Code, Heading, Part, Passage, Sentence, picture
from tui_initflow.pages.rows import blank, fit

MATHEMATICS = (
    "Forward, layer by layer: z = W a, then a = f(z). Backward: each layer multiplies the signal by f'(z) and by W "
    "transposed, so the gradient at the first layer is a product of one such factor per layer. A typical factor below "
    "1 shrinks it exponentially with depth; a factor above 1 makes it explode.",
    "tanh'(z) = 1 - tanh(z)²: 1 at z = 0, 0.42 at |z| = 1, 0.07 at |z| = 2. A saturated neuron passes almost nothing. "
    "But small weights shrink the signal too, without any saturation.",
)
WITH_BLOCKS = (
    "A skip adds h to what its block computes, h + c W f(h), so the gradient goes past the block as it is, and the "
    "block adds c times what W transposed and f' make of it. A norm scales h to size 1, and divides the gradient by "
    "what it divides h by: in the block only what the branch passes, after it, as in post-norm, all of it.",
)
WIDEST = 110


def why(summary: Summary) -> Callable[[int, int, Palette], Picture]:
    """The painter of one summary's page. The claims are checked when it first draws, and only then."""
    return partial(_page, cache(lambda: tuple(_passages(summary))))


def _page(passages: Callable[[], tuple[Passage, ...]], width: int, _height: int, palette: Palette) -> Picture:
    inner = max(20, min(width - 1, WIDEST))
    rows = [row for passage in passages() for row in (*blank(inner), *picture(passage, inner, palette))][1:]
    return tuple(fit(row, width) for row in rows)


def _passages(summary: Summary) -> Iterator[Passage]:
    runs = "this run" if summary.runs == 1 else f"these {counted(summary.runs, 'run')}"
    shown, checked = explained(summary)
    yield [Heading(f"What {runs} show{'s' * (summary.runs == 1)}"), *shown]
    yield [Heading("Advice"), *_advice(summary)]
    yield [Heading(f"Claims, checked against {runs}"), *checked]
    # that of plain networks, unless both methods have skips or norms; then that of blocks
    plain = [method.method.block.is_plain for method in summary.methods]
    mathematics = MATHEMATICS * any(plain) + WITH_BLOCKS * (not all(plain))
    yield [Heading("The mathematics"), *(Sentence(text, "muted") for text in mathematics)]


def explained(summary: Summary) -> tuple[list[Sentence], list[Claim]]:
    """What the runs show, and which common claims hold for them."""
    return [Sentence(text) for text in explanation(summary)], list(claims(summary))


def _advice(summary: Summary) -> Iterator[Part]:
    """A sentence for each method, and the line of PyTorch that follows from it."""
    if summary.theory is None:
        yield Sentence("press t for theory and advice", "muted")
        return
    for side in SIDES:
        method, outlook = summary.methods[side], summary.theory.outlooks[side]
        advice = advise(summary.experiment, method, outlook)
        depth = ""
        if outlook.trainable_depth is not None and not method.dead:
            depth = f"in theory, {trainable_depth(outlook)}; "
        yield Sentence(f"{method.name}: {depth}{advice.remedy}.")
        yield Code(advice.pytorch, "python", side)
