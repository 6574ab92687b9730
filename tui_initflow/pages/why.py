"""The page that explains: what these runs show, advice, common claims checked against them, the mathematics."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.advice import advise
from tui_initflow.findings.claims import Claim, claims, explanation
from tui_initflow.findings.notation import counted
from tui_initflow.findings.summary import Summary
from tui_initflow.findings.wording import HOLDS
from tui_initflow.pages.rows import blank, fit, paragraph

MATHEMATICS = (
    "Forward: z = W a, a' = f(z). Backward: each layer multiplies the signal by W transposed and by f'(z), "
    "so the gradient at the first layer is a product of one such factor per layer. "
    "A typical factor below 1 shrinks it exponentially with depth, a factor above 1 makes it explode.",
    "tanh'(z) = 1 - tanh(z)²: 1 at z = 0, 0.42 at |z| = 1, 0.07 at |z| = 2. "
    "A saturated unit passes almost nothing. But small weights shrink the signal too, without any saturation.",
)
MARKS = {True: "✓", False: "✗", None: "·"}
WIDEST = 110


def why(summary: Summary, width: int, _height: int, palette: Palette) -> Picture:
    text, muted = Style(palette.text, None), Style(palette.muted, None)
    head = Style(palette.accent, None, bold=True)
    inner = max(20, min(width - 1, WIDEST))
    runs = "this run" if summary.runs == 1 else f"these {counted(summary.runs, 'run')}"
    lines = (
        fit([(f"What {runs} show{'s' * (summary.runs == 1)} (gradients: geometric mean)", head)], inner),
        *paragraph(explanation(summary), inner, text),
        *blank(inner),
        *advice_section(summary, inner, palette),
        fit([(f"Claims, checked against {runs}", head)], inner),
        *(row for claim in claims(summary) for row in _claim(claim, inner, palette)),
        *blank(inner),
        fit([("The mathematics", head)], inner),
        *(row for part in MATHEMATICS for row in paragraph(part, inner, muted)),
    )
    return tuple(fit(row, width) for row in lines)


def advice_section(summary: Summary, width: int, palette: Palette) -> Picture:
    """A sentence for each method, and the line of PyTorch that follows from it."""
    title = fit([("Advice", Style(palette.accent, None, bold=True))], width)
    if summary.theory is None:
        return (title, *paragraph("press t for theory and advice", width, Style(palette.muted, None)))
    rows = [title]
    colours = (palette.a, palette.b)
    for method, outlook, colour in zip(summary.methods, summary.theory.outlooks, colours, strict=True):
        advice = advise(summary.experiment, method, outlook)
        rows += paragraph(advice.sentence, width, Style(palette.text, None))
        rows += paragraph(advice.pytorch, width, Style(colour, None), hanging="  ")
    return (*rows, *blank(width))


def _claim(claim: Claim, width: int, palette: Palette) -> Picture:
    colour = {True: palette.good, False: palette.bad, None: palette.muted}[claim.holds]
    statement = paragraph(f"“{claim.statement}”", width, Style(palette.text, None))
    word = f"{MARKS[claim.holds]} {HOLDS[claim.holds]}"
    measured = paragraph(claim.measured, width - 18, Style(palette.muted, None))
    rows = []
    for i, row in enumerate(measured):
        verdict = f"  {word:<16}" if i == 0 else " " * 18
        rows.append(fit([(verdict, Style(colour, None, bold=True)), *row], width))
    return (*statement, *rows)
