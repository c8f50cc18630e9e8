# SPDX-License-Identifier: Apache-2.0
"""Takes a kernel's call, says why 32 bits are not enough for the Python that computes it."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call, Constant

MOST = 2**26
"""Requantisation in Python takes smaller values than this (firmware/kernels/micropython/requantize.py)."""
LEAST_SHIFT = 30
"""Of a value that is rounded once (requantize_once.py)."""


def problem(call: Call) -> str | None:
    """Why viper would compute something else than bytecode, whose integers grow; None where it does not."""
    arrays = {a.role: a.data.astype(np.int64) for a in call.arguments if isinstance(a, Constant)}
    if "bias" in arrays:
        if call.params.get("once") and arrays["shift"].min() < LEAST_SHIFT:
            return "its outputs are larger than its sums"
        reach = np.abs(arrays["bias"]) + 128 * np.abs(by_output(call, arrays["weights"])).sum(axis=1)
        most = int(reach.max())
    elif call.contract == "mean":
        size, start = call.params["size"], call.params["start"]
        assert isinstance(size, tuple) and isinstance(start, int)
        most = abs(start) + 128 * size[1] * size[3]
    elif call.contract == "difference":
        most = 256 * (_number(call, "factor_in") + _number(call, "factor_out")) >> 4  # of one, in 30 bits
    else:
        return None
    return None if most < MOST else f"its sums may reach {most:,}, and {MOST:,} is too much for viper"


def by_output(call: Call, weights: Array) -> Array:
    """Weights as [output, taps]: the last dimension is the outputs' for depthwise layers, else the first."""
    if call.contract == "depthwise_conv_2d":
        return weights.reshape(-1, _number(call, "out_channels")).T
    return weights.reshape(_number(call, "channels" if "channels" in call.params else "out_channels"), -1)


def _number(call: Call, field: str) -> int:
    value = call.params[field]
    assert isinstance(value, int)
    return value
