# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/scalar/: streams of weights for products that hold two sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fit32, high
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import (
    flat,
    header,
    lines,
    pairs,
    parts,
    pools,
    recast,
    scalar_dense,
    scalar_matmul,
    scalar_mean,
    scalar_mul,
    scalar_short,
)

TAPS, PIXELS, BLOCK, MOST, FOUR = (
    header.number("scalar/conv_2d.h", f"TE_CONV_2D_SCALAR_{name}")
    for name in ("TAPS", "PIXELS", "BLOCK", "MOST", "FOUR")
)
TRIPLE, STRIP = (
    header.number("scalar/depthwise_conv_2d.h", f"TE_DEPTHWISE_CONV_2D_SCALAR_{name}")
    for name in ("PIXELS", "STRIP")
)
Finish = Callable[[Call, Array, Array], Call]
"""Takes a call, its weights as [output channels, taps] and as the kernel reads them; gives it with these, and
with the constants of its requantisation."""
SUM = 2**20
"""Sums of a chunk of taps lie in -SUM to SUM - 1."""
KERNEL = "conv_2d_s8_strips"
STRIP_FIELDS = (
    "out_channels",
    "kernel_height",
    "kernel_width",
    "in_channels",
    "stride_x",
    "out_height",
    "out_width",
)
SHORT = 8
"""Strips of fewer outputs save little: columns are many bytes then, and so is the code for all channels."""
MORE = 1 / 32
"""Outputs that may be made twice for blocks of one row, as a part of all."""


def conv_2d(call: Call) -> Call:
    """Weights for strips of windows that share inputs; where there are none, as for small code."""
    return strips(flat.lay_down(call)) or small_conv_2d(call)


def small_conv_2d(call: Call) -> Call:
    """Weights as firmware/kernels/scalar/conv_2d_s8.c describes; of a dense layer for a single pixel."""
    dense = recast.as_dense(call)
    return windows(flat.lay_down(call)) if dense is None else fully_connected(dense)


