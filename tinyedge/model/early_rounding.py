# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives one that rounds floats before operators that only move them, and not behind.

A CONCATENATION of an ELU that stayed in float is float itself; with a QUANTIZE before it for each input it
is one of integers, and what is before each QUANTIZE can become a table. No number changes.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Graph, Op, Quantization, Source, Tensor

MOVING = ("concatenation", "expand_dims", "pack", "reshape", "slice", "squeeze", "strided_slice", "transpose")
ROUND = Source("QUANTIZE", 1, "QuantizeOptions", {})


def run(graph: Graph) -> Graph:
    """From the last operator to the first, so that several behind one another all become integer."""
    for op in reversed(graph.ops):
        ends = _ends(graph, op)
        if ends:
            graph = _raised(graph, op, ends)
    return graph


def _ends(graph: Graph, op: Op) -> tuple[Op, ...]:
    """The QUANTIZEs, all alike, that alone read the float output of a moving operator; () if they are not."""
    if op.kind not in MOVING or len(op.outputs) != 1 or graph.output(op).dtype != "float32":
        return ()
    real = [n for n in op.inputs if n is not None and graph.tensors[n].dtype == "float32"]
    ends = graph.readers()[op.outputs[0]]
    types = {(graph.output(end).dtype, graph.output(end).quantization) for end in ends}
    whole = op.outputs[0] not in graph.outputs and all(graph.tensors[n].data is None for n in real)
    alike = all(end.kind == "quantize" for end in ends) and len(types) == 1
    return ends if whole and alike else ()


def _raised(graph: Graph, op: Op, ends: tuple[Op, ...]) -> Graph:
    tensors, inserted = dict(graph.tensors), []
    like = graph.output(ends[0])
    called: dict[str | None, str] = {}
    for name in dict.fromkeys(op.inputs):
        if name is not None and graph.tensors[name].dtype == "float32":
            rounded = _rounded(graph.tensors[name], like.dtype, like.quantization, f"{op.name}/{name}")
            while rounded.name in tensors:
                rounded = replace(rounded, name=f"{rounded.name}_")
            tensors[rounded.name], called[name] = rounded, rounded.name
            inserted.append(Op("quantize", rounded.name, (name,), (rounded.name,), {}, ROUND))
    made = replace(graph.output(op), dtype=like.dtype, quantization=like.quantization)
    tensors[made.name] = made
    moved = replace(op, inputs=tuple(called.get(name, name) for name in op.inputs))
    same = {end.outputs[0]: made.name for end in ends}
    gone = {end.name for end in ends}
    ops: list[Op] = []
    for other in graph.ops:
        if other.name == op.name:
            ops += [*inserted, moved]
        elif other.name not in gone:
            ops.append(replace(other, inputs=tuple(same.get(n or "", n) for n in other.inputs)))
    outputs = tuple(same.get(name, name) for name in graph.outputs)
    return replace(graph, tensors=tensors, ops=tuple(ops), outputs=outputs).pruned()


def _rounded(tensor: Tensor, dtype: str, quantization: Quantization | None, name: str) -> Tensor:
    return replace(tensor, name=name, dtype=dtype, quantization=quantization, index=None)
