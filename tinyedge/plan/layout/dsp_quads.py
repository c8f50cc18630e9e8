# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives it to the kernel of four channels: all its constants one stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyedge.arithmetic import fit32, high
from tinyedge.arithmetic.fine_line import FineLine
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.arithmetic.line import Form, Line
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
FINE = 8
"""Sums of second channels are taken times 2 to this."""
LINES = 32
"""Of a first channel, that are tried for one of the second with what it adds."""
EMPTY = ("bias", "multiplier", "shift")
"""Arrays whose numbers are in the stream."""


@dataclass(frozen=True)
class _Constants:
    """Words before and behind those of the weights, int32 [quads, words]; high: of te_requantize_high.

    rows: the weights, or zeros for a channel whose outputs are the same for all inputs.
    """

    rows: Array
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
    constants = _constants(call, rows)
    words = None if constants is None else _words(constants.rows, order)
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
    found = _pairs(call, rows)
    if found is None:
        return _of_high(call, rows, bias)
    first, second = found
    rows = rows.copy()
    rows[1::2][second.constant] = 0
    # The sums of a second channel begin with those of the first, which are taken off again.
    begins = np.repeat(bias[::2] + first.moved, 2)
    begins[1::2] += np.where(second.constant, 0, bias[1::2] << FINE) + second.moved
    # For two channels: their multipliers, then what is added to the products.
    ends = np.stack([first.multipliers, second.multipliers, first.added], axis=1)
    return _Constants(rows, _words_of(begins, rows), _words_of(ends, rows), 0)


def _pairs(call: Call, rows: Array) -> tuple[Line, FineLine] | None:
    """Lines of first and second channels that add the same; None where two have none."""
    ones = np.arange(0, len(rows), 2)
    first = lines.fit(call, rows, FORM, ones)
    if first is None:
        return None
    second = lines.fit_fine(call, rows, first.added, FINE, RIGHT + FINE, ones + 1)
    for _ in range(LINES - 1):
        at = np.flatnonzero(second.missing)
        if len(at) == 0:
            return first, second
        other = lines.fit(call, rows, FORM, ones[at], first.moved[at] + 1)
        if other is None:
            return None
        fine = lines.fit_fine(call, rows, other.added, FINE, RIGHT + FINE, ones[at] + 1)
        for kept, new in ((first, other), (second, fine)):
            for name in ("multipliers", "moved", "added"):
                getattr(kept, name)[at] = getattr(new, name)
        second.missing[at] = fine.missing
    return None


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
    begins = np.where(second, (bias << FINE) + np.roll(bias, 1), bias)
    # For two channels: their multipliers, then what is added to their products.
    pairs = scales.reshape(-1, 2, 2).swapaxes(1, 2)
    ends = np.concatenate([_words_of(pairs, rows), packed[:, None]], axis=1)
    return _Constants(rows, _words_of(begins, rows), ends, 1)


def _second(channels: Ints) -> Array:
    second: Array = np.arange(len(channels)) % 2 == 1
    return second


def _words_of(numbers: Ints, rows: Array) -> Array:
    """Numbers of all channels, in order -> int32 [quads, words]."""
    return numbers.astype(np.int32).reshape(len(rows) // QUAD, -1)


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
    """Of `taps`, which are lines of `line`: the fours of all, then what remains of all, filled up to two.

    One line is filled up to four.
    """
    end = line // FOUR * FOUR if line < taps else -(-line // FOUR) * FOUR
    starts = range(0, taps, line)
    order = [start + four + i for start in starts for four in range(0, end, FOUR) for i in (0, 2, 1, 3)]
    order += [start + tap for start in starts for tap in range(end, line)]
    order = [tap if tap < taps else -1 for tap in order]
    return order + [-1] * max(len(order) % 2, FOUR - len(order))
