"""The two top lines: what is compared, and the one insight to take home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.notation import plain, scientific
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Initialiser
from tui_initflow.pages.rows import PLAIN, spread

if TYPE_CHECKING:
    from tui_initflow.findings.summary import Summary


def title(
    experiment: Experiment, focused: Literal["a", "b"], width: int, _height: int, palette: Palette
) -> Picture:
    """What is compared; the focused method, that keys for one method mean, is underlined by a mark."""
    a, b = experiment.initialisers
    surface = palette.surface
    muted = Style(palette.muted, surface)
    key = Style(palette.accent, surface)
    left = [
        (" initflow  ", Style(palette.accent, surface, bold=True)),
        ("a▸" if focused == "a" else "a ", key),
        (_title(a), Style(palette.a, surface, bold=True)),
        (" vs ", muted),
        ("b▸" if focused == "b" else "b ", key),
        (_title(b), Style(palette.b, surface, bold=True)),
    ]
    right: list[Run] = [("f ", key), (experiment.activation, muted)]
    if experiment.sigma_b:
        right.append((f" · σ_b {experiment.sigma_b:.3g}", muted))
    if experiment.start != "ones":
        right.append((f" · start {experiment.start}", muted))
    right.append((f" · seed {experiment.seed} ", muted))
    return (spread(left, right, width, muted),)


def _title(initialiser: Initialiser) -> str:
    return initialiser.title if initialiser.gain == 1.0 else f"{initialiser.title} ×{initialiser.gain:.3g}"


def insight(summary: Summary | None, width: int, _height: int, palette: Palette) -> Picture:
    left = [
        (" Key insight: ", Style(palette.accent, None, bold=True)),
        ("a factor of 0.9 per layer leaves 35% after 10 layers", Style(palette.text, None)),
    ]
    right: list[Run] = []
    if summary is not None:
        layers = summary.experiment.layers
        right.append((f"here, by {layers} layer{'s' if layers > 1 else ''}:", Style(palette.muted, None)))
        for method, colour in ((summary.a, palette.a), (summary.b, palette.b)):
            per_layer = plain(method.log10_geometric_mean / layers)
            right.append((f"  {per_layer} a layer", Style(colour, None, bold=True)))
            right.append((f" leaves {scientific(method.log10_geometric_mean, 0)}", Style(colour, None)))
        right.append((" ", PLAIN))
    return (spread(left, right, width),)
