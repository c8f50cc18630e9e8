# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/helium/: vectors of 16 bytes, filled up with zeros."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import helium_conv, helium_dense, helium_depthwise, helium_words


def conv_2d(call: Call) -> Call | None:
    """Multipliers in words, where exact; weights as helium_conv lays them."""
    channels = call.params["out_channels"]
    assert isinstance(channels, int)
    return helium_conv.conv_2d(helium_words.pack(call, _weights(call).reshape(channels, -1)))


def depthwise_conv_2d(call: Call) -> Call | None:
    """The same with helium_depthwise; where all outputs share one input channel, it is a convolution."""
    channels = call.params["out_channels"]
    assert isinstance(channels, int)
    taps = _weights(call).reshape(-1, channels).T
    if call.params["in_channels"] == 1 < channels:
        params = dict(call.params) | {"groups": 1}
        del params["multiplier"]
        arguments = tuple(
            replace(a, data=taps, laid_from=a.held) if isinstance(a, Constant) and a.role == "weights" else a
            for a in call.arguments
        )
        return conv_2d(
            replace(call, contract="conv_2d", kernel="conv_2d_s8", params=params, arguments=arguments)
        )
    return helium_depthwise.depthwise_conv_2d(helium_words.pack(call, taps))


def _weights(call: Call) -> Array:
    return next(a.data for a in call.arguments if isinstance(a, Constant) and a.role == "weights")


LAYOUTS = {
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": helium_dense.fully_connected,
    "fully_connected_s8_wide": helium_dense.interleaved,
}
