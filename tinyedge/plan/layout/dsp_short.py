# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives their weights in the order of the DSP kernels for these."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import header, parts, recast, short

FOUR, CHANNELS, PIXELS, TAPS, BLOCK = (
    header.number("dsp/conv_2d.h", f"TE_CONV_2D_DSP_{name}")
    for name in ("FOUR", "CHANNELS", "PIXELS", "TAPS", "BLOCK")
)
ROWS = header.number("dsp/fully_connected.h", "TE_FULLY_CONNECTED_DSP_FOUR")
WORD = header.number("dsp/depthwise_conv_2d.h", "TE_DEPTHWISE_CONV_2D_DSP_FOUR")
SPREAD = (0, 2, 1, 3)
"""Of four bytes: SXTB16 widens every other one."""
MOST = 16
"""Bits of a multiplier that are zeros: as often it can be halved instead of a shift."""


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/dsp/conv_2d_s16.c describes."""

    def order(group: Array) -> Iterator[Array]:
        even = np.pad(group, ((0, len(group) % CHANNELS), (0, 0)))
        for first in range(0, len(even), BLOCK):
            block = even[first : first + BLOCK]
            for part in range(0, group.shape[1], TAPS):
                for c in range(0, len(block), CHANNELS):
                    yield _words(block[c : c + CHANNELS, part : part + TAPS])

    return short.convolution(call, order, PIXELS, TAPS)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights and multipliers as firmware/kernels/dsp/depthwise_conv_2d_s16.c describes.

    A convolution where all outputs share one input channel.
    """
    convolution = recast.as_convolution(call)
    if convolution is not None:
        return conv_2d(convolution)
    narrowed = short.depthwise_conv_2d(call, parts.number(call, "multiplier"))
    if narrowed is None:
        return None
    arrays = parts.arrays(narrowed)
    shifts = arrays["shift"].data.astype(np.int32)
    if shifts.max() > MOST:
        return None
    rows = arrays["weights"].data.reshape(-1, parts.number(call, "out_channels")).T
    whole = len(rows) // WORD * WORD
    words = rows[:whole].reshape(-1, WORD, rows.shape[1])[:, SPREAD].swapaxes(1, 2)
    relaid = {
        "weights": parts.relaid(arrays["weights"], np.concatenate([words.ravel(), rows[whole:].ravel()])),
        "multiplier": parts.relaid(arrays["multiplier"], arrays["multiplier"].data >> shifts),
        "shift": Constant("shift", np.zeros(1, np.int8)),
    }
    return parts.changed(narrowed, arrays=relaid)


def fully_connected(call: Call) -> Call | None:
    """Weights as firmware/kernels/dsp/fully_connected_s16.c describes."""
    rows = parts.weights(call)
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    whole = len(rows) // ROWS * ROWS
    begins = [*range(0, whole, ROWS), *range(whole, len(rows))]
    stream = [_words(few) for few in np.split(rows, begins[1:])]
    weights = parts.relaid(parts.arrays(call)["weights"], np.concatenate(stream))
    return parts.changed(narrowed, arrays={"weights": weights})


def _words(rows: Array) -> Array:
    """[channels, taps] as words of four taps, channel by channel."""
    words = np.pad(rows, ((0, 0), (0, -rows.shape[1] % FOUR))).reshape(len(rows), -1, FOUR)
    spread: Array = words[:, :, SPREAD].swapaxes(0, 1).ravel()
    return spread
