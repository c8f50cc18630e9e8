# SPDX-License-Identifier: Apache-2.0
"""Lengths of vectors: what three axes of an accelerometer say however it is turned."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid, step
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_MAGNITUDE"


class Magnitude(Parameters):
    """sqrt(x^2 + y^2 ...) of columns side by side.

    axes: columns of a vector, 2 to 4; all columns if not given.
    """

    axes: Annotated[int, Field(ge=2, le=4)] | None = None


def append(stream: Stream, wanted: Magnitude, name: str) -> Stream:
    """int16 [1, rows, channels] -> [1, rows, channels / axes] in steps sqrt(axes) as large: all fit."""
    rows, channels = grid(stream.last)
    axes = wanted.axes or channels
    if not 2 <= axes <= 4 or channels % axes:
        raise UsageError(
            f"block 'magnitude': axes = {axes} of {channels} columns",
            "give 2, 3 or 4 of which the columns are a multiple",
        )
    scale = step(stream, "magnitude") * math.sqrt(axes)
    target = Tensor(name, (1, rows, channels // axes), "int16", Quantization((scale,), (0,)))
    return stream.then(KIND.lower(), target, {"axes": axes})


def reference(values: Reals, wanted: Magnitude, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by numpy."""
    axes = wanted.axes or values.shape[-1]
    return np.asarray(np.linalg.norm(values.reshape(*values.shape[:2], -1, axes), axis=-1))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    rows, channels = grid(graph.input(op, 0))
    return ((1, rows, channels // op.attrs["axes"]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {"vectors": target.size, "axes": op.attrs["axes"]}
    return (Call("magnitude", "magnitude_s16", params, (Input(source.name), Output(target.name))),)


def macs(graph: Graph, op: Op) -> int:
    return graph.input(op, 0).size


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """A vector is read before it is written, and gets shorter."""
    return 0


block = Block(Magnitude, append, reference, bound="half a step of numpy.linalg.norm")
operator = Operator((KIND,), infer, calls, macs=macs, distance=distance)
