# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph as a file has it, gives one in which operators list the states that they keep.

TFLM's signal operators hold states that no tensor of the file stands for.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Tensor, unused


def run(graph: Graph) -> Graph:
    """What an operator refuses stays as it is, and is told when it is read."""
    tensors, states, kept = dict(graph.tensors), dict(graph.states), []
    for op in graph.ops:
        operator = ops.operators().get(op.kind.upper())
        try:
            begins = operator.begins(graph, op) if operator and operator.begins else {}
        except Unsupported:
            begins = {}
        own = []
        for key, initial in begins.items():
            name = unused(f"{op.name}/{key}", tensors)
            tensors[name] = Tensor(name, initial.shape, initial.dtype.name)
            states[name] = initial
            own.append(name)
        kept.append(replace(op, inputs=(*op.inputs, *own)) if own else op)
    return replace(graph, tensors=tensors, ops=tuple(kept), states=states)
