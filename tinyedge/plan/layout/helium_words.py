# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives one word a channel for multiplier and shift, where that is exact."""

from __future__ import annotations

import dataclasses

import numpy as np

from tinyedge.arithmetic import fit32, fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant


def pack(call: Call, taps: Array) -> Call:
    """The call with the words of fit32 for multipliers; as it is where there are none.

    `taps` are its weights as [output channels, taps].
    """
    arrays = {a.role: a.data for a in call.arguments if isinstance(a, Constant)}
    multipliers, shifts = (arrays[role].astype(np.int64) for role in ("multiplier", "shift"))
    sums = fit32.range_of(taps, arrays["bias"], together=len(multipliers) == 1)

    def exact(values: Ints, channels: Ints) -> Ints:
        return fixedpoint.multiply_twice_rounded(values, multipliers[channels], shifts[channels])

    reals = multipliers * 2.0 ** (shifts - 31)
    low, high, zero_point = (call.params[f"out_{field}"] for field in ("min", "max", "zero_point"))
    assert isinstance(low, int) and isinstance(high, int) and isinstance(zero_point, int)
    words = fit32.fit_words(exact, reals, sums, zero_point, low, high)
    if words is None:
        return call
    changed = {
        "multiplier": Constant("multiplier", words.astype(np.int32)),
        "shift": Constant("shift", np.zeros(1, np.int8)),
    }
    arguments = tuple(changed.get(a.role, a) if isinstance(a, Constant) else a for a in call.arguments)
    return dataclasses.replace(
        call, params=dict(call.params) | {"fitted": 1, "max_shift": -1}, arguments=arguments
    )
