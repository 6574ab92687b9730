"""The page that explains: what these runs show, advice, common claims checked against them, the mathematics."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.advice import advise, explanation
from tui_initflow.findings.claims import Claim, claims
from tui_initflow.findings.notation import counted
from tui_initflow.findings.summary import Summary
from tui_initflow.findings.wording import HOLDS, trainable_depth
from tui_initflow.pages.rows import blank, fit, paragraph

MATHEMATICS = (
    "Forward, layer by layer: z = W a, then a = f(z). Backward: each layer multiplies the signal by f'(z) and by W "
    "transposed, so the gradient at the first layer is a product of one such factor per layer. A typical factor below "
    "1 shrinks it exponentially with depth; a factor above 1 makes it explode.",
    "tanh'(z) = 1 - tanh(z)²: 1 at z = 0, 0.42 at |z| = 1, 0.07 at |z| = 2. A saturated neuron passes almost nothing. "
    "But small weights shrink the signal too, without any saturation.",
)
WITH_BLOCKS = (
    "A skip adds h to what its block computes, h + c W f(h), so the gradient goes past every block unchanged, and the "
    "block adds c times what W transposed and f' make of it. A norm scales h to size 1, and divides the gradient by "
    "what it divides h by.",
)
MARKS = {True: "✓", False: "✗", None: "·"}
WIDEST = 110


def why(summary: Summary) -> Callable[[int, int, Palette], Picture]:
    """The painter of one summary's page. The claims are checked when it first draws, and only then."""
    return partial(_page, summary, cache(lambda: tuple(claims(summary))))


def _page(
    summary: Summary, checked: Callable[[], tuple[Claim, ...]], width: int, _height: int, palette: Palette
) -> Picture:
    text, head = Style(palette.text), Style(palette.accent, bold=True)
    inner = max(20, min(width - 1, WIDEST))
    runs = "this run" if summary.runs == 1 else f"these {counted(summary.runs, 'run')}"
    lines = (
        fit([(f"What {runs} show{'s' * (summary.runs == 1)}", head)], inner),
        *(row for part in explanation(summary) for row in paragraph(part, inner, text)),
        *blank(inner),
        *_advice(summary, inner, palette),
        *blank(inner),
        fit([(f"Claims, checked against {runs}", head)], inner),
        *(row for claim in checked() for row in claim_rows(claim, inner, palette)),
        *blank(inner),
        fit([("The mathematics", head)], inner),
        *(row for part in _mathematics(summary) for row in paragraph(part, inner, Style(palette.muted))),
    )
    return tuple(fit(row, width) for row in lines)


def _mathematics(summary: Summary) -> tuple[str, ...]:
    """That of plain networks, unless both methods have skips or norms; then that of blocks."""
    plain = [method.method.block.is_plain for method in summary.methods]
    return MATHEMATICS * any(plain) + WITH_BLOCKS * (not all(plain))


def _advice(summary: Summary, width: int, palette: Palette) -> Picture:
    """A sentence for each method, and the line of PyTorch that follows from it."""
    rows = [fit([("Advice", Style(palette.accent, bold=True))], width)]
    if summary.theory is None:
        return (*rows, *paragraph("press t for theory and advice", width, Style(palette.muted)))
    colours = (palette.a, palette.b)
    for method, outlook, colour in zip(summary.methods, summary.theory.outlooks, colours, strict=True):
        advice = advise(summary.experiment, method, outlook)
        depth = ""
        if outlook.trainable_depth is not None and not method.dead:
            depth = f"; in theory, {trainable_depth(summary.experiment, outlook)}"
        rows += paragraph(f"{method.name}: {advice.remedy}{depth}.", width, Style(palette.text))
        rows += paragraph(advice.pytorch, width, Style(colour), hanging="  ")
    return tuple(rows)


def claim_rows(claim: Claim, width: int, palette: Palette) -> Picture:
    colour = {True: palette.good, False: palette.bad, None: palette.muted}[claim.holds]
    statement = paragraph(f"“{claim.statement}”", width, Style(palette.text))
    word = f"{MARKS[claim.holds]} {HOLDS[claim.holds]}"
    rows = []
    for i, row in enumerate(paragraph(claim.measured, width - 18, Style(palette.muted))):
        verdict = f"  {word:<16}" if i == 0 else " " * 18
        rows.append(fit([(verdict, Style(colour, bold=True)), *row], width))
    return (*statement, *rows)
