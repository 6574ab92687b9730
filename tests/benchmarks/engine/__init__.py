"""What the engine costs: `python -m tests.benchmarks.engine [draws threads demo stops memory grid]`.

Times are ratios of things that alternate in one process, so that whatever else the machine does meets them alike.
Nothing here is a test: the numbers are for reading.
"""
