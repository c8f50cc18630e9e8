# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives its weights in the order of firmware/kernels/helium/conv_2d_s8.c."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import flat, header, parts

VECTOR = 16
"""Bytes of a vector register."""
PIXELS, STRIP, BLOCK, SLIDE = (
    header.number("helium/conv_2d.h", f"TE_CONV_2D_HELIUM_{name}")
    for name in ("PIXELS", "STRIP", "BLOCK", "SLIDE")
)


@dataclass(frozen=True)
class Geometry:
    """The parameters of a layer that its layout depends on."""

    height: int
    width: int
    stride: int
    depth: int
    groups: int
    channels: int

    def columns(self, shared: bool, pixels: int) -> int:
        """Columns that are laid for `pixels` pixels."""
        return (pixels - 1) * self.stride + self.width if shared else pixels * self.width


def conv_2d(call: Call) -> Call | None:
    """`call` with its weights laid out; None where the inputs of four pixels are too many for the stack."""
    call = flat.flatten(call)
    g = Geometry(
        parts.number(call, "kernel_height"),
        parts.number(call, "kernel_width"),
        parts.number(call, "stride_x"),
        parts.number(call, "in_channels") // parts.number(call, "groups"),
        parts.number(call, "groups"),
        parts.number(call, "out_channels"),
    )
    shared = call.params["dilation_x"] == 1 and (_direct(g, call) or _shares(g))
    column = g.height * g.depth * g.groups
    row = parts.number(call, "out_width")
    if not shared and row % PIXELS:
        row *= parts.number(call, "out_height")
    stretch = -(-row // PIXELS) * PIXELS
    while stretch and g.columns(shared, stretch) * column > STRIP:
        stretch -= PIXELS
    part = g.depth
    if stretch == 0:
        most = STRIP // (g.columns(shared, PIXELS) * g.height)
        if most < min(g.depth, VECTOR):
            return None
        if most < g.depth:
            count = -(-g.depth // (most // VECTOR * VECTOR))
            part = -(-g.depth // (count * VECTOR)) * VECTOR
    if _direct(g, call):
        stretch = min(stretch, PIXELS)
    weights = parts.arrays(call)["weights"]
    laid = parts.changed(
        call,
        laid={"shared": int(shared), "part": part, "stretch": stretch},
        arrays={"weights": parts.relaid(weights, order(weights.data, g, shared, part))},
    )
    # Groups and parts are read one after another while outputs are written.
    return replace(laid, ahead=0 if stretch else PIXELS - 1)


def order(weights: Array, g: Geometry, shared: bool, part: int) -> Array:
    """Weights [channels, height, width, depth of a group] as the kernel reads them."""
    taps = weights.reshape(g.groups, g.channels // g.groups, g.height, g.width, g.depth)
    taps = np.pad(taps, [(0, 0)] * 4 + [(0, -g.depth % part)])
    taps = taps.reshape(*taps.shape[:4], -1, part)
    taps = np.moveaxis(taps, 4, 0)
    if shared:
        taps = taps.swapaxes(3, 4)
    # [part, group, channel, vector of taps, 16]
    taps = taps.reshape(*taps.shape[:3], -1)
    taps = np.pad(taps, [(0, 0)] * 3 + [(0, -taps.shape[3] % VECTOR)])
    taps = taps.reshape(*taps.shape[:3], -1, VECTOR)
    if slides(g, shared, part):
        taps = taps.reshape(*taps.shape[:3], SLIDE, -1, VECTOR).swapaxes(3, 4).reshape(taps.shape)
    stream = [
        _pairs(of_part[group, first : first + BLOCK])
        for group in range(g.groups)
        for first in range(0, taps.shape[2], BLOCK)
        for of_part in taps
    ]
    return np.concatenate(stream)


def slides(g: Geometry, shared: bool, part: int) -> bool:
    """Whether a column is whole vectors, each of which is used by three pixels."""
    return shared and g.stride == 1 and g.width == SLIDE and g.height * part % VECTOR == 0


def _pairs(taps: Array) -> Array:
    """[channels, vectors, 16] with two channels next to each other, vector by vector."""
    padded = np.pad(taps, ((0, len(taps) % 2), (0, 0), (0, 0)))
    pairs: Array = padded.reshape(-1, 2, *padded.shape[1:]).swapaxes(1, 2).ravel()
    return pairs


def _direct(g: Geometry, call: Call) -> bool:
    """Whether windows are runs of bytes of the input, which can be read where they are."""

    def number(field: str) -> int:
        return parts.number(call, field)

    padded = (
        number("pad_left") > 0
        or number("pad_top") > 0
        or (number("out_height") - 1) * number("stride_y") >= number("in_height")
        or (number("out_width") - 1) * g.stride + g.width > number("in_width")
    )
    small = g.columns(True, PIXELS) * g.depth <= STRIP and g.channels <= BLOCK
    return g.height == 1 and g.groups == 1 and not padded and small and number("dilation_x") == 1


def _shares(g: Geometry) -> bool:
    """Whether copying every column once is less work than copying every window."""
    vectors = -(-g.depth // VECTOR)
    return g.stride <= g.width and g.stride * vectors <= -(-g.width * g.depth // VECTOR)
