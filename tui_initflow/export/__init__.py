"""Results outside the app: JSON, CSV, text, Markdown, charts as text. Pure functions that return the text to write.

May import: pages and what lies below them.
"""
