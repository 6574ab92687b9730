"""What each pane shows: pure functions from findings to a picture made of cells.

May import: charts, findings and what lies below them. Never Textual.
"""
