# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives their weights in the order of the scalar kernels for these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts, short

FOUR, BLOCK, TAPS = (
    header.number("scalar/conv_2d.h", f"TE_CONV_2D_SCALAR_{name}") for name in ("FOUR", "BLOCK", "WIDE")
)
PIXELS = header.number("scalar/depthwise_conv_2d.h", "TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS")
RIGHT = 16
"""Bits to the right, at most, of te_requantize_right in firmware/kernels/scalar/doubled.h: half of 2^RIGHT is
added to what requantize.SUM_LIMIT bounds."""
EIGHT = header.number("scalar/fully_connected.h", "TE_FULLY_CONNECTED_SCALAR_EIGHT")


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/scalar/conv_2d_s16_body.h describes."""
    return short.convolution(call, _order, FOUR, TAPS)


def conv_2d_narrow(call: Call) -> Call | None:
    """The same where sums are of 32 bits already, and divided."""
    shifts = parts.arrays(call)["shift"].data
    if shifts.min() < -RIGHT or shifts.max() > -1:
        return None
    return short.ordered(short.by_channel(call), _order, FOUR, TAPS)


def _order(group: Array) -> Iterator[Array]:
    for first in range(0, len(group), BLOCK):
        for part in range(0, group.shape[1], TAPS):
            yield from _few(group[first : first + BLOCK, part : part + TAPS], FOUR)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights [channels, taps]."""
    narrowed = short.depthwise_conv_2d(call)
    if narrowed is None:
        return None
    held = parts.arrays(call)["weights"]
    rows = held.data.reshape(-1, parts.number(call, "out_channels")).T
    return replace(parts.changed(narrowed, arrays={"weights": parts.relaid(held, rows)}), ahead=PIXELS - 1)


def fully_connected(call: Call) -> Call | None:
    """Weights as firmware/kernels/scalar/fully_connected_s16.c describes."""
    rows = parts.weights(call)
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    weights = parts.relaid(parts.arrays(call)["weights"], np.concatenate(list(_few(rows, EIGHT))))
    return parts.changed(narrowed, arrays={"weights": weights})


def _few(rows: Array, count: int) -> Iterator[Array]:
    """[channels, taps] as [taps, channels] of every `count` channels, then of every one that remains."""
    whole = len(rows) // count * count
    yield from (rows[first : first + count].T.ravel() for first in range(0, whole, count))
    yield rows[whole:].ravel()
