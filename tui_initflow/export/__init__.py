"""Results outside the app: a file tells each result, a format writes what is told. Nothing is computed here.

May import: pages and what lies below them.
"""
