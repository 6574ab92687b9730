"""A network of one method as code: it is told by itself, and has nothing to compute."""

from __future__ import annotations

from tui_initflow.findings.snippets import pytorch_module
from tui_initflow.model.network import AppliedMethod, Network


def module(of: tuple[Network, AppliedMethod]) -> str:
    """A PyTorch module that draws its weights as the method does."""
    return pytorch_module(*of)
