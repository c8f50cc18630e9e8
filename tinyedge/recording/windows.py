# SPDX-License-Identifier: Apache-2.0
"""Takes rows and their times, gives where windows begin, which none does across a gap, and the windows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.recording import spool, times


def begin(path: Path, rows: int, length: int, hop: int, breaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """First rows of the windows: none crosses a break, behind which they begin anew."""
    edges = [0, *breaks.tolist(), rows]
    longest = max(end - start for start, end in pairwise(edges))
    if longest < length:
        between = f" between two of its {len(breaks)} gaps" if len(breaks) else ""
        raise UsageError(
            f"{path} has {longest} rows{between}, one model input needs {length}", "record longer"
        )
    return np.concatenate(
        [np.arange(start, end - length + 1, hop, dtype=np.int64) for start, end in pairwise(edges)]
    )


def breaks(seconds: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """Rows before which others are missing: the step to them is over one and a half times the usual."""
    if seconds is None or len(seconds) < 3:
        return np.empty(0, np.int64)
    usual = times.step(seconds)
    found = [np.flatnonzero(steps > times.GAP * usual) + (row + 1) for row, steps in times.walk(seconds)]
    return np.concatenate(found) if usual > 0 else np.empty(0, np.int64)


def fresh(starts: NDArray[np.int64] | None, breaks: NDArray[np.int64]) -> tuple[int, ...]:
    """The first frames behind breaks; starts: the rows that frames begin with, None: a frame is a row."""
    if starts is None:
        return tuple(int(frame) for frame in breaks)
    found = np.unique(np.searchsorted(starts, breaks))
    return tuple(int(frame) for frame in found if 0 < frame < len(starts))


def cut(array: Array, starts: NDArray[np.int64], length: int) -> Array:
    """[windows, length, ...]: a view of the rows where one window ends as the next begins."""
    if len(starts) and (np.diff(starts) == length).all():
        whole = array[starts[0] : starts[-1] + length]
        return whole.reshape(len(starts), length, *array.shape[1:])
    windows = spool.zeros((len(starts), length, *array.shape[1:]), array.dtype)
    for part in spool.parts(len(starts), windows, array, elements=windows[:1].size):
        windows[part] = array[starts[part, None] + np.arange(length)[None, :]]
    return windows
