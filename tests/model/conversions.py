"""NumPy's and ml_dtypes' types of every number format, which really convert."""

import ml_dtypes
import numpy as np

CONVERSIONS = {
    "fp32": np.float32,
    "fp16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "fp8-e4m3": ml_dtypes.float8_e4m3fn,
    "fp8-e5m2": ml_dtypes.float8_e5m2,
}
