"""The page that explains: its parts, and advice where there is theory."""

from __future__ import annotations

import pytest

from tests.pages.samples import EXPERIMENTS, summary, with_theory, words
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.advice import explanation
from tui_initflow.findings.claims import claims
from tui_initflow.pages.why import why


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", [72, 80, 118])
def test_it_has_the_explanation_every_claim_and_the_mathematics(name: str, width: int) -> None:
    text = words(why(summary(name))(width, 16, DARK))
    assert text.startswith("What this run shows" if summary(name).runs == 1 else f"What these {summary(name).runs}")
    for paragraph in explanation(summary(name)):
        assert " ".join(paragraph.split()) in text
    for claim in claims(summary(name)):
        assert f"“{claim.statement}”" in text
    assert "tanh'(z) = 1 - tanh(z)²" in text
    assert "press t for theory and advice" in text


def test_advice_has_a_remedy_the_trainable_depth_and_a_line_of_pytorch() -> None:
    text = words(why(with_theory("demo"))(118, 37, DARK))
    for part in (
        "Uniform: in theory, at most 12 wide layers pass 1e-03 of the gradient; gain 1.732 puts it on the edge of "
        "chaos (chi = 1): tried, 3.35e-01 is left at L0.",
        "torch.nn.init.xavier_uniform_(w, gain=1)",
    ):
        assert part in text


def test_theory_promises_nothing_where_no_gradient_arrives() -> None:
    text = words(why(with_theory("dead"))(118, 37, DARK))
    assert "widen the layers (the narrowest has 2)" in text
    assert "in theory" not in text