def windows(call: Call) -> Call:
    """Weights as firmware/kernels/scalar/conv_2d_s8.c describes."""
    groups, channels = parts.number(call, "groups"), parts.number(call, "out_channels")
    rows = parts.weights(call).reshape(channels, -1)
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
    laid = {"chunk": size // FOUR, "rows": 0, "length": 0}
    done = parts.changed(by_line(call, rows, np.concatenate(blocks)), laid=laid)
    # Groups, and the parts of a large window, are read one after another while outputs are written.
    early = groups == 1 and rows.shape[1] <= part
    return replace(done, ahead=0 if early else PIXELS - 1)


def strips(call: Call) -> Call | None:
    """Weights as firmware/kernels/scalar/conv_2d_s8_strips.c describes; None where nothing is shared."""
    channels, height, width, depth, stride, out_height, out_width = (
        parts.number(call, name) for name in STRIP_FIELDS
    )
    rows = parts.weights(call).reshape(channels, -1)
    if width <= stride or parts.number(call, "groups") > 1 or parts.number(call, "dilation_x") > 1:
        return None
    size = chunk(rows)
    filled = rows.shape[1] + -rows.shape[1] % size
    length = min(((TAPS - filled + rows.shape[1]) // (height * depth) - width) // stride + 1, 255)
    third = -(-out_width // PIXELS)
    in_threes = out_height // PIXELS * out_width + out_height % PIXELS * third
    one = out_height * third <= in_threes * (1 + MORE)
    longest = third if one else out_width
    if length < SHORT or longest == 1:
        return None
    # As few segments as there can be, of much the same length.
    segments = -(-longest // length)
    laid = {"chunk": size // FOUR, "rows": 1 if one else PIXELS, "length": -(-longest // segments)}
    by_column = rows.reshape(channels, height, -1).swapaxes(1, 2).reshape(channels, -1)
    taps = np.pad(by_column, ((0, 0), (0, filled - rows.shape[1])))
    stream = np.concatenate([taps[first:last].T.ravel() for first, last in _few(0, channels)])
    done = parts.changed(by_line(call, rows, stream), laid=laid)
    # A segment is packed before an output of it is written.
    return replace(done, kernel=KERNEL, ahead=0 if segments == 1 else (PIXELS - 1) * longest)


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
    raise AssertionError("four products exceed 21 bits")


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights [output channels, taps]; None where the stack has no room for the window of a channel.

    Where all outputs share one input channel, a convolution.
    """
    convolution = recast.as_convolution(call)
    return depthwise(call, TRIPLE, STRIP, by_line) if convolution is None else conv_2d(convolution)


def small_depthwise_conv_2d(call: Call) -> Call | None:
    """The same where size counts."""
    convolution = recast.as_convolution(call)
    return depthwise(call, TRIPLE, STRIP, by_line) if convolution is None else small_conv_2d(convolution)


def depthwise(call: Call, pixels: int, strip: int, finish: Finish) -> Call | None:
    """The same for kernels that make `pixels` at once of `strip` inputs of a channel."""
    call = flat.lay_down(call)
    reach = (parts.number(call, "kernel_width") - 1) * parts.number(call, "dilation_x")
    columns = (pixels - 1) * parts.number(call, "stride_x") + reach + 1
    if parts.number(call, "kernel_height") * columns > strip:
        return None
    rows = parts.weights(call).reshape(-1, parts.number(call, "out_channels")).T
    return replace(finish(call, rows, rows), ahead=pixels - 1)


def fully_connected(call: Call) -> Call:
    """Weights as firmware/kernels/scalar/fully_connected_s8.c describes; shorter requantisation if exact."""
    return scalar_dense.fully_connected(call, scalar_dense.SCALAR)


def convolution(call: Call, rows: Array, weights: Array) -> Call:
    """`call` with `weights` for those that were `rows`, and the shorter requantisation where there is one.

    `high` says whether there is; rows are [output channels, taps].
    """
    arrays, scaling = parts.arrays(call), parts.scaling(call)
    changed = {"weights": parts.relaid(arrays["weights"], weights)}
    sums = fit32.range_of(rows, arrays["bias"].data, scaling.together)
    short = high.twice_rounded(scaling.multipliers, scaling.shifts, scaling.zero_point, sums.low, sums.high)
    if short is not None:
        changed["multiplier"] = Constant("multiplier", short[0])
        changed["shift"] = Constant("shift", short[1])
    return parts.changed(call, laid={"high": int(short is not None)}, arrays=changed)


def by_line(call: Call, rows: Array, weights: Array) -> Call:
    """As `convolution`, or with the constants of lines, which hold the bias, where all channels have one.

    Not where one multiplier and shift serve them all, and lines would take more flash.
    """
    found = None if parts.scaling(call).together else lines.fit_bare(call, rows)
    if found is None:
        return parts.changed(convolution(call, rows, weights), laid=lines.NONE)
    return parts.changed(lines.with_bare(call, found, weights), laid={"high": 1, "line_left": found.left})


def _few(first: int, last: int) -> list[tuple[int, int]]:
    """Channels `first` to `last` - 1 in as many MOST as there are, and what remains one by one."""
    begins = range(first, last - MOST + 1, MOST)
    rest = first + len(begins) * MOST
    return [(begin, begin + MOST) for begin in begins] + [(one, one + 1) for one in range(rest, last)]


LAYOUTS = {
    "add_s16": pairs.short_add,
    "average_pool_2d_s16": pools.many,
    "average_pool_2d_s8": pools.many,
    "batch_matmul_s16_s8": scalar_matmul.batch_matmul,
    "conv_2d_s16": scalar_short.conv_2d,
    "conv_2d_s16_narrow": scalar_short.conv_2d_narrow,
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s16": scalar_short.depthwise_conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s16": scalar_short.fully_connected,
    "fully_connected_s8": fully_connected,
    "max_pool_2d_s16": pools.many,
    "max_pool_2d_s8": pools.many,
    "mean_s16": scalar_mean.mean,
    "mean_s8": scalar_mean.mean,
    "mul_s16": pairs.short_mul,
    "mul_s8": scalar_mul.mul,
}
SMALL = {"conv_2d_s8": small_conv_2d, "depthwise_conv_2d_s8": small_depthwise_conv_2d}
