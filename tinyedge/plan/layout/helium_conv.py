# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives its weights in the order of firmware/kernels/helium/conv_2d_s8.c."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import flat

VECTOR = 16
"""Bytes of a vector register."""
PIXELS = 4
"""Output pixels that are made at once: TE_CONV_2D_S8_PIXELS, as those below."""
STRIP = 1664
"""Bytes of inputs that the stack holds."""
BLOCK = 64
"""Output channels whose sums it holds."""
SLIDE = 3
"""Columns of windows that slide over vectors."""


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
    params = flat.flattened({name: value for name, value in call.params.items() if isinstance(value, int)})
    g = Geometry(
        params["kernel_height"],
        params["kernel_width"],
        params["stride_x"],
        params["in_channels"] // params["groups"],
        params["groups"],
        params["out_channels"],
    )
    shared = params["dilation_x"] == 1 and (_direct(g, params) or _shares(g))
    column = g.height * g.depth * g.groups
    row = params["out_width"]
    if not shared and row % PIXELS:
        row *= params["out_height"]
    stretch = -(-row // PIXELS) * PIXELS
    while stretch and g.columns(shared, stretch) * column > STRIP:
        stretch -= PIXELS
    part = g.depth
    if stretch == 0:
        most = STRIP // (g.columns(shared, PIXELS) * g.height)
        if most < min(g.depth, VECTOR):
            return None
        if most < g.depth:
            parts = -(-g.depth // (most // VECTOR * VECTOR))
            part = -(-g.depth // (parts * VECTOR)) * VECTOR
    if _direct(g, params):
        stretch = min(stretch, PIXELS)
    laid = {"shared": int(shared), "part": part, "stretch": stretch}
    arguments = tuple(
        replace(a, data=order(a.data, g, shared, part), laid_from=a.held)
        if isinstance(a, Constant) and a.role == "weights"
        else a
        for a in call.arguments
    )
    # Groups and parts are read one after another while outputs are written.
    ahead = 0 if stretch else PIXELS - 1
    return replace(call, params={**call.params, **params, **laid}, arguments=arguments, ahead=ahead)


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


def _direct(g: Geometry, params: Mapping[str, int]) -> bool:
    """Whether windows are runs of bytes of the input, which can be read where they are."""
    padded = (
        params["pad_left"] > 0
        or params["pad_top"] > 0
        or (params["out_height"] - 1) * params["stride_y"] >= params["in_height"]
        or (params["out_width"] - 1) * g.stride + g.width > params["in_width"]
    )
    small = g.columns(True, PIXELS) * g.depth <= STRIP and g.channels <= BLOCK
    return g.height == 1 and g.groups == 1 and not padded and small and params["dilation_x"] == 1


def _shares(g: Geometry) -> bool:
    """Whether copying every column once is less work than copying every window."""
    vectors = -(-g.depth // VECTOR)
    return g.stride <= g.width and g.stride * vectors <= -(-g.width * g.depth // VECTOR)
