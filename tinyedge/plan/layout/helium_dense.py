# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a dense layer, gives rows of weights in fours and, if exact, 32-bit requantisation."""

from __future__ import annotations

import numpy as np

from tinyedge.arithmetic import fit32
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

ROWS, LANES = (
    header.number("helium/fully_connected.h", f"TE_FULLY_CONNECTED_HELIUM_{name}")
    for name in ("ROWS", "LANES")
)


def fully_connected(call: Call) -> Call:
    """Weights as `interleave` gives them; the multiplier and parameters of fit32 where there are any."""
    scaling = parts.scaling(call)
    sums = fit32.range_of(parts.weights(call), parts.arrays(call)["bias"].data, scaling.together)
    short = fit32.fit(scaling.exact, scaling.reals, sums, scaling.zero_point, scaling.low, scaling.high)
    if short is None:
        return parts.changed(interleaved(call), laid={"fitted": 0, "left": 0, "right": 0})
    laid = {"fitted": 1, "left": short.left, "right": short.right}
    return parts.changed(interleaved(call), laid=laid, arrays=parts.words(short.multipliers))


def svdf(call: Call) -> Call:
    """Features as `interleave` gives them."""
    features = parts.arrays(call)["features"]
    return parts.changed(call, arrays={"features": parts.relaid(features, interleave(features.data))})


def lstm(call: Call) -> Call:
    """The weights of each gate as `interleave` gives them."""
    arrays = parts.arrays(call)
    relaid = {
        role: parts.relaid(arrays[role], np.concatenate([interleave(gate) for gate in arrays[role].data]))
        for role in ("weights", "recurrent")
    }
    return parts.changed(call, arrays=relaid)


def interleaved(call: Call) -> Call:
    """The call with its weights as `interleave` gives them."""
    weights = parts.arrays(call)["weights"]
    return parts.changed(call, arrays={"weights": parts.relaid(weights, interleave(weights.data))})


def interleave(weights: Array) -> Array:
    """[channels, depth] -> as many weights, in the order in which the kernel loads them.

    Of every four rows: 16 weights of each, the next 16 of each, then what is left of each. Rows beyond a
    multiple of four stay rows.
    """
    channels, depth = weights.shape
    stream = []
    for first in range(0, channels - channels % ROWS, ROWS):
        rows = weights[first : first + ROWS]
        stream += [rows[:, at : at + LANES].ravel() for at in range(0, depth, LANES)]
    return np.concatenate([*stream, weights[channels - channels % ROWS :].ravel()])
