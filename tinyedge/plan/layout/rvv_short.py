# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives them for RVV: channels side by side, as the lanes of vectors."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts, short

FEW, MANY, PIXELS, TAPS = (
    header.number("rvv/conv_2d.h", f"TE_CONV_2D_RVV_{name}") for name in ("FEW", "MANY", "PIXELS", "TAPS")
)


def conv_2d(call: Call) -> Call | None:
    """Weights [groups, taps, channels of a group]."""
    size = parts.number(call, "out_channels") // parts.number(call, "groups")
    together = MANY if size <= FEW else PIXELS
    return short.convolution(call, lambda group: [group.T], together, TAPS // together)


def fully_connected(call: Call) -> Call | None:
    """Weights [depth, channels]."""
    rows = parts.weights(call)
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    return parts.changed(narrowed, arrays={"weights": parts.relaid(parts.arrays(call)["weights"], rows.T)})
