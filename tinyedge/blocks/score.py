# SPDX-License-Identifier: Apache-2.0
"""What a network gives as plain numbers: its zero point taken away, its scale kept beside them."""

from __future__ import annotations

from pydantic import NonNegativeInt

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.blocks import Block, Parameters, Reals, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_SCORE"
TYPES = {"int8": "s8", "uint8": "u8", "int16": "s16"}


class Score(Parameters):
    """index: of the class whose score it is; without one, all of them."""

    index: NonNegativeInt | None = None


def append(stream: Stream, wanted: Score, name: str) -> Stream:
    """Any [1, ...] -> int32 [1, n], or [1, 1] of one class."""
    source = stream.last
    if source.dtype not in TYPES or source.quantization is None or len(source.quantization.scale) != 1:
        raise UsageError(f"block 'score': the network gives {source.dtype}", "quantise it to int8 or int16x8")
    if wanted.index is not None and wanted.index >= source.size:
        raise UsageError(
            f"block 'score': index {wanted.index}, the network gives {source.size} numbers",
            f"choose 0 to {source.size - 1}",
        )
    count = source.size if wanted.index is None else 1
    target = Tensor(name, (1, count), "int32", Quantization((source.scale,), (0,)))
    low, high = LIMITS[source.dtype]
    attrs = {"first": wanted.index or 0, "limit": max(high - source.zero_point, source.zero_point - low)}
    return stream.then(KIND.lower(), target, attrs)


def reference(values: Reals, wanted: Score, stream: Stream) -> Reals:
    """Of [runs, ...]: the definition."""
    flat = values.reshape(len(values), -1)
    return flat if wanted.index is None else flat[:, wanted.index : wanted.index + 1]


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {"first": op.attrs["first"], "count": target.size, "zero_point": source.zero_point}
    kernel = f"score_{TYPES[source.dtype]}"
    return (Call("score", kernel, params, (Input(source.name), Output(target.name))),)


block = Block(Score, append, reference, place="behind", bound="equal to its definition")
operator = Operator((KIND,), infer, calls)
