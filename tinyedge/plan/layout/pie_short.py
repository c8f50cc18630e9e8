# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives them as firmware/kernels/pie/planes.h has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fit32 import Range
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant, Scratch
from tinyedge.plan.layout import flat, header, lines, parts, pie_lanes, pie_words, recast, short
from tinyedge.plan.layout.pie_lanes import VECTOR

BLOCK, HELD = (header.number("pie/planes.h", f"TE_PIE_{name}") for name in ("BLOCK", "BLOCKS_HELD"))
LANES, BITS = 8, 40
"""Sums in QACC, and bits of one."""
MASK = 128
"""What makes a number with a sign of a byte without one."""


def conv_2d(call: Call) -> Call | None:
    """Weights and words as planes.h has them."""
    call = flat.flatten(call)
    rows = _rows(call)
    narrowed = short.convolution(call, lambda group: [group], 1, rows.shape[1])
    if narrowed is None:
        return None
    shifts, multipliers, together = _shifts(narrowed)
    added = np.int64(1) << shifts >> 1
    return _convolution(narrowed, (shifts, multipliers, added), {"left": 0, "shift": together})


def conv_2d_narrow(call: Call) -> Call:
    """The same where sums become outputs as those of int8 do."""
    call = flat.flatten(call)
    rows, bias = _rows(call), parts.arrays(call)["bias"].data.astype(np.int64)
    reach = fixedpoint.reach(rows, np.zeros(len(rows), np.int64), *fixedpoint.LIMITS["int16"])
    scaling = parts.scaling(call).by_channel(len(rows))
    words = pie_words.of_sums(scaling, Range(bias - reach, bias + reach))
    return _convolution(call, (words.shifts, *words.scales.T), {"left": words.left, "shift": 0})


def _rows(call: Call) -> Array:
    """Weights as [channels, taps]."""
    rows: Array = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    return rows


def _convolution(call: Call, words: tuple[Array, ...], laid: dict[str, int]) -> Call:
    """`call` with its weights as a stream, such words of every channel besides its bias, and a window."""
    rows = _rows(call)
    blocks = _blocks(rows)
    direct = flat.pointwise(call) and (2 * rows.shape[1] % VECTOR == 0 or blocks <= HELD)
    window = 2 * max(blocks - HELD, 0) * VECTOR if direct else (2 * blocks + 1) * VECTOR
    stream = {"weights": parts.relaid(parts.arrays(call)["weights"], _stream(rows))}
    made = parts.changed(
        _words(call, rows, *words), laid={**laid, **lines.NONE, "direct": int(direct)}, arrays=stream
    )
    return _laid(made, window)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights and biases as depthwise_conv_2d_s16.c has them; of one input channel, as a convolution.

    None for several outputs of a channel.
    """
    convolution = recast.as_convolution(call)
    if convolution is not None:
        return conv_2d(convolution)
    call = flat.lay_down(call)
    narrowed = short.depthwise_conv_2d(call)
    if narrowed is None:
        return None
    arrays, channels = parts.arrays(narrowed), parts.number(call, "out_channels")
    shifts, multipliers, together = _shifts(narrowed)
    more = -channels % LANES
    taps = np.pad(parts.weights(call).reshape(-1, channels), ((0, 0), (0, more)))
    blocks = taps.reshape(len(taps), -1, LANES).swapaxes(0, 1)
    weights = np.concatenate([blocks.ravel(), np.zeros(LANES, np.int8)]).astype(np.int16)
    bias = pie_lanes.words(np.pad(arrays["bias"].data.astype(np.int64), (0, more)), BITS)
    changed = {
        "weights": parts.relaid(parts.arrays(call)["weights"], weights),
        "bias": parts.relaid(arrays["bias"], bias),
        "multiplier": Constant("multiplier", multipliers.astype(np.int32)),
        "shift": Constant("shift", shifts.astype(np.int8)),
    }
    return parts.changed(
        narrowed, laid={"left": 0, "shift": together, "lines": 0, "line_right": 0}, arrays=changed
    )


def _shifts(narrowed: Call) -> tuple[Ints, Ints, int]:
    """Shifts and multipliers of every channel, and the shift that all have, or 0.

    A multiplier has 16 bits and zeros behind them: it may be the smaller for a smaller shift.
    """
    shifts, multipliers = (
        parts.arrays(narrowed)[role].data.astype(np.int64) for role in ("shift", "multiplier")
    )
    least = int(shifts.min())
    if np.any(multipliers & (1 << shifts - least) - 1):
        return shifts, multipliers, 0
    return np.full_like(shifts, least), multipliers >> shifts - least, least


def fully_connected(call: Call) -> Call | None:
    """The same; None where a batch does not begin with a vector."""
    rows = parts.weights(call)
    if 2 * rows.shape[1] % VECTOR and parts.number(call, "batches") > 1:
        return None
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    arrays = parts.arrays(narrowed)
    words = _words(narrowed, rows, *(arrays[role].data for role in ("shift", "multiplier", "multiplier_low")))
    stream = {"weights": parts.relaid(parts.arrays(call)["weights"], _stream(rows))}
    return _laid(parts.changed(words, arrays=stream), 2 * max(_blocks(rows) - HELD, 0) * VECTOR)


def _blocks(rows: Array) -> int:
    return -(-int(rows.shape[1]) // BLOCK)


def _stream(rows: Array) -> Array:
    """The weights of rows [channels, taps], between 16 bytes of 128 and 16 of 0."""
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % BLOCK)))
    mask = np.full(VECTOR, MASK, np.uint8).view(np.int8)
    return np.concatenate([mask, padded.ravel(), np.zeros(VECTOR, np.int8)])


def _words(call: Call, rows: Array, *each: Array) -> Call:
    """`call` with four words for every channel: its bias, with what lower bytes lack, and these."""
    bias = parts.arrays(call)["bias"]
    whole = bias.data.astype(np.int64) + MASK * rows.astype(np.int64).sum(axis=1)
    words = np.column_stack([whole, *each]).astype(np.int32)
    none = {"multiplier": np.int32, "multiplier_low": np.int32, "shift": np.int8}
    changed = {role: Constant(role, np.zeros(1, kind)) for role, kind in none.items()}
    return parts.changed(call, arrays={"bias": parts.relaid(bias, words), **changed})


def _laid(call: Call, window: int) -> Call:
    return replace(call, arguments=(*call.arguments, Scratch(max(window, VECTOR), "window")))
