# SPDX-License-Identifier: Apache-2.0
"""What CONCATENATION and PACK share: operands side by side along a dimension, a kernel call for each."""

from __future__ import annotations

import math

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Output, check, elementwise, require, strided


def operands(graph: Graph, op: Op) -> list[Tensor]:
    """All inputs; requires one type that can be moved, equal quantisation, and one that is computed."""
    target = graph.output(op)
    sources = [graph.input(op, i) for i in range(len(op.inputs))]
    require(target.dtype in strided.MOVED, graph, op, f"its output is {target.dtype}", "quantise the model")
    computed = any(source.data is None for source in sources)
    require(computed, graph, op, "all its operands are constants", "fold constants before converting")
    for source in sources:
        same = source.dtype == target.dtype
        what = f"{source.name!r} is {source.dtype}, not {target.dtype}"
        require(same, graph, op, what, "convert the model again")
        if target.quantization is not None:
            check.quantized(graph, op, source, (target.dtype,))
            check.quantized(graph, op, target, (target.dtype,))
            check.same_quantization(graph, op, source, target)
    return sources


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    """A call for each operand; dimension op.attrs["axis"] of the output is the one that is joined."""
    target, axis = graph.output(op), op.attrs["axis"]
    sources = [graph.input(op, i) for i in range(len(op.inputs))]
    rows = math.prod(target.shape[:axis])
    stride = math.prod(target.shape[axis:]) * ITEM_SIZE[target.dtype]
    made, start = [], 0
    for source in sources:
        width = source.nbytes // rows
        params = {"rows": rows, "bytes": width, "start": start, "stride": stride}
        arguments = (elementwise.operand(source), Output(target.name))
        made.append(Call("concatenation", "concatenation", params, arguments))
        start += width
    return tuple(made)
