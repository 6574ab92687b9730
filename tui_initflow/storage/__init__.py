"""Files of our own: presets, the last session, the error log; and files that are written whole or not at all.

May import: model.
"""
