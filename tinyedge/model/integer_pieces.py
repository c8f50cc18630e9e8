# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph that a quantizer left in float in places, gives one that computes there in integers, too.

A quantizer writes DEQUANTIZE, operator, QUANTIZE around what it does not know. Where the operator has
an integer kernel, in LiteRT as in tinyedge, it is put between the integer tensors. This changes numbers,
so it is for who makes a model and not for who compiles one.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Source
from tinyedge.oracle.kernels import Kernels, Refused
from tinyedge.passes import reading


def complete(graph: Graph) -> Graph:
    """Make every such operator integer; the others stay in float."""
    with Kernels() as kernels:
        for op in graph.ops:
            changed = _integer(graph, op)
            if changed is not None and _runs(kernels, changed[0], changed[1]):
                graph = changed[0]
    return graph.pruned()


def _integer(graph: Graph, op: Op) -> tuple[Graph, Op] | None:
    """The graph in which `op` reads and writes integers, and the new operator; None if there is none."""
    makers, readers = graph.makers(), graph.readers()
    if op.kind in ("quantize", "dequantize") or op.source is None or not op.outputs:
        return None
    inputs: list[str | None] = []
    for name in op.inputs:
        maker = None if name is None else makers.get(name)
        real = name is not None and name in graph.activations(op) and graph.tensors[name].dtype == "float32"
        if real and (maker is None or maker.kind != "dequantize"):
            return None
        inputs.append(maker.inputs[0] if real and maker is not None else name)
    tensors = dict(graph.tensors)
    renamed: dict[str, str] = {}
    for name in op.outputs:
        ends = readers[name]
        same = {graph.tensors[end.outputs[0]].quantization for end in ends}
        if not ends or any(end.kind != "quantize" for end in ends) or len(same) != 1 or name in graph.outputs:
            return None
        tensors[name] = replace(graph.tensors[ends[0].outputs[0]], name=name)
        renamed |= {end.outputs[0]: name for end in ends}
    new = _known(graph, replace(op, inputs=tuple(inputs), attrs={}))
    ops = []
    for other in graph.ops:
        if not other.outputs or other.outputs[0] not in renamed:
            kept = new if other.name == op.name else other
            ops.append(replace(kept, inputs=tuple(renamed.get(n or "", n) for n in kept.inputs)))
    outputs = tuple(renamed.get(name, name) for name in graph.outputs)
    return replace(graph, tensors=tensors, ops=tuple(ops), outputs=outputs), new


def _known(graph: Graph, op: Op) -> Op:
    """An int16 SQUARE as the product that it is, since nobody has a kernel for it; others as they are.

    Of int8 a table is the better square.
    """
    if op.kind != "square" or graph.input(op, 0).dtype != "int16":
        return op
    product = Source("MUL", 1, "MulOptions", {"fusedActivationFunction": 0})
    return replace(op, kind="mul", inputs=op.inputs * 2, source=product)


def _runs(kernels: Kernels, graph: Graph, op: Op) -> bool:
    """Do tinyedge and LiteRT both compute it?"""
    try:
        reading.check(graph, reading.understood(graph, op))
        names = dict.fromkeys(n for n in (*op.inputs, *op.outputs) if n is not None)
        tensors = {n: graph.tensors[n] for n in names}
        inputs = tuple(n for n in names if tensors[n].data is None and n not in op.outputs)
        shapes = kernels.shapes(Graph(op.name, tensors, (op,), inputs, op.outputs))
    except (Unsupported, Refused):
        return False
    return all(shape == tensors[name].shape for name, shape in shapes.items())
