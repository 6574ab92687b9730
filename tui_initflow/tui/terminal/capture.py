"""The screen as text, read from Textual's picture of it: there is no other public way to its characters."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from xml.etree import ElementTree

from rich.cells import cell_len
from textual.app import App

TEXT = "{http://www.w3.org/2000/svg}text"


def screen_text(app: App[Any]) -> str:
    """The characters alone, blanks at line ends dropped."""
    height = app.size.height
    lines: defaultdict[int, str] = defaultdict(str)
    for element in ElementTree.fromstring(app.export_screenshot(simplify=True)).iter(TEXT):
        _, clipped, line = element.get("clip-path", "").rstrip(")").rpartition("-line-")
        text = element.text or ""
        if not clipped or not text:
            continue  # the title
        # blanks alone are not drawn; the position in pixels tells how many there are
        column = round(float(element.get("x", 0)) * len(text) / float(element.get("textLength", 1)))
        y = int(line)
        lines[y] += " " * (column - cell_len(lines[y])) + text.replace("\xa0", " ")
    return "".join(f"{lines[y].rstrip()}\n" for y in range(height))
