# SPDX-License-Identifier: Apache-2.0
"""Takes Calls with int16 activations, gives them for RVV: channels side by side, as the lanes of vectors."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts, short

FEW, MANY, PIXELS, TAPS = (
    header.number("rvv/conv_2d.h", f"TE_CONV_2D_RVV_{name}") for name in ("FEW", "MANY", "PIXELS", "TAPS")
)


def conv_2d(call: Call) -> Call | None:
    """Weights [groups, taps, channels of a group]."""
    groups, channels = parts.number(call, "groups"), parts.number(call, "out_channels")
    rows = parts.weights(call).reshape(channels, -1)
    narrowed = short.convolution(call, rows)
    if narrowed is None:
        return None
    size = channels // groups
    turned = rows.reshape(groups, size, -1).swapaxes(1, 2)
    weights = parts.relaid(parts.arrays(call)["weights"], turned)
    # Groups, and the parts of a large window, are read one after another while outputs are written.
    together = MANY if size <= FEW else PIXELS
    early = groups == 1 and rows.shape[1] <= TAPS // together
    return replace(parts.changed(narrowed, arrays={"weights": weights}), ahead=0 if early else together - 1)


def fully_connected(call: Call) -> Call | None:
    """Weights [depth, channels]."""
    rows = parts.weights(call)
    narrowed = short.fully_connected(call, rows)
    if narrowed is None:
        return None
    return parts.changed(narrowed, arrays={"weights": parts.relaid(parts.arrays(call)["weights"], rows.T)})
