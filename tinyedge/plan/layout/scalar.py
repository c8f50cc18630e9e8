# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/scalar/: streams of weights for products that hold two sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import high
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import column, pixel, scalar_dense

TAPS = 288
"""Taps of a window that the stack of a convolution holds: TE_CONV_2D_S8_SCALAR_TAPS."""
BLOCK = 32
"""Channels whose sums wait for the next part of a larger window."""
MOST = 8
"""Channels whose sums are in registers."""
FOUR = 4
"""Taps of which chunks are multiples."""
SUM = 2**19
"""Sums of a chunk of taps lie in -SUM to SUM - 1."""
PIXELS = 3
"""Output pixels that are made at once."""
STRIP = 2048
"""Inputs of a channel that the stack of a depthwise convolution holds."""


def conv_2d(call: Call) -> Call:
    """Weights as firmware/kernels/scalar/conv_2d_s8.c describes; of a dense layer for a single pixel."""
    dense = pixel.as_dense(call)
    if dense is not None:
        return scalar_dense.fully_connected(dense)
    call = column.lay_down(call)
    groups, channels = number(call, "groups"), number(call, "out_channels")
    weights = arrays_of(call)["weights"].data
    rows = weights.reshape(channels, -1)
    size = chunk(rows)
    by_group = np.pad(rows, ((0, 0), (0, -rows.shape[1] % size))).reshape(groups, channels // groups, -1)
    part = TAPS // size * size
    blocks = [
        group[first:last, begin : begin + part].T.ravel()
        for group in by_group
        for block in range(0, len(group), BLOCK)
        for begin in range(0, by_group.shape[2], part)
        for first, last in _few(block, min(block + BLOCK, len(group)))
    ]
    done = laid(call, rows, np.concatenate(blocks))
    # Groups, and the parts of a large window, are read one after another while outputs are written.
    early = groups == 1 and rows.shape[1] <= part
    return replace(done, params=dict(done.params) | {"chunk": size}, ahead=0 if early else PIXELS - 1)


def chunk(rows: Array) -> int:
    """How many taps of `rows` [channels, taps] can be summed up for any bytes as inputs, in steps of FOUR.

    As few chunks as there can be, of much the same size.
    """
    taps = rows.shape[1]
    fours = np.pad(rows, ((0, 0), (0, -taps % FOUR))).astype(np.int64).reshape(len(rows), -1, FOUR)
    most, least = (pick(127 * fours, -128 * fours).sum(axis=2) for pick in (np.maximum, np.minimum))
    count = fours.shape[1]
    for chunks in range(-(-taps // TAPS), count + 1):
        size = -(-count // chunks)
        sums = [np.add.reduceat(each, range(0, count, size), axis=1) for each in (most, least)]
        if sums[0].max() < SUM and sums[1].min() >= -SUM:
            return size * FOUR
    raise AssertionError("four products exceed 20 bits")


def depthwise_conv_2d(call: Call, strip: int = STRIP) -> Call | None:
    """Weights [output channels, taps]; None where a stack of `strip` inputs of a channel is too small."""
    call = column.lay_down(call)
    reach = (number(call, "kernel_width") - 1) * number(call, "dilation_x")
    columns = (PIXELS - 1) * number(call, "stride_x") + reach + 1
    if number(call, "kernel_height") * columns > strip:
        return None
    channels = number(call, "out_channels")
    rows = np.ascontiguousarray(arrays_of(call)["weights"].data.reshape(-1, channels).T)
    return replace(laid(call, rows, rows), ahead=PIXELS - 1)


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


def _few(first: int, last: int) -> list[tuple[int, int]]:
    """Channels `first` to `last` - 1 in as many MOST as there are, and what remains one by one."""
    begins = range(first, last - MOST + 1, MOST)
    rest = first + len(begins) * MOST
    return [(begin, begin + MOST) for begin in begins] + [(one, one + 1) for one in range(rest, last)]


LAYOUTS = {
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": scalar_dense.fully_connected,
}
