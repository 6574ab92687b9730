"""The one widget that draws: it shows a picture, refreshes only the rows that changed, and scrolls if it is tall."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import READABLE, Palette, palette_for
from tui_initflow.tui.themes import LEAST_CONTRAST

Painter = Callable[[int, int, Palette], Picture]
"""Draws a picture for a width, a height (the visible rows; a picture may be taller) and a palette."""
DrawnAt = tuple[int, int, Palette]
"""What a painter was asked for."""


def drawn(painter: Painter, at: DrawnAt | None) -> Painter:
    """The painter, with what it draws for `at` drawn already: in a thread, so that the screen does not wait for it."""
    remembering = lru_cache(maxsize=2)(painter)
    if at is not None:
        remembering(*at)
    return remembering


@lru_cache(maxsize=512)
def rich_style(style: Style) -> RichStyle:
    return RichStyle(color=style.fg, bgcolor=style.bg, bold=style.bold or None)


class PictureView(ScrollView, can_focus=False):
    """Shows what a painter draws; a hidden view draws nothing until it is shown."""

    def __init__(self, painter: Painter, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._painter = painter
        self._picture: Picture = ()
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, Palette] | None = None
        self.drawn_at: DrawnAt | None = None
        """What the painter was asked for last."""

    def show(self, painter: Painter) -> None:
        """Draw with another painter from now on."""
        self._painter = painter
        self._drawn_for = None
        if self.is_on_screen:
            self._draw()

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self._theme_changed, init=False)

    def _theme_changed(self) -> None:
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        self._draw()

    def on_show(self) -> None:
        self._draw()

    def _draw(self) -> None:
        size = self.content_region.size
        colours = self.app.theme_variables
        dark = self.app.current_theme.dark
        least = float(colours.get(LEAST_CONTRAST, READABLE))
        palette = palette_for(dark, colours["background"], colours["surface"], colours["foreground"], least)
        if not size or (size, palette) == self._drawn_for:
            return
        self._drawn_for = (size, palette)
        old, whole = self._picture, size.width
        beside_bar = whole - self.styles.scrollbar_size_vertical * (self.styles.overflow_y == "auto")
        # what was tall probably is again: to draw it twice would take twice as long
        width = beside_bar if len(old) > size.height else whole
        self._picture = self._painter(width, size.height, palette)
        needed = beside_bar if len(self._picture) > size.height else whole
        if width != needed:
            width = needed
            self._picture = self._painter(width, size.height, palette)
        self.drawn_at = (width, size.height, palette)
        self._strips = [
            Strip([Segment(text, rich_style(style)) for text, style in row], width) for row in self._picture
        ]
        height = max(len(self._picture), 1)
        if self.virtual_size != Size(width, height):
            self.virtual_size = Size(width, height)
            self.refresh()
            return
        for y in range(height):
            if y >= len(old) or old[y] != self._picture[y]:
                self.refresh_lines(y)

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        background = self.rich_style
        if y >= len(self._strips):
            return Strip.blank(self.size.width, background)
        return self._strips[y].adjust_cell_length(self.size.width, background).apply_style(background)
