# SPDX-License-Identifier: Apache-2.0
"""Takes numbers of a file, says whether an int16 sensor can have given them: whole, and of 16 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Columns, Input
from tinyedge.recording import spool

LIMITS = np.iinfo(np.int16)


def wanted(signal: Input, columns: Columns) -> float | None:
    """Physical units of 1 in the file where its numbers are the sensor's own steps, else None."""
    if signal.type != "int16":
        return None
    if signal.lsb is None:
        raise UsageError(
            "[input] says that the sensor is int16, and not what a step is worth",
            "give `lsb`: the physical units of one step",
        )
    if columns.scale != 1.0:
        raise UsageError(
            f"1 in the file is a step of {signal.lsb:g} by [input], and {columns.scale:g} by [recording]",
            'leave out `scale`, or `type = "int16"`',
        )
    return signal.lsb


def wrong(values: Array) -> NDArray[np.int64]:
    """[n, ndim]: places of numbers that are no steps, in order."""
    if values.dtype.kind == "f":
        outside = (values != np.trunc(values)) | (values < LIMITS.min) | (values > LIMITS.max)
    else:
        outside = (values < LIMITS.min) | (values > LIMITS.max)
    return np.argwhere(outside)


def refusal(place: str, value: float) -> UsageError:
    """What is said of a number that is no step; place: file and cell."""
    why = (
        "steps are whole numbers"
        if value != np.trunc(value)
        else f"its steps are {LIMITS.min} to {LIMITS.max}"
    )
    return UsageError(
        f"{place} is {value:.10g}, and [input] says that the sensor is int16: {why}",
        'write `type = "float"` where files hold physical values, or correct the recording',
    )


def physical(path: Path, name: str, array: Array, lsb: float) -> NDArray[np.float32]:
    """An array of an NPZ or NPY times the unit of a step, float32; UsageError names the frame."""
    values: NDArray[np.float32] = spool.zeros(array.shape, np.float32)
    for part in spool.parts(len(array), values, array):
        found = wrong(array[part])
        if found.size:
            at = (part.start + int(found[0][0]), *map(int, found[0][1:]))
            position = f", position {list(at[1:])}" if len(at) > 1 else ""
            raise refusal(f"{path}: `{name}` at frame {at[0]}{position}", float(array[at]))
        values[part] = array[part].astype(np.float64) * lsb
    return values
