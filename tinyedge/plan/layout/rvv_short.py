# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives them for RVV: channels side by side, as the lanes of vectors."""

from __future__ import annotations

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts, short

FEW, MANY, PIXELS, TAPS = (
    header.number("rvv/conv_2d.h", f"TE_CONV_2D_RVV_{name}") for name in ("FEW", "MANY", "PIXELS", "TAPS")
)

LEAST = 4
"""Channels of a group."""


def conv_2d(call: Call) -> Call | None:
    """Weights [groups, taps, channels of a group]; None where few lanes would have a channel."""
    together = _together(call)
    return short.convolution(call, _turned, together, TAPS // together) if together else None


def conv_2d_narrow(call: Call) -> Call | None:
    """The same where sums are of 32 bits already."""
    together = _together(call)
    return short.ordered(short.by_channel(call), _turned, together, TAPS // together) if together else None


def _together(call: Call) -> int:
    """Pixels that are made at once; 0 where the portable kernel, whose lanes are taps, is as fast."""
    size = parts.number(call, "out_channels") // parts.number(call, "groups")
    return 0 if size < LEAST else MANY if size <= FEW else PIXELS


def _turned(group: Array) -> list[Array]:
    return [group.T]


def fully_connected(call: Call) -> Call | None:
    """Weights [depth, channels]."""
    rows = parts.weights(call)
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    return parts.changed(narrowed, arrays={"weights": parts.relaid(parts.arrays(call)["weights"], rows.T)})
