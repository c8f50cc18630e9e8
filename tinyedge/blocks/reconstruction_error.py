# SPDX-License-Identifier: Apache-2.0
"""How far an autoencoder's output is from its input: the mean square, or the mean magnitude, in integers.

Both are brought to one unit u, the larger of their two scales over 2^bits, as whole numbers of it; `bits` are
as many as the sum of all squares leaves room for in 62. The result is the sum, shifted to fit 24 bits.
"""

from __future__ import annotations

import math
from typing import Literal

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.blocks import Block, Parameters, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_RECONSTRUCTION_ERROR"
TYPES = {"int8": "s8", "int16": "s16"}
MOST_BITS = 14
RESULT = 2**23


class ReconstructionError(Parameters):
    """kind: "mse", the mean squared difference, or "mae", the mean magnitude of it."""

    kind: Literal["mse", "mae"] = "mse"


def append(stream: Stream, wanted: ReconstructionError, name: str) -> Stream:
    """The network's output, and its input of as many elements -> int32 [1, 1]."""
    output, source = stream.graph.tensors[stream.said], stream.graph.tensors[stream.fed]
    if stream.tensor != stream.said or source.dtype not in TYPES or output.dtype != source.dtype:
        raise UsageError(
            f"block 'reconstruction_error' compares {source.dtype} with {output.dtype}",
            "it comes first behind the network, whose input and output are of one type",
        )
    if source.size != output.size:
        raise UsageError(
            f"block 'reconstruction_error': the network takes {source.size} numbers, and gives {output.size}",
            "only an autoencoder rebuilds its input",
        )
    unit = max(source.scale, output.scale)
    low, high = LIMITS[source.dtype]
    # Below one more bit than the type has, of either sign, for the difference of the two.
    widest = (high - low).bit_length() + 1
    room = (62 - (source.size - 1).bit_length()) // 2 - widest
    bits = min(MOST_BITS, room)
    if bits < 4:
        raise UsageError(
            f"block 'reconstruction_error': {source.size} numbers of {source.dtype} exceed 62 bits",
            "rebuild a shorter window",
        )
    step = unit / 2**bits
    largest = source.size * (2 ** (widest + bits)) ** (2 if wanted.kind == "mse" else 1)
    shift = max(0, math.ceil(math.log2(largest / RESULT)))
    scale = step ** (2 if wanted.kind == "mse" else 1) * 2.0**shift / source.size
    target = Tensor(name, (1, 1), "int32", Quantization((scale,), (0,)))
    attrs = {
        "kind": wanted.kind,
        "factors": (round(source.scale / step), round(output.scale / step)),
        "shift": shift,
        "limit": RESULT,
    }
    return stream.then(KIND.lower(), target, attrs, more=(stream.fed,))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    output, source, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {
        "count": source.size,
        "zero_in": source.zero_point,
        "zero_out": output.zero_point,
        "factor_in": op.attrs["factors"][0],
        "factor_out": op.attrs["factors"][1],
        "squared": int(op.attrs["kind"] == "mse"),
        "shift": op.attrs["shift"],
    }
    arguments = (Input(source.name), Input(output.name), Output(target.name))
    return (Call("difference", f"difference_{TYPES[source.dtype]}", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    return graph.input(op, 1).size


block = Block(
    ReconstructionError,
    append,
    place="behind",
    bound="a step, and half of the last of 10 bits of the ratio of scales, of the error in floating point",
)
operator = Operator((KIND,), infer, calls, macs=macs)
