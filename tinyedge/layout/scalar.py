# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/scalar/: streams of weights for products that hold two sums."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge import fit_high
from tinyedge.layout import high
from tinyedge.ops import Array, Call, Constant

BLOCK = 8
"""Channels whose sums a kernel keeps at a time."""
FOUR = 4
"""Products that are summed up packed."""
PAIRS = 640
"""Taps of two pixels that the kernel's stack holds."""
HALF = 2**15
PIXELS = 3
"""Output pixels that a depthwise convolution makes at once."""
ROWS = (16, 4, 1)
"""Channels of a dense layer at once, most first."""
STRIP = 128
"""Input pixels that its stack holds."""


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/scalar/conv_2d_s8.c describes; None where its stack is too small."""
    groups = number(call, "groups")
    weights = arrays_of(call)["weights"].data
    rows = weights.reshape(weights.shape[0], -1)
    taps = rows.reshape(groups, len(rows) // groups, -1)
    padded = np.pad(taps, ((0, 0), (0, 0), (0, -taps.shape[2] % FOUR)))
    if groups * padded.shape[2] > PAIRS:
        return None
    stream = [_block(block) for group in padded for block in _blocks(group)]
    return laid(call, rows, np.concatenate(stream))


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights [output channels, taps]; None where the stack is too small."""
    reach = (number(call, "kernel_width") - 1) * number(call, "dilation_x")
    columns = (PIXELS - 1) * number(call, "stride_x") + reach + 1
    if number(call, "kernel_height") * columns > STRIP:
        return None
    channels = number(call, "out_channels")
    rows = np.ascontiguousarray(arrays_of(call)["weights"].data.reshape(-1, channels).T)
    return replace(laid(call, rows, rows), ahead=(PIXELS - 1) * channels)


def fully_connected(call: Call) -> Call:
    """Weights [depth, channels] for every 16 channels, then for every 4, then for every one that remains."""
    arrays = arrays_of(call)
    rows = arrays["weights"].data
    ends = [0]
    for size in ROWS:
        ends += range(ends[-1] + size, len(rows) + 1, size)
    blocks = [rows[begin:end].T.ravel() for begin, end in itertools.pairwise(ends)]
    changed = {"weights": replace(arrays["weights"], data=np.concatenate(blocks), laid_from=rows)}
    params = dict(call.params)
    fitted = fit_high.of_layer(params, {role: array.data for role, array in arrays.items()}, rows)
    if fitted is not None:
        params |= {"fitted": 1, "left": fitted.left, "right": fitted.right}
        changed["multiplier"] = Constant("multiplier", fitted.multipliers.astype(np.int32))
        changed["shift"] = Constant("shift", np.zeros(1, np.int8))
    return _changed(call, params, changed)


def number(call: Call, field: str) -> int:
    """A parameter that is one number."""
    value = call.params[field]
    assert isinstance(value, int)
    return value


def arrays_of(call: Call) -> Mapping[str, Constant]:
    """The constant arguments by role."""
    return {a.role: a for a in call.arguments if isinstance(a, Constant)}


def laid(call: Call, rows: Array, weights: Array) -> Call:
    """`call` with `weights` for those that were `rows`, and the shorter requantisation where there is one."""
    arrays = arrays_of(call)
    changed = {"weights": replace(arrays["weights"], data=weights, laid_from=arrays["weights"].held)}
    bias, wide = arrays["bias"].data.astype(np.int64), rows.astype(np.int64)
    low = bias + np.minimum(-128 * wide, 127 * wide).sum(axis=1)
    most = bias + np.maximum(-128 * wide, 127 * wide).sum(axis=1)
    multiplier, shift = arrays["multiplier"].data, arrays["shift"].data
    if len(multiplier) == 1:
        low, most = low.min(keepdims=True), most.max(keepdims=True)
    short = high.twice_rounded(multiplier, shift, number(call, "out_zero_point"), low, most)
    params = dict(call.params)
    if short is not None:
        params["high"] = 1
        changed["multiplier"] = Constant("multiplier", short[0])
        changed["shift"] = Constant("shift", short[1])
    return _changed(call, params, changed)


def _changed(call: Call, params: Mapping[str, Any], arrays: Mapping[str, Constant]) -> Call:
    arguments = tuple(arrays.get(a.role, a) if isinstance(a, Constant) else a for a in call.arguments)
    return replace(call, params=params, arguments=arguments)


def _blocks(channels: Array) -> list[Array]:
    whole = len(channels) // BLOCK * BLOCK
    begins = [*range(0, whole, BLOCK), *range(whole, len(channels))]
    return np.split(channels, begins[1:])


def taken_apart(rows: Array) -> tuple[Array, list[tuple[int, int]]]:
    """Rows [channels, fours, 4] of int64 whose sums of four products stay in 16 bits, and what was set to 0.

    The latter as (channel, tap) of `rows` [channels, taps].
    """
    kept = rows.astype(np.int64).reshape(len(rows), -1, FOUR)
    apart = []
    while True:
        # Inputs are -128 to 127, and four products must lie in -2^15 to 2^15 - 1.
        most = np.maximum(127 * kept, -128 * kept).sum(axis=2)
        least = np.minimum(127 * kept, -128 * kept).sum(axis=2)
        over = np.argwhere((most >= HALF) | (least < -HALF))
        if not len(over):
            return kept, apart
        for channel, four in over:
            which = int(np.abs(kept[channel, four]).argmax())
            apart.append((int(channel), int(four) * FOUR + which))
            kept[channel, four, which] = 0


def _block(rows: Array) -> Array:
    """The stream's bytes for the rows [channels, taps] of a block."""
    kept, apart = taken_apart(rows)
    entries = [(len(apart) & 255, len(apart) >> 8, 0, 0)]
    for channel, tap in apart:
        at = 4 * tap  # as offsets of 32-bit words
        entries.append((at & 255, at >> 8, 4 * channel, int(rows[channel, tap]) & 255))
    main = kept.swapaxes(0, 1).astype(np.int8).ravel()
    return np.concatenate([main, np.array(entries, np.uint8).ravel().view(np.int8)])


LAYOUTS = {
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": fully_connected,
}
