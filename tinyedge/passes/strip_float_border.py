# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph with float inputs or outputs, gives it the integer tensors behind QUANTIZE and DEQUANTIZE instead."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Graph, Op


def run(graph: Graph) -> Graph:
    """An input that only one QUANTIZE reads becomes its output; an output that DEQUANTIZE makes becomes its input.

    What does not have this form stays, and is then refused as a float layer.
    """
    inputs = {name: _quantize_of(graph, name) for name in graph.inputs}
    outputs = {name: _dequantize_of(graph, name) for name in graph.outputs}
    removed = {op.name for op in (*inputs.values(), *outputs.values()) if op is not None}
    ops = tuple(op for op in graph.ops if op.name not in removed)
    new_inputs = tuple(name if op is None else op.outputs[0] for name, op in inputs.items())
    new_outputs = tuple(_source(op) if op else name for name, op in outputs.items())
    used = {name for op in ops for name in (*op.inputs, *op.outputs)} | {*new_inputs, *new_outputs}
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in used}
    return replace(graph, tensors=tensors, ops=ops, inputs=new_inputs, outputs=new_outputs)


def _source(op: Op) -> str:
    name = op.inputs[0]
    assert name is not None
    return name


def _readers(graph: Graph, name: str) -> list[Op]:
    return [op for op in graph.ops if name in op.inputs]


def _quantize_of(graph: Graph, name: str) -> Op | None:
    """The QUANTIZE that alone reads the float input `name`."""
    readers = _readers(graph, name)
    if graph.tensors[name].dtype != "float32" or name in graph.outputs or len(readers) != 1:
        return None
    return readers[0] if readers[0].kind == "quantize" else None


def _dequantize_of(graph: Graph, name: str) -> Op | None:
    """The DEQUANTIZE that makes the float output `name`, which nothing else reads, from another layer's result."""
    makers = [op for op in graph.ops if name in op.outputs]
    if graph.tensors[name].dtype != "float32" or _readers(graph, name) or not makers:
        return None
    source = makers[0].inputs[0] if makers[0].kind == "dequantize" else None
    # A layer must stay between a model's input and its output, and an output is listed once.
    layers = {
        n
        for op in graph.ops
        if op.kind != "quantize" or graph.input(op, 0).dtype != "float32"
        for n in op.outputs
    }
    taken = source in graph.outputs or sum(source == _made_from(graph, other) for other in graph.outputs) > 1
    return makers[0] if source in layers and not taken else None


def _made_from(graph: Graph, output: str) -> str | None:
    return next((op.inputs[0] for op in graph.ops if output in op.outputs and op.kind == "dequantize"), None)
