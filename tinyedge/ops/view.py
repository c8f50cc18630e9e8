# SPDX-License-Identifier: Apache-2.0
"""What operators share that only name a shape anew: the data stays where it is, of any type."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import require
from tinyedge.ops.channels import Channels, Cut, Kept, Range, Ranges


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """The shape in op.attrs["shape"]; requires an activation of the same size and type."""
    source, target, shape = graph.input(op, 0), graph.output(op), op.attrs["shape"]
    require(
        source.data is None, graph, op, f"{source.name!r} is a constant", "fold constants before converting"
    )
    good = source.dtype == target.dtype
    require(good, graph, op, f"it makes {target.dtype} from {source.dtype}", "convert the model again")
    good = source.size == math.prod(shape)
    require(good, graph, op, f"{source.size} elements do not fit shape {shape}", "convert the model again")
    return (shape,)


def constant_vector(tensor: Tensor, what: str) -> tuple[int, ...]:
    """The elements of a constant int32 or int64 scalar or vector."""
    if tensor.data is None or tensor.dtype not in ("int32", "int64") or len(tensor.shape) > 1:
        raise Unsupported(f"its {what} is {tensor.dtype} {tensor.shape}", f"make the {what} constant")
    return tuple(int(n) for n in tensor.data.reshape(-1))


def resolve(wanted: tuple[int, ...], size: int) -> tuple[int, ...]:
    """`wanted` with its one -1 replaced so that it has `size` elements; Unsupported where nothing fits."""
    known = math.prod(n for n in wanted if n != -1)
    if wanted.count(-1) > 1 or any(n < -1 for n in wanted) or (-1 in wanted and (known == 0 or size % known)):
        raise Unsupported(f"{size} elements do not fit shape {wanted}", "convert the model again")
    return tuple(size // known if n == -1 else n for n in wanted)


def resolve_axes(axes: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Dimensions counted from the front, ascending, each once; Unsupported for one that `shape` lacks."""
    rank = len(shape)
    if any(not -rank <= axis < rank for axis in axes):
        raise Unsupported(f"dimensions {axes} of shape {shape}", "convert the model again")
    return tuple(sorted({axis % rank for axis in axes}))


def resolve_axis(axis: Tensor, shape: tuple[int, ...]) -> int:
    """As `resolve_axes` for the one dimension that a constant names."""
    axes = resolve_axes(constant_vector(axis, "axis"), shape)
    if len(axes) != 1:
        raise Unsupported(f"it is along dimensions {axes}", "convert the model again")
    return axes[0]


def attributes(shape: tuple[int, ...]) -> dict[str, Any]:
    """What `read` gives."""
    return {"shape": shape}


def _rows(count: int, other: int) -> int | None:
    """How often channels are repeated where `count` of them become `other`, row-major; None: they are not."""
    return other // count if other % count == 0 else None


def _kept(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    source, target = graph.input(op, 0).name, graph.output(op).name
    few, many = sorted((source, target), key=lambda name: kept[name].size)
    rows = _rows(kept[few].size, kept[many].size)
    if rows is None:
        return None
    chosen = kept[few] | kept[many].reshape(rows, -1).any(axis=0)
    return {few: chosen, many: np.tile(chosen, rows)}


def _range(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    given, count = ranges[graph.input(op, 0).name], graph.output(op).shape[-1]
    rows = _rows(given.low.size, count)
    if rows is not None:
        return Range(np.tile(given.low, rows), np.tile(given.high, rows))
    if given.low.size % count:
        return None
    return Range(given.low.reshape(-1, count).min(axis=0), given.high.reshape(-1, count).max(axis=0))


def _cut(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Cut:
    return Cut(attrs=attributes((*op.attrs["shape"][:-1], int(kept[op.outputs[0]].sum()))))


CHANNELS = Channels(_kept, _range, _cut)
"""Of an image that is flattened, an element is a channel of its own: it goes with that of its pixel."""
