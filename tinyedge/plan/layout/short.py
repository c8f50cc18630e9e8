# SPDX-License-Identifier: Apache-2.0
"""Takes a Call with int16 activations, gives it with sums and constants of 32 bits, where that is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import parts

LIMIT = 2**31
SHIFTS = (1, 30)
"""To the right, of te_requantize_short and te_requantize_upper in firmware/kernels/short.h."""
REDUCED = 16
"""How much less they are than those of te_requantize_reduced."""


def convolution(call: Call, order: Callable[[Array], Iterable[Array]], pixels: int, taps: int) -> Call | None:
    """`call` for te_requantize_short, with its weights in a kernel's order, as `ordered` has it."""
    narrowed = _shortened(call, parts.weights(call).reshape(parts.number(call, "out_channels"), -1))
    return None if narrowed is None else ordered(narrowed, order, pixels, taps)


def ordered(call: Call, order: Callable[[Array], Iterable[Array]], pixels: int, taps: int) -> Call:
    """`call` of a convolution with its weights in a kernel's order.

    order: the weights of a group as [channels, taps] -> the pieces of the kernel's stream. The kernel makes
    `pixels` at once, and holds `taps` of a window.
    """
    groups = parts.number(call, "groups")
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    stream = [piece.ravel() for group in rows.reshape(groups, -1, rows.shape[1]) for piece in order(group)]
    weights = parts.relaid(parts.arrays(call)["weights"], np.concatenate(stream))
    # Groups, and the parts of a large window, are read one after another while outputs are written.
    early = groups == 1 and rows.shape[1] <= taps
    return replace(parts.changed(call, arrays={"weights": weights}), ahead=0 if early else pixels - 1)


def by_channel(call: Call) -> Call:
    """`call` with a multiplier and a shift for every channel."""
    arrays, channels = parts.arrays(call), parts.number(call, "out_channels")
    each = {
        role: parts.relaid(arrays[role], np.broadcast_to(arrays[role].data, (channels,)))
        for role in ("multiplier", "shift")
    }
    return parts.changed(call, {"channel_step": 1}, arrays=each)


def transpose_conv(call: Call) -> Call | None:
    """`call` for te_requantize_short; weights as they are."""
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    return _shortened(call, rows)


def depthwise_conv_2d(call: Call, outputs: int = 1) -> Call | None:
    """`call` for te_requantize_short, where no channel has more than so many outputs; weights as they are."""
    if parts.number(call, "multiplier") > outputs:
        return None
    rows = parts.weights(call).reshape(-1, parts.number(call, "out_channels")).T
    return _shortened(call, rows)


def fully_connected(call: Call, rows: Array) -> Call | None:
    """`call` for te_requantize_upper; rows are its weights as [channels, inputs]."""
    arrays = parts.arrays(call)
    upper, lower = (arrays[role].data.astype(np.int64) for role in ("multiplier", "multiplier_low"))
    carried = lower >> 31
    return _narrowed(
        call, rows, 32, {"multiplier": upper + carried, "multiplier_low": lower - (carried << 32)}
    )


def _shortened(call: Call, rows: Array) -> Call | None:
    """`call` for te_requantize_short; rows are its weights as [channels, taps]."""
    call = _settled(call, rows)
    multipliers = parts.arrays(call)["multiplier"].data.astype(np.int64)
    return _narrowed(call, rows, REDUCED, {"multiplier": multipliers << REDUCED})


def _settled(call: Call, rows: Array) -> Call:
    """`call` with smaller biases for channels that give the same output whatever comes in.

    Training leaves channels without weights, whose scale is tiny and whose bias, in steps of that, is large;
    others are beyond the ends of what comes out.
    """
    arrays = parts.arrays(call)
    low, high = (parts.number(call, f"out_{end}") for end in ("min", "max"))
    multipliers, shifts, bias = (
        _every(arrays[role].data.astype(np.int64), rows) for role in ("multiplier", "shift", "bias")
    )

    def outputs(sums: Ints) -> Ints:
        made: Ints = np.clip((sums * multipliers + (1 << shifts >> 1)) >> shifts, low, high)
        return made

    reach = fixedpoint.reach(rows, np.zeros(len(rows), np.int64), *fixedpoint.LIMITS["int16"])
    made, off = outputs(bias + reach), reach == 0
    # Times 2^14, shifted down by 16 and these, is such a bias what came out. Others keep their shifts.
    right = int(np.clip(shifts.min(initial=30, where=~off) - REDUCED, SHIFTS[0], 13))
    most = np.maximum(LIMIT - 1 - reach, 0)
    near = np.clip(bias, -most, most)
    beyond = (
        (outputs(bias - reach) == made) & (outputs(near - reach) == made) & (outputs(near + reach) == made)
    )
    changed = {
        "bias": np.where(off, made << right + 2, np.where(beyond, near, bias)),
        "multiplier": np.where(off, 1 << REDUCED - 2, multipliers).astype(np.int32),
        "shift": np.where(off, REDUCED + right, shifts).astype(np.int8),
    }
    relaid = {role: parts.relaid(arrays[role], data) for role, data in changed.items()}
    return parts.changed(call, {"channel_step": 1}, arrays=relaid)


def _narrowed(call: Call, rows: Array, less: int, multipliers: dict[str, Array]) -> Call | None:
    """`call` with an int32 bias, and with `multipliers` and shifts that are `less` for every channel."""
    arrays = parts.arrays(call)
    bias, shifts = arrays["bias"].data, arrays["shift"].data.astype(np.int64) - less
    low, high = fixedpoint.LIMITS["int16"]
    reach = fixedpoint.reach(rows, bias, low, high)
    if max(reach.max(), *(multiplier.max() for multiplier in multipliers.values())) >= LIMIT:
        return None
    if shifts.min() < SHIFTS[0] or shifts.max() > SHIFTS[1]:
        return None
    changed: dict[str, Array] = {"bias": bias.astype(np.int32), "shift": _every(shifts, rows).astype(np.int8)}
    changed |= {role: _every(data, rows).astype(np.int32) for role, data in multipliers.items()}
    relaid = {role: parts.relaid(arrays[role], data) for role, data in changed.items()}
    return parts.changed(call, {"channel_step": 1}, arrays=relaid)


def _every(data: Array, rows: Array) -> Array:
    """A number for every channel, where there was one for all."""
    return np.broadcast_to(data, (len(rows),))
