"""What the engine's shortcuts are worth, measured: every ratio in one run, equality before any timing.

``python -m benchmarks`` on a CPU, ``python -m benchmarks.gpu`` on a GPU, ``python -m benchmarks.scaling``
for the plots; docs/experiments/2026-11-28-performance.md says what came out.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before any library reads it: nothing here needs a network
