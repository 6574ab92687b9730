"""The page that explains: the mathematics, what these runs show, and common claims checked against them."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.claims import Claim
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.rows import blank, fit, paragraph
from tui_initflow.pages.theory import advice_section

MATHEMATICS = (
    "Forward: z = W a, a' = f(z). Backward: each layer multiplies the signal by W transposed and by f'(z), "
    "so the gradient at the first layer is a product of one such factor per layer. "
    "A typical factor below 1 shrinks it exponentially with depth, above 1 it explodes.",
    "tanh'(z) = 1 - tanh(z)²: 1 at z = 0, 0.42 at |z| = 1, 0.07 at |z| = 2. "
    "A saturated unit passes almost nothing. But small weights shrink the signal too, without any saturation.",
)
WORDS = {True: "✓ holds", False: "✗ does not hold", None: "· not decided"}


def why(summary: Summary, width: int, _height: int, palette: Palette) -> Picture:
    text, muted = Style(palette.text, None), Style(palette.muted, None)
    head = Style(palette.accent, None, bold=True)
    inner = max(20, min(width - 1, 110))
    runs = "this run" if summary.runs == 1 else f"these {summary.runs:,} runs"
    lines = (
        fit([("What these runs show", head)], inner),
        *paragraph(summary.explanation, inner, text),
        *blank(inner),
        *advice_section(summary, inner, palette),
        fit([(f"Claims, checked against {runs}", head)], inner),
        *(row for claim in summary.claims for row in _claim(claim, inner, palette)),
        *blank(inner),
        fit([("The mathematics", head)], inner),
        *(row for part in MATHEMATICS for row in paragraph(part, inner, muted)),
    )
    return tuple(fit(row, width) for row in lines)


def _claim(claim: Claim, width: int, palette: Palette) -> Picture:
    colour = {True: palette.good, False: palette.bad, None: palette.muted}[claim.holds]
    statement = paragraph(f"“{claim.statement}”", width, Style(palette.text, None))
    word = WORDS[claim.holds]
    measured = paragraph(claim.measured, width - 18, Style(palette.muted, None))
    rows = []
    for i, row in enumerate(measured):
        verdict = f"  {word:<16}" if i == 0 else " " * 18
        rows.append(fit([(verdict, Style(colour, None, bold=True)), *row], width))
    return (*statement, *rows)
