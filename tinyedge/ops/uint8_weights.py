# SPDX-License-Identifier: Apache-2.0
"""Layers whose weights are uint8 with a zero point, as TensorFlow 1 made them; their activations are int8."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Output, requantize


def centred(weights: Tensor) -> Array:
    """Weights less their zero point: int8, or int16 of uint8 ones."""
    assert weights.data is not None
    return weights.data if weights.dtype == "int8" else weights.data.astype(np.int16) - weights.zero_point


def symmetric(weights: Tensor) -> Array | None:
    """int8 weights less their zero point, which is 0 for int8 ones; None where that takes more bits."""
    wide = centred(weights)
    narrow: Array = wide.astype(np.int8)
    return narrow if np.array_equal(narrow, wide) else None


def call(
    graph: Graph, op: Op, params: Mapping[str, int], weights: Array, once: list[float] | None = None
) -> Call:
    """A convolution with weights [output channels, height, width, depth] as the file has them.

    `params`: those of te_conv_2d, but for what requantises; `once`: the scale of sums that are rounded once.
    """
    source, held, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    bias = requantize.bias_of(graph, op, len(weights))
    taps = weights.reshape(len(weights), -1).astype(np.int64) - held.zero_point
    low, high = fixedpoint.LIMITS[source.dtype]
    reach = fixedpoint.reach(taps, bias, low - source.zero_point, high - source.zero_point)
    if once is None:
        scales = requantize.effective_scales(source, held, target)
        multiplier, shift, _ = requantize.twice_rounded(graph, op, scales, reach)
        lower = 0
    else:
        ends = params["out_min"], params["out_max"]
        multiplier, rest, shift, _ = requantize.once_rounded(once, reach, target, *ends)
        lower = int(rest.data[0])
    single = {"multiplier": int(multiplier.data[0]), "multiplier_low": lower, "shift": int(shift.data[0])}
    single |= {"once": int(once is not None)}
    return Call(
        "conv_2d_u8",
        "conv_2d_u8",
        {**params, **single, "weights_zero_point": held.zero_point},
        (
            Input(source.name),
            Constant("weights", np.ascontiguousarray(weights), weight=True),
            Constant("bias", bias.astype(np.int32), weight=requantize.has_bias(op)),
            Output(target.name),
        ),
    )
