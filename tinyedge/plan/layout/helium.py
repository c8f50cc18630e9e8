# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/helium/: vectors of 16 bytes, filled up with zeros."""

from __future__ import annotations

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import (
    header,
    helium_conv,
    helium_dense,
    helium_depthwise,
    helium_matmul,
    helium_short,
    helium_spectra,
    helium_transpose,
    helium_windows,
    helium_words,
    parts,
    recast,
)

LARGEST = 4
"""Bytes of a lane."""
TAPS = header.number("helium/pool_2d.h", "TE_POOL_2D_HELIUM_TAPS")
FEWEST = header.number("helium/resize_bilinear.h", "TE_RESIZE_BILINEAR_HELIUM_FEWEST")


def conv_2d(call: Call) -> Call | None:
    """Requantisation by lines or words, where exact; weights as helium_conv lays them."""
    return helium_conv.conv_2d(helium_words.draw(call, _rows(call)))


def narrow_conv_2d(call: Call) -> Call | None:
    """The same without lines, which take two more bytes a channel."""
    return helium_conv.conv_2d(helium_words.pack(call, _rows(call)))


def _rows(call: Call) -> Array:
    return parts.weights(call).reshape(parts.number(call, "out_channels"), -1)


def depthwise_conv_2d(call: Call) -> Call | None:
    """The same with helium_windows or helium_depthwise; a convolution where outputs share one channel."""
    return _depthwise(call, windows=True)


def narrow_depthwise_conv_2d(call: Call) -> Call | None:
    """The same without helium_windows, whose weights take 16 bytes a channel."""
    return _depthwise(call, windows=False)


def _depthwise(call: Call, windows: bool) -> Call | None:
    convolution = recast.as_convolution(call)
    if convolution is not None:
        return conv_2d(convolution) if windows else narrow_conv_2d(convolution)
    taps = parts.weights(call).reshape(-1, parts.number(call, "out_channels")).T
    laid = helium_windows.depthwise_conv_2d(helium_words.draw(call, taps)) if windows else None
    return laid or helium_depthwise.depthwise_conv_2d(helium_words.pack(call, taps))


def average_pool_2d(call: Call) -> Call | None:
    """Windows of few taps."""
    return call if parts.number(call, "kernel_height") * parts.number(call, "kernel_width") <= TAPS else None


def resize_bilinear(call: Call) -> Call | None:
    """Pixels of channels enough."""
    return call if parts.number(call, "channels") >= FEWEST else None


def select(call: Call) -> Call | None:
    """Elements that are lanes of a vector."""
    return call if parts.number(call, "width") <= LARGEST else None


LAYOUTS = {
    "average_pool_2d_s8": average_pool_2d,
    "average_pool_2d_s16": average_pool_2d,
    "batch_matmul_s8": helium_matmul.batch_matmul,
    "batch_matmul_s16": helium_matmul.batch_matmul,
    "batch_matmul_s16_s8": helium_matmul.batch_matmul,
    "conv_2d_s8": conv_2d,
    "conv_2d_s16": helium_short.conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "depthwise_conv_2d_s16": helium_short.depthwise_conv_2d,
    "fully_connected_s8": helium_dense.fully_connected,
    "fully_connected_s16": helium_short.fully_connected,
    "fully_connected_s8_wide": helium_dense.interleaved,
    "lstm_s8": helium_dense.lstm,
    "resize_bilinear_s8": resize_bilinear,
    "resize_bilinear_s16": resize_bilinear,
    "resize_bilinear_u8": resize_bilinear,
    "select": select,
    "spectra_s16": helium_spectra.spectra,
    "svdf_s8": helium_dense.svdf,
    "svdf_s8_narrow": helium_dense.svdf,
    "transpose_conv_s8": helium_transpose.transpose_conv,
}
SMALL = {"conv_2d_s8": narrow_conv_2d, "depthwise_conv_2d_s8": narrow_depthwise_conv_2d}
