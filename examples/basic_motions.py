# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the BasicMotions recordings that the PyPI package `aeon` carries.

A smartwatch's accelerometer (3 channels) and gyroscope (3 channels) at 10 Hz, four students, four activities,
80 series of 10 s. The set's own split into 40 series for training and 40 for testing is kept, and a series is
never divided between the two. The data stay in aeon, which is not imported: only its file is read.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ACTIVITIES = ("Standing", "Walking", "Running", "Badminton")
CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
PERIOD_S = 0.1
INSTALL = "pip install --no-deps aeon==1.6.0"

Floats = NDArray[np.floating[Any]]


def load(part: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Part "TRAIN" or "TEST": series [40, 100 samples, 6 channels] and activities [40], numbered as above."""
    series, labels = [], []
    for line in _file(part).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith(("#", "@")):
            continue
        *channels, activity = line.strip().split(":")
        series.append([[float(value) for value in channel.split(",")] for channel in channels])
        labels.append(ACTIVITIES.index(activity))
    return np.array(series).transpose(0, 2, 1), np.array(labels)


def windows(series: Floats, length: int, hop: int) -> Floats:
    """[N, samples, channels] to [M, length, channels]; no window spans two series."""
    starts = range(0, series.shape[1] - length + 1, hop)
    return np.concatenate([[one[start : start + length] for start in starts] for one in series])


def _file(part: str) -> Path:
    spec = importlib.util.find_spec("aeon")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"error: the recordings are in the package aeon, which is missing\nhint: {INSTALL}")
    path = Path(
        spec.submodule_search_locations[0], "datasets", "data", "BasicMotions", f"BasicMotions_{part}.ts"
    )
    if not path.is_file():
        raise SystemExit(f"error: this version of aeon has no {path}\nhint: {INSTALL}")
    return path
