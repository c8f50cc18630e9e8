# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph with float inputs or outputs, gives one that starts and ends with integers."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Graph, Op


def run(graph: Graph) -> Graph:
    """An input that one QUANTIZE alone reads becomes its output; an output of a DEQUANTIZE becomes its input.

    What does not have this form stays, and is then refused as a float layer.
    """
    heads = [_quantize_of(graph, name) for name in graph.inputs]
    tails = [_dequantize_of(graph, name) for name in graph.outputs]
    removed = {op.name for op in (*heads, *tails) if op is not None}
    inputs = [op.outputs[0] if op else name for name, op in zip(graph.inputs, heads, strict=True)]
    outputs = [graph.input(op, 0).name if op else name for name, op in zip(graph.outputs, tails, strict=True)]
    ops = tuple(op for op in graph.ops if op.name not in removed)
    used = {name for op in ops for name in (*op.inputs, *op.outputs)} | {*inputs, *outputs}
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in used}
    return replace(graph, tensors=tensors, ops=ops, inputs=tuple(inputs), outputs=tuple(outputs))


def _quantize_of(graph: Graph, name: str) -> Op | None:
    """The QUANTIZE that alone reads the float input `name`."""
    readers = [op for op in graph.ops if name in op.inputs]
    alone = len(readers) == 1 and name not in graph.outputs
    return readers[0] if alone and _is_border(graph, readers[0], "quantize", name) else None


def _dequantize_of(graph: Graph, name: str) -> Op | None:
    """The DEQUANTIZE that makes the float output `name`, which no layer reads."""
    makers = [op for op in graph.ops if name in op.outputs]
    read = any(name in op.inputs for op in graph.ops)
    return makers[0] if makers and not read and _is_border(graph, makers[0], "dequantize", name) else None


def _is_border(graph: Graph, op: Op, kind: str, name: str) -> bool:
    return op.kind == kind and graph.tensors[name].dtype == "float32" and graph.input(op, 0).data is None
