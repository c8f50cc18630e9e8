# SPDX-License-Identifier: Apache-2.0
"""Distances from centres in whitened features: what `mahalanobis`, `kmeans` and `gmm` share.

Features are standardised or decorrelated by an affine map into steps of 2^-8 deviations, at most 4,096
deviations from the centre; the distance to the nearest centre is in these steps, too.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.blocks import Reals, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Constant, Input, Output

STEP = 2.0**-8
"""Deviations of one step."""
LIMIT = 2**20
"""Steps that a coordinate is clamped to, either way."""
MOST = 64
"""Coordinates: the sum of their squares stays below 2^48, its root below 2^24."""
TYPES = {"int8": "s8", "int16": "s16"}


def source(stream: Stream, of: str) -> str:
    """The network's own input, or what it gives."""
    return stream.fed if of == "input" else stream.said


def append(
    stream: Stream, of: str, kind: str, name: str, matrix: Reals, mean: Reals, centres: Reals
) -> Stream:
    """Reads int8 or int16 features, n of them; gives the distance, int32 [1, 1].

    matrix [k, n]: of real features less `mean` [n] makes k coordinates; centres [c, k].
    """
    read = features(stream, of, kind, mean.size)
    block = kind.removeprefix("block_")
    if matrix.shape[1] != mean.size or centres.shape[1] != len(matrix):
        raise UsageError(
            f"block {block!r}: {len(matrix)} coordinates beside centres of {centres.shape[1]}",
            "learn it again: leave its numbers out",
        )
    attrs = {
        **mapped(block, read, matrix, matrix @ mean),
        "centres": _tuples(np.clip(np.rint(centres / STEP), -LIMIT, LIMIT)),
        "limit": 2**24,
    }
    target = Tensor(name, (1, 1), "int32", Quantization((STEP,), (0,)))
    return replace(stream, tensor=read.name).then(kind, target, attrs)


def features(stream: Stream, of: str, kind: str, count: int) -> Tensor:
    """The tensor of `count` features that the block reads; UsageError where it cannot."""
    read = stream.graph.tensors[source(stream, of)]
    block = kind.removeprefix("block_")
    if read.dtype not in TYPES or read.quantization is None:
        raise UsageError(f"block {block!r}: the features are {read.dtype}", "quantise the model to int8")
    if count != read.size:
        raise UsageError(
            f"block {block!r} was given a mean of {count} features, there are {read.size}",
            "learn it again: leave its numbers out",
        )
    if count > MOST:
        raise UsageError(f"block {block!r}: {count} features", f"it takes at most {MOST}")
    return read


def mapped(block: str, read: Tensor, matrix: Reals, shifts: Reals) -> dict[str, Any]:
    """Attributes "matrix", "offset" and "bits" of coordinates [k]: matrix [k, n] @ features - shifts."""
    assert read.quantization is not None
    if not np.isfinite(matrix).all():
        raise UsageError(f"block {block!r}: a coordinate is not finite", "learn it again")
    scales = np.broadcast_to(read.quantization.scale, read.size)
    zeros = np.broadcast_to(read.quantization.zero_point, read.size)
    factors = matrix * scales / STEP
    bits = 30 - max(0, math.ceil(math.log2(float(np.abs(factors).max()) or 1.0)))
    offsets = -shifts / STEP - factors @ zeros
    widest = (np.abs(factors).sum(axis=1) * 2.0**15 + np.abs(offsets)).max()
    bits = min(bits, 61 - max(0, math.ceil(math.log2(widest))))
    if bits < 1:
        raise UsageError(
            f"block {block!r}: a feature is {widest:.3g} deviations wide", "a feature that never changes?"
        )
    return {
        "matrix": _tuples(np.rint(factors * 2.0**bits)),
        "offset": tuple(int(v) for v in np.rint((offsets + 0.5) * 2.0**bits)),
        "bits": bits,
    }


def _tuples(values: Array) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(v) for v in row) for row in values)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    read, target = graph.input(op, 0), graph.output(op)
    matrix, centres = np.array(op.attrs["matrix"], np.int32), np.array(op.attrs["centres"], np.int32)
    params = {
        "features": read.size,
        "coordinates": len(matrix),
        "centres": len(centres),
        "shift": op.attrs["bits"],
        "limit": LIMIT,
    }
    arguments = (
        Input(read.name),
        Constant("matrix", matrix.ravel()),
        Constant("offset", np.array(op.attrs["offset"], np.int64)),
        Constant("centres", centres.ravel()),
        Output(target.name),
    )
    return (Call("nearest", f"nearest_{TYPES[read.dtype]}", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    matrix, centres = op.attrs["matrix"], op.attrs["centres"]
    return len(matrix) * (len(matrix[0]) + len(centres))
