# SPDX-License-Identifier: Apache-2.0
"""Takes padding sizes and values, gives TFLite models of a border (PAD, PADV2) before a convolution."""

from __future__ import annotations

import numpy as np

from tests import single_op
from tests.single_op import Node
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import case

SCALE = Quantization((0.05,), (3,))
CHANNELS = 4
Sizes = tuple[tuple[int, int], ...]


def model(
    operator: str,
    sizes: Sizes = ((0, 0), (1, 1), (1, 1), (0, 0)),
    value: int | None = None,
    padded: Quantization = SCALE,
    same: bool = False,
    keep: bool = False,
) -> bytes:
    """input [1, 6, 5, 4] -> border -> `operator` with a 3x3 kernel, stride 1.

    `value` makes it PADV2; `same` lets the convolution pad too; `keep` makes `padded` an output as well.
    """
    rng = np.random.default_rng(5)
    shape = (1, 6, 5, CHANNELS)
    grown = tuple(n + sum(pair) for n, pair in zip(shape, sizes, strict=True))
    height, width = (grown[1], grown[2]) if same else (grown[1] - 2, grown[2] - 2)
    depthwise = operator == "DEPTHWISE_CONV_2D"
    weights_shape = (1, 3, 3, grown[3]) if depthwise else (CHANNELS, 3, 3, grown[3])
    tensors = [
        Tensor("input", shape, "int8", SCALE),
        Tensor("sizes", (4, 2), "int32", None, np.array(sizes, np.int32)),
        Tensor("value", (), "int8", padded, np.array(value or 0, np.int8)),
        Tensor("padded", grown, "int8", padded),
        case.weights(rng, weights_shape, axis=3 if depthwise else 0),
        case.bias(rng, CHANNELS),
        Tensor("output", (grown[0], height, width, CHANNELS), "int8", Quantization((0.6,), (-5,))),
    ]
    border = ("input", "sizes") if value is None else ("input", "sizes", "value")
    options = {"padding": 0 if same else 1, "strideH": 1, "strideW": 1}
    nodes = [
        Node("PAD" if value is None else "PADV2", border, ("padded",), {}),
        Node(
            operator,
            ("padded", "weights", "bias"),
            ("output",),
            options | ({"depthMultiplier": 1} if depthwise else {}),
        ),
    ]
    return single_op.pack(tensors, nodes, ["input"], ["padded", "output"] if keep else ["output"])
