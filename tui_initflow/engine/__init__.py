"""The measurement: random networks, their forward and backward pass, and what was found. Pure numpy, no I/O.

May import: model, functions.
"""
