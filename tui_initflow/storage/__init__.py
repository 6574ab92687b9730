"""Files: presets, the last session, the error log, and writing any file whole or not at all.

May import: model, untrusted.
"""
