"""What an experiment is: its settings with their limits, the initialisers, the network they describe.

May import: functions. Never numpy, so that settings can be read and checked before anything heavy is loaded.
"""
