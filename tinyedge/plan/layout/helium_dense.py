# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a dense layer, gives rows of weights in fours and, if exact, 32-bit requantisation."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from tinyedge.arithmetic import fit32, fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant

ROWS = 4
LANES = 16


def fully_connected(call: Call) -> Call:
    """Weights as `interleave` gives them; the multiplier and parameters of fit32 where there are any."""
    arrays = {a.role: a for a in call.arguments if isinstance(a, Constant)}
    changed = {}
    short = requantization(call.params, {role: array.data for role, array in arrays.items()})
    params = dict(call.params)
    if short is not None:
        params |= {"fitted": 1, "left": short.left, "right": short.right}
        changed["multiplier"] = Constant("multiplier", short.multipliers.astype(np.int32))
        changed["shift"] = Constant("shift", np.zeros(1, np.int8))
    arguments = tuple(changed.get(a.role, a) if isinstance(a, Constant) else a for a in call.arguments)
    return interleaved(dataclasses.replace(call, params=params, arguments=arguments))


def interleaved(call: Call) -> Call:
    """The call with its weights as `interleave` gives them."""
    arguments = tuple(
        dataclasses.replace(a, data=interleave(a.data), laid_from=a.held)
        if isinstance(a, Constant) and a.role == "weights"
        else a
        for a in call.arguments
    )
    return dataclasses.replace(call, arguments=arguments)


def interleave(weights: Array) -> Array:
    """[channels, depth] -> as many weights, in the order in which the kernel loads them.

    Of every four rows: 16 weights of each, the next 16 of each, then what is left of each. Rows beyond a
    multiple of four stay rows.
    """
    channels, depth = weights.shape
    parts = []
    for first in range(0, channels - channels % ROWS, ROWS):
        rows = weights[first : first + ROWS]
        parts += [rows[:, at : at + LANES].ravel() for at in range(0, depth, LANES)]
    return np.concatenate([*parts, weights[channels - channels % ROWS :].ravel()])


def requantization(params: Any, arrays: dict[str, Array]) -> fit32.Short | None:
    """Constants that give the outputs of te_requantize_once or te_requantize for all sums of the layer."""
    multipliers, shifts = (arrays[role].astype(np.int64) for role in ("multiplier", "shift"))
    sums = fit32.range_of(arrays["weights"], arrays["bias"], together=len(multipliers) == 1)
    once = params["once"]

    def exact(values: Ints, channels: Ints) -> Ints:
        m, s = multipliers[channels], shifts[channels]
        if once:
            return (values * m + (np.int64(1) << (s - 1)) - (values < 0)) >> s
        return fixedpoint.multiply_twice_rounded(values, m, s)

    reals = multipliers * 2.0 ** (-shifts if once else shifts - 31)
    zero_point = int(params["out_zero_point"])
    return fit32.fit(exact, reals, sums, zero_point, int(params["out_min"]), int(params["out_max"]))
