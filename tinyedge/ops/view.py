# SPDX-License-Identifier: Apache-2.0
"""What operators share that only name a shape anew: the data stays where it is, of any type."""

from __future__ import annotations

import math
from typing import Any

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import require


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
