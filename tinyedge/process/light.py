# SPDX-License-Identifier: Apache-2.0
"""Takes a Python process of ours that begins, keeps it from what packages would do for it and nobody needs.

Of what a small command takes it is a fifth, and as much of importing TensorFlow.
"""

from __future__ import annotations

import gc

QUIET = {"OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "1"}
"""Of its environment. NumPy's BLAS would start a thread a core, and sum floats in an order that hangs on how
many there are; pydantic would look through all packages that are installed for plugins of it."""
_NEW = 10_000  # objects before the collector looks; by default 700, and what imports make stays


def start() -> None:
    """Let the collector look seldom for garbage: most of what a process makes as it begins is none."""
    gc.set_threshold(_NEW)
