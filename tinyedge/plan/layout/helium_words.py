# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives it shorter constants to requantise with, where they are exact."""

from __future__ import annotations

import numpy as np

from tinyedge.arithmetic import fit32
from tinyedge.arithmetic.line import Form
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import lines, parts

MANY = 64
"""Pixels of an output from which on two more bytes a channel are worth what they save of each output."""
FORM = Form(0, doubled=True, most=2**30, added=2**15 - 2**10)
"""With what is added all outputs, and some beyond them, are of 16 bits."""


def draw(call: Call, taps: Array) -> Call:
    """As `pack`, or with the multipliers of lines and behind them what they add, if there are many pixels."""
    if parts.number(call, "out_height") * parts.number(call, "out_width") < MANY:
        return pack(call, taps)
    found = lines.fit(call, taps, FORM)
    if found is None:
        return pack(call, taps)
    added = np.pad(found.added.astype(np.int16), (0, len(taps) % 2)).view(np.int32)
    words = parts.words(np.concatenate([found.multipliers, added]))
    bias = parts.arrays(call)["bias"].data.astype(np.int64)
    moved = Constant("bias", (bias + found.moved).astype(np.int32))
    return parts.changed(call, {"channel_step": 1}, {"packed": 1, "drawn": 1}, {**words, "bias": moved})


def pack(call: Call, taps: Array) -> Call:
    """The call with the words of fit32 for multipliers, or its own; `packed` says which.

    `taps` are its weights as [output channels, taps].
    """
    scaling = parts.scaling(call)
    sums = fit32.range_of(taps, parts.arrays(call)["bias"].data, scaling.together)
    words = fit32.fit_words(scaling.exact, scaling.reals, sums, scaling.zero_point, scaling.low, scaling.high)
    if words is None:
        return parts.changed(call, laid={"packed": 0, "drawn": 0})
    # Words hold shifts of 1 or more to the right: `max_shift` says so already.
    assert scaling.shifts.max() < 0
    return parts.changed(call, laid={"packed": 1, "drawn": 0}, arrays=parts.words(words))
