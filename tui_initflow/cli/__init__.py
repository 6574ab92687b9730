"""The command line: options, commands, and where their output goes.

May import: everything, the app only when it is started.
"""
