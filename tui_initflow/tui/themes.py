"""The app's themes: what options and files call them, and what Textual knows them as."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme as TextualTheme

from tui_initflow.storage.config import Theme

LEAST_CONTRAST = "least-contrast"
"""The variable of a theme that says how much contrast text in charts has to have."""

CONTRAST = TextualTheme(
    name="contrast",
    primary="#ffd84d",
    secondary="#ffffff",
    accent="#ffd84d",
    warning="#ffd84d",
    error="#ff8a8a",
    success="#8ff0a4",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    variables={
        LEAST_CONTRAST: "7",
        # those of Textual are 87%, 60% and 38% of black or white
        "text": "auto 100%",
        "text-muted": "auto 100%",
        "text-disabled": "auto 80%",
    },
)
"""White on black: text has a contrast of at least 7 (WCAG AAA)."""

THEMES: Mapping[Theme, str] = {"dark": "textual-dark", "light": "textual-light", "contrast": CONTRAST.name}


def name_of(theme: TextualTheme) -> Theme:
    """What files call a theme; dark or light for one of Textual's others."""
    own = next((name for name, textual in THEMES.items() if textual == theme.name), None)
    return own or ("dark" if theme.dark else "light")


def after(theme: Theme) -> Theme:
    names = list(THEMES)
    return names[(names.index(theme) + 1) % len(names)]
