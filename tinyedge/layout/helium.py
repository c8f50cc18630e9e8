# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/helium/: vectors of 16 bytes, filled up with zeros."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinyedge.layout import helium_conv, helium_dense, helium_words
from tinyedge.ops import Array, Call, Constant

VECTOR = 16
"""Bytes of a vector register."""
WORD = 4
"""Taps of a channel that depthwise kernels keep together."""
WORDS = 31
"""Words of a window, at most: TE_DEPTHWISE_S8_WORDS / 64, less one."""


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights [channels, words, 4]: a word is four taps of a column, or of a row if those are fewer.

    Where all outputs share one input channel, it is a convolution.
    """
    height, width = _whole(call, "kernel_height"), _whole(call, "kernel_width")
    channels, multiplier = _whole(call, "out_channels"), _whole(call, "multiplier")
    if multiplier > 1 and multiplier == channels:
        return helium_conv.conv_2d(_grouped(call))
    down, across = -(-height // WORD) * width, -(-width // WORD) * height
    if min(down, across) > WORDS:
        return None

    def lay(weights: Array) -> Array:
        taps = weights.reshape(height, width, channels).transpose(2, 0, 1)
        taps = np.pad(taps, ((0, -channels % WORD), (0, 0), (0, 0)))
        if across < down:
            # [channel, row, word, tap]: the words of a column are those of all rows
            words = np.pad(taps, ((0, 0), (0, 0), (0, -width % WORD))).reshape(
                -1, height, across // height, WORD
            )
        else:
            # [channel, word, tap, column]
            words = np.pad(taps, ((0, 0), (0, -height % WORD), (0, 0))).reshape(
                -1, down // width, WORD, width
            )
            words = words.swapaxes(2, 3)
        by_column: Array = words.swapaxes(1, 2)
        return np.pad(by_column.ravel(), (0, VECTOR))

    return _with_weights(call, lay)


def _grouped(call: Call) -> Call:
    params = dict(call.params)
    params["groups"] = params["in_channels"]
    multiplier = params.pop("multiplier")
    assert isinstance(multiplier, int)
    turned = replace(call, contract="conv_2d", kernel="conv_2d_s8", params=params)
    return _with_weights(turned, lambda weights: weights.reshape(-1, _whole(call, "out_channels")).T)


def _whole(call: Call, field: str) -> int:
    value = call.params[field]
    assert isinstance(value, int)
    return value


def _with_weights(call: Call, lay: Callable[[Array], Array]) -> Call:
    """`call` with `lay` applied to its array of role "weights"."""
    arguments = tuple(
        replace(a, data=lay(a.data), laid_from=a.held)
        if isinstance(a, Constant) and a.role == "weights"
        else a
        for a in call.arguments
    )
    return replace(call, arguments=arguments)


def _packed_conv_2d(call: Call) -> Call | None:
    return helium_conv.conv_2d(
        helium_words.pack(call, _weights(call).reshape(_whole(call, "out_channels"), -1))
    )


def _packed_depthwise(call: Call) -> Call | None:
    return depthwise_conv_2d(
        helium_words.pack(call, _weights(call).reshape(-1, _whole(call, "out_channels")).T)
    )


def _weights(call: Call) -> Array:
    return next(a.data for a in call.arguments if isinstance(a, Constant) and a.role == "weights")


LAYOUTS = {
    "conv_2d_s8": _packed_conv_2d,
    "depthwise_conv_2d_s8": _packed_depthwise,
    "fully_connected_s8": helium_dense.fully_connected,
    "fully_connected_s8_wide": helium_dense.interleaved,
}

SPEED_ONLY = {"depthwise_conv_2d_s8"}
"""Nine taps of a channel become twelve, in three words: a third more flash than the portable kernel's."""
