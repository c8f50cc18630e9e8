# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a depthwise convolution, gives its arrays as firmware/kernels/helium/ reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import flat, header, parts

LANES, STRIP, SOURCES = (
    header.number("helium/depthwise_conv_2d.h", f"TE_DEPTHWISE_CONV_2D_HELIUM_{name}")
    for name in ("LANES", "STRIP", "SOURCES")
)
FEW = 20
"""Up to so many channels, those of several pixels fill the vectors, if a third more of one pixel's would."""


@dataclass(frozen=True)
class Geometry:
    """The parameters of a layer that its layout depends on."""

    height: int
    width: int
    stride: int
    reach: int
    channels: int
    out_width: int

    def strip(self, pixels: int, part: int) -> int:
        """Bytes of one part of the channels for `pixels` pixels."""
        return self.height * self.stride * (pixels + self.reach // self.stride) * part

    def stretch(self, unit: int, part: int) -> int:
        """As many pixels as the stack holds with all their channels, up to a row, in whole units."""
        parts = -(-self.channels // part)
        units = -(-self.out_width // unit)
        while units and self.strip(units * unit, part) * parts > STRIP:
            units -= 1
        return units * unit


def depthwise_conv_2d(call: Call) -> Call | None:
    """`call` with its arrays laid out; None where the inputs of one pixel are too many for the stack."""
    call = flat.lay_down(call)
    multiplier = parts.number(call, "multiplier")
    g = Geometry(
        parts.number(call, "kernel_height"),
        parts.number(call, "kernel_width"),
        parts.number(call, "stride_x"),
        (parts.number(call, "kernel_width") - 1) * parts.number(call, "dilation_x"),
        parts.number(call, "out_channels"),
        parts.number(call, "out_width"),
    )
    step = math.lcm(LANES, multiplier)
    part = SOURCES // step * step if multiplier > 1 and g.channels > SOURCES else g.channels
    unit = _unit(g.channels) if part == g.channels else 1
    stretch = g.stretch(unit, part) if part else 0
    if stretch == 0:
        unit = 1
        stretch = g.stretch(unit, part) if part else 0
    if stretch == 0:
        part = min(part, STRIP // g.strip(1, 1) // step * step)
        if part == 0:
            return None
    lanes = _lanes(g.channels, unit, part)
    packed = (call.laid or {})["packed"] == 1
    return parts.changed(
        call,
        params={"channel_step": 1},
        laid={"unit": unit, "part": part, "stretch": stretch, "pitch": 0},
        arrays={
            role: _laid(constant, g, lanes)
            for role, constant in parts.arrays(call).items()
            if not packed or role != "shift"
        },
    )


def _unit(channels: int) -> int:
    whole = -(-channels // LANES) * LANES
    return math.lcm(channels, LANES) // channels if channels <= FEW and whole * 3 >= channels * 4 else 1


def _lanes(channels: int, unit: int, part: int) -> Array:
    """[vectors, LANES]: the channel of every lane, -1 for one that only fills a vector."""
    parts = []
    for first in range(0, channels, part):
        of_part = np.tile(np.arange(first, min(first + part, channels)), unit)
        parts.append(np.pad(of_part, (0, -len(of_part) % LANES), constant_values=-1))
    return np.concatenate(parts).reshape(-1, LANES)


def _laid(constant: Constant, g: Geometry, lanes: Array) -> Constant:
    if constant.role == "weights":
        # Column by column.
        taps = constant.data.reshape(g.height, g.width, g.channels).swapaxes(0, 1).reshape(-1, g.channels)
        picked = np.where(lanes[:, None] < 0, 0, taps[:, lanes].swapaxes(0, 1))
    else:
        data = constant.data if len(constant.data) > 1 else np.repeat(constant.data, g.channels)
        # Even lanes, then odd ones.
        picked = np.where(lanes < 0, 0, data[lanes]).reshape(-1, LANES // 2, 2).swapaxes(1, 2)
    return parts.relaid(constant, picked.ravel().astype(constant.data.dtype))
