"""Results outside the app: JSON, CSV, text, Markdown, charts as text. Pure functions that return what is written.

May import: pages and what lies below them.
"""
