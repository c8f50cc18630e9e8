# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/helium/: vectors of 16 bytes, filled up with zeros."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinyedge.layout import helium_dense
from tinyedge.ops import Array, Call, Constant

VECTOR = 16
"""Bytes of a vector register."""
PIXELS = 3
"""Output pixels that a convolution makes at once."""


def conv_2d(call: Call) -> Call:
    """Weights [groups, pairs of channels, vectors of taps, 2, 16], padded with zero channels and taps."""
    groups, channels = _whole(call, "groups"), _whole(call, "out_channels")

    def lay(weights: Array) -> Array:
        taps = weights.reshape(groups, channels // groups, -1)
        padded = np.pad(taps, ((0, 0), (0, -taps.shape[1] % 2), (0, -taps.shape[2] % VECTOR)))
        pairs = padded.reshape(groups, padded.shape[1] // 2, 2, -1, VECTOR)
        laid: Array = np.ascontiguousarray(pairs.swapaxes(2, 3))
        return laid

    return replace(_with_weights(call, lay), ahead=(PIXELS - 1) * _whole(call, "out_channels"))


def _whole(call: Call, field: str) -> int:
    value = call.params[field]
    assert isinstance(value, int)
    return value


def _with_weights(call: Call, lay: Callable[[Array], Array]) -> Call:
    """`call` with `lay` applied to its array of role "weights"."""
    arguments = tuple(
        replace(a, data=lay(a.data), laid_from=a.held)
        if isinstance(a, Constant) and a.role == "weights"
        else a
        for a in call.arguments
    )
    return replace(call, arguments=arguments)


LAYOUTS = {"conv_2d_s8": conv_2d, "fully_connected_s8": helium_dense.fully_connected}
