# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/helium/: vectors of 16 bytes, filled up with zeros."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import (
    helium_conv,
    helium_dense,
    helium_depthwise,
    helium_short,
    helium_spectra,
    helium_windows,
    helium_words,
    parts,
    recast,
)


def conv_2d(call: Call) -> Call | None:
    """Multipliers in words, where exact; weights as helium_conv lays them."""
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    return helium_conv.conv_2d(helium_words.pack(call, rows))


def depthwise_conv_2d(call: Call) -> Call | None:
    """The same with helium_windows or helium_depthwise; a convolution where outputs share one channel."""
    return _depthwise(call, windows=True)


def narrow_depthwise_conv_2d(call: Call) -> Call | None:
    """The same without helium_windows, whose weights take 16 bytes a channel."""
    return _depthwise(call, windows=False)


def _depthwise(call: Call, windows: bool) -> Call | None:
    convolution = recast.as_convolution(call)
    if convolution is not None:
        return conv_2d(convolution)
    taps = parts.weights(call).reshape(-1, parts.number(call, "out_channels")).T
    packed = helium_words.pack(call, taps)
    laid = helium_windows.depthwise_conv_2d(packed) if windows else None
    return laid or helium_depthwise.depthwise_conv_2d(packed)


LAYOUTS = {
    "conv_2d_s8": conv_2d,
    "conv_2d_s16": helium_short.conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": helium_dense.fully_connected,
    "fully_connected_s16": helium_short.fully_connected,
    "fully_connected_s8_wide": helium_dense.interleaved,
    "spectra_s16": helium_spectra.spectra,
}
SMALL = {"depthwise_conv_2d_s8": narrow_depthwise_conv_2d}
