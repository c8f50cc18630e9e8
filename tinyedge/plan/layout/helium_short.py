# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives their weights in the order of Helium's kernels for these."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, helium_dense, parts, short

LANES = 8
"""Numbers of 16 bits of a vector register."""
HALF = 128
"""What lower bytes of inputs count less."""
OUTPUTS = 248
"""Of a channel: n * r / 2^16, for r = 2^16 / m rounded up and n < m + LANES, is n / m, rounded down."""
PIXELS, BLOCK, TAPS = (
    header.number("helium/conv_2d.h", f"TE_CONV_2D_HELIUM_{name}") for name in ("PIXELS", "FEWER", "TAPS")
)


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/helium/conv_2d_s16.c describes."""

    def order(group: Array) -> Iterator[Array]:
        for first in range(0, len(group), BLOCK):
            for part in range(0, group.shape[1], TAPS):
                yield _pairs(group[first : first + BLOCK, part : part + TAPS])

    return short.convolution(call, order, PIXELS, TAPS)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Constants as firmware/kernels/helium/depthwise_conv_2d_s16.c describes."""
    narrowed = short.depthwise_conv_2d(call, OUTPUTS)
    if narrowed is None:
        return None
    arrays = parts.arrays(narrowed)
    changed = {role: arrays[role].data for role in ("bias", "multiplier")}
    changed["shift"] = -arrays["shift"].data
    relaid = {role: parts.relaid(arrays[role], _halves(data)) for role, data in changed.items()}
    return parts.changed(narrowed, arrays=relaid)


def _halves(data: Array) -> Array:
    """Of every LANES numbers those with even places, then the others; filled up with zeros."""
    padded = np.pad(data, (0, -len(data) % LANES))
    halves: Array = padded.reshape(-1, LANES // 2, 2).swapaxes(1, 2).ravel()
    return halves


def fully_connected(call: Call) -> Call | None:
    """Weights and biases as firmware/kernels/helium/fully_connected_s16.c describes."""
    rows = parts.weights(call)
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    arrays = parts.arrays(narrowed)
    apart = rows[:, : rows.shape[1] // helium_dense.LANES * helium_dense.LANES].astype(np.int64)
    # Sums are modulo 2^32 until the bias is added.
    bias = (arrays["bias"].data + HALF * apart.sum(axis=1)).astype(np.uint32).view(np.int32)
    return helium_dense.interleaved(
        parts.changed(narrowed, arrays={"bias": parts.relaid(arrays["bias"], bias)})
    )


def _pairs(rows: Array) -> Array:
    """[channels, taps] with two channels next to each other, LANES taps by LANES."""
    padded = np.pad(rows, ((0, len(rows) % 2), (0, -rows.shape[1] % LANES)))
    pairs: Array = padded.reshape(len(padded) // 2, 2, -1, LANES).swapaxes(1, 2).ravel()
    return pairs
