"""The screen as it is, as a picture and as text."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def screen_svg(screen: Screen[Any]) -> str:
    return screen.app.export_screenshot(simplify=True)


def screen_text(screen: Screen[Any]) -> str:
    """The characters alone, blanks at line ends dropped."""
    # Textual has no public way to a screen's characters
    strips = screen._compositor.render_strips()
    return "".join(f"{strip.text.rstrip()}\n" for strip in strips)
