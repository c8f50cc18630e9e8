# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph with float inputs or outputs, gives one that starts and ends with integers."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Graph, Op


def run(graph: Graph) -> Graph:
    """An input that one QUANTIZE alone reads becomes its output; an output of a DEQUANTIZE becomes its input.

    What does not have this form stays, and is then refused as a float layer.
    """
    readers, makers = graph.readers(), graph.makers()

    def quantize_of(name: str) -> Op | None:
        """The QUANTIZE that alone reads the float input `name`."""
        alone = len(readers[name]) == 1 and name not in graph.outputs
        return readers[name][0] if alone and _is_border(graph, readers[name][0], "quantize", name) else None

    def dequantize_of(name: str) -> Op | None:
        """The DEQUANTIZE that makes the float output `name`, which no layer reads."""
        maker = None if readers[name] else makers.get(name)
        return maker if maker is not None and _is_border(graph, maker, "dequantize", name) else None

    heads, tails = [quantize_of(n) for n in graph.inputs], [dequantize_of(n) for n in graph.outputs]
    removed = {op.name for op in (*heads, *tails) if op is not None}
    inputs = [op.outputs[0] if op else name for name, op in zip(graph.inputs, heads, strict=True)]
    outputs = [graph.input(op, 0).name if op else name for name, op in zip(graph.outputs, tails, strict=True)]
    ops = tuple(op for op in graph.ops if op.name not in removed)
    return replace(graph, ops=ops, inputs=tuple(inputs), outputs=tuple(outputs)).pruned()


def _is_border(graph: Graph, op: Op, kind: str, name: str) -> bool:
    return op.kind == kind and graph.tensors[name].dtype == "float32" and graph.input(op, 0).data is None
