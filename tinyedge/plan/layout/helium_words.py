# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives one word a channel for multiplier and shift, where that is exact."""

from __future__ import annotations

from tinyedge.arithmetic import fit32
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import parts


def pack(call: Call, taps: Array) -> Call:
    """The call with the words of fit32 for multipliers, or its own; `packed` says which.

    `taps` are its weights as [output channels, taps].
    """
    scaling = parts.scaling(call)
    sums = fit32.range_of(taps, parts.arrays(call)["bias"].data, scaling.together)
    words = fit32.fit_words(scaling.exact, scaling.reals, sums, scaling.zero_point, scaling.low, scaling.high)
    if words is None:
        return parts.changed(call, laid={"packed": 0})
    # Words hold shifts of 1 or more to the right: `max_shift` says so already.
    assert scaling.shifts.max() < 0
    return parts.changed(call, laid={"packed": 1}, arrays=parts.words(words))
