"""The cost of the engine: `python -m tests.benchmarks.engine [NAME …]`, all of the benchmarks by default.

Times are ratios of alternatives that run in turns in one process, so that other load on the machine affects them
alike. Nothing here is a test: the numbers are for reading.
"""
