# SPDX-License-Identifier: Apache-2.0
"""Takes Calls of spectra, gives their window, order and roots as Helium's kernel reads them: side by side."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

LEAST = header.number("helium/fourier.h", "TE_FOURIER_LEAST")


def spectra(call: Call) -> Call | None:
    """Arrays as firmware/kernels/helium/spectra_s16.c describes; None where places do not fit 16 bits."""
    points, size, channels = (parts.number(call, field) for field in ("points", "size", "channels"))
    if (size - 1) * channels > np.iinfo(np.uint16).max:
        return None
    arrays = parts.arrays(call)
    # [2, points]: rows of real and imaginary parts
    rows = 2 * arrays["order"].data.astype(np.int64) + np.array([[0], [1]])
    inside = rows < size
    weights = np.where(inside, arrays["window"].data[np.where(inside, rows, 0)], 0)
    places = np.where(inside, rows * channels, 0)
    laid = {
        "window": parts.relaid(arrays["window"], weights.astype(np.int16)),
        "order": parts.relaid(arrays["order"], places.astype(np.uint16)),
    }
    if points >= LEAST:
        root, unfold = arrays["root"], arrays["unfold"]
        laid["root"] = parts.relaid(root, _stages(root.data.reshape(points, 2)))
        laid["unfold"] = parts.relaid(unfold, np.concatenate([np.zeros(2, np.int32), unfold.data]))
    return parts.changed(call, arrays=laid)


def _stages(root: Array) -> Array:
    """int32: of each stage, four butterflies at a time, what turns the second, third and fourth points."""
    points = len(root)
    once = np.arange(1, 4)
    m, laid = 4, []
    if points & 0x2AAA:
        laid.append(root[once * (points // 8)].ravel())
        m = 8
    while m < points:
        # [m / 4, turns, re and im, butterflies]
        turns = root[np.arange(m).reshape(-1, 1, 4) * once[:, np.newaxis] * (points // (4 * m))]
        laid.append(turns.swapaxes(2, 3).ravel())
        m *= 4
    return np.concatenate(laid)
