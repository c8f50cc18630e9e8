# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives it to the kernel of four channels: all its constants one stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyedge.arithmetic import fit32, high
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.arithmetic.line import Form
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import header, lines, parts

FOUR, QUAD, PIXELS, TAPS, LINE = (
    header.number("dsp/conv_2d.h", f"TE_CONV_2D_DSP_{name}")
    for name in ("FOUR", "QUAD", "PIXELS", "LONG", "LINE")
)
KERNEL = "conv_2d_s8_quads"
SUM = 2**23
"""256 times what lies below it, on either side of 0, is a word."""
SHIFTS = range(2, 17)
"""Of te_requantize_high, with which 64 times what is added is a word, too."""
FINER = 6
"""64 is 2 to this."""
RIGHT = header.number("dsp/conv_2d.h", "TE_CONV_2D_DSP_RIGHT")
"""The shift of all channels, where a line gives the outputs."""
FORM = Form(RIGHT, doubled=False, most=SUM)
EMPTY = ("bias", "multiplier", "shift")
"""Arrays whose numbers are in the stream."""


@dataclass(frozen=True)
class _Constants:
    """Words before and behind those of the weights, int32 [quads, words]; high: of te_requantize_high."""

    begins: Array
    ends: Array
    high: int


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/dsp/conv_2d_s8_quads.c describes; None where it cannot do the call."""
    groups, channels, depth = (parts.number(call, name) for name in ("groups", "out_channels", "in_channels"))
    arrays, rows = parts.arrays(call), parts.weights(call).reshape(channels, -1)
    width = parts.number(call, "kernel_width") * depth
    by_line = groups == parts.number(call, "dilation_x") == 1 and depth % FOUR > 0
    by_line = by_line and width <= LINE and width < rows.shape[1]
    order = _order(rows.shape[1], width if by_line else rows.shape[1])
    if channels // groups % QUAD or len(order) > TAPS:
        return None
    words, constants = _words(rows, order), _constants(call, rows)
    if words is None or constants is None:
        return None
    stream = np.concatenate([constants.begins, words, constants.ends], axis=1)
    laid = {"weights": parts.relaid(arrays["weights"], stream.ravel().view(np.int8))}
    laid |= {role: Constant(role, np.zeros(1, arrays[role].data.dtype)) for role in EMPTY}
    return replace(
        parts.changed(call, laid={"high": constants.high, "line": int(by_line)}, arrays=laid),
        kernel=KERNEL,
        # Groups are read one after another while outputs are written.
        ahead=0 if groups == 1 else PIXELS - 1,
    )


def _constants(call: Call, rows: Array) -> _Constants | None:
    """None where limits, sums or shifts are not those of the kernel; rows are [channels, taps]."""
    bias = parts.arrays(call)["bias"].data.astype(np.int64)
    if parts.scaling(call).clamps:
        return None
    found = lines.fit(call, rows, FORM)
    if found is None:
        return _of_high(call, rows, bias)
    added = np.where(_second(bias), found.added << 8, found.added)
    ends = _in_pairs(np.stack([found.multipliers, added], axis=1))
    return _Constants(_begins(bias + found.moved), ends, 0)


def _of_high(call: Call, rows: Array, bias: Ints) -> _Constants | None:
    scaling, sums = parts.scaling(call).by_channel(len(rows)), fit32.range_of(rows, bias, together=False)
    short = high.twice_rounded(scaling.multipliers, scaling.shifts, scaling.zero_point, sums.low, sums.high)
    if short is None:
        return None
    scales, right, second = short[0].astype(np.int64), short[1], _second(bias)
    # A multiplier of 0 makes one output of every sum.
    small = (np.maximum(-sums.low, sums.high) < SUM) & np.isin(right, SHIFTS) | (scales[:, 0] == 0)
    if not np.all(small | ~second):
        return None
    scales[second, 1] <<= FINER
    packed = (right + second * FINER).astype(np.int8).view(np.int32)
    return _Constants(_begins(bias), np.concatenate([_in_pairs(scales), packed[:, None]], axis=1), 1)


def _second(channels: Ints) -> Array:
    second: Array = np.arange(len(channels)) % 2 == 1
    return second


def _begins(bias: Ints) -> Array:
    begins = np.where(_second(bias), (bias << 8) + np.roll(bias, 1), bias)
    return begins.astype(np.int32).reshape(-1, QUAD)


def _in_pairs(scales: Ints) -> Array:
    """[channels, 2] -> int32 [quads, words]: of a pair two multipliers, then what is added."""
    pairs: Array = scales.astype(np.int32).reshape(-1, QUAD // 2, 2, 2).swapaxes(2, 3)
    return pairs.reshape(len(scales) // QUAD, -1)


def _words(rows: Array, order: list[int]) -> Array | None:
    """[channels, taps] -> int32 [quads, words]; None where the weights of two channels exceed a half.

    order: taps as the kernel takes them, two by two; -1 is none.
    """
    padded = np.pad(rows.astype(np.int32), ((0, 0), (0, 1)))
    both = padded[1::2] * 256 + padded[::2]
    if both.min() < -(2**15):
        return None
    # [quad, pair, twos, two] -> [quad, twos, pair, two]
    halves = both.astype(np.int16)[:, order].reshape(-1, QUAD // 2, len(order) // 2, 2).swapaxes(1, 2)
    return np.ascontiguousarray(halves).view(np.int32).reshape(len(halves), -1)


def _order(taps: int, line: int) -> list[int]:
    """Of `taps`, which are lines of `line` to be filled up to two, or one line that is to four."""
    whole = line // FOUR * FOUR if line < taps else -(-line // FOUR) * FOUR
    of_line = [four + i for four in range(0, whole, FOUR) for i in (0, 2, 1, 3)]
    if whole < line:
        of_line += [*range(whole, line), *[-1] * (line % 2)]
    return [begin + tap if 0 <= tap < line else -1 for begin in range(0, taps, line) for tap in of_line]
