"""Speed and memory of reading checkpoints: python -m tests.benchmarks.checkpoints."""

import os

# as the command does, before numpy is imported
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
