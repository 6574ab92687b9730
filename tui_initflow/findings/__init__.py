"""What the numbers mean, in words: intervals, verdicts, checked claims, advice.

May import: theory, engine, model, functions.
"""
