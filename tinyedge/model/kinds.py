# SPDX-License-Identifier: Apache-2.0
"""Takes the path of a float model, says by its name what it is; and how it is calibrated by default.

Apart from what reads and quantises it, which brings recordings, Keras and more that no integer model needs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

KERAS = (".keras", ".h5", ".hdf5")
ONNX = ".onnx"
PYTORCH = (".pt", ".pth", ".pt2", ".ckpt", ".safetensors")
SAMPLES = 200
"""Calibration frames, at most."""
Progress = Callable[[int, int], None]
"""Called with calibration frames done, of all."""


def is_keras(path: Path) -> bool:
    """Is this a model that has to be quantised first, by its name?"""
    return path.is_dir() or path.suffix.lower() in KERAS
