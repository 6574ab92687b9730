"""The terminal app: state, workers, screens, widgets. The only room that knows Textual.

May import: export, pages and what lies below them. No arithmetic on arrays.
"""
