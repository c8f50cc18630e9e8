# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph whose operators may stand for subgraphs of the file, gives one with these in their place.

CALL runs a subgraph; a STABLEHLO_COMPOSITE, as converters from PyTorch and JAX write, names what a subgraph
computes (a normalisation, an attention), and LiteRT runs that subgraph where it has nothing better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor, unused

FIELDS = {"call": "subgraph", "stablehlo_composite": "decompositionSubgraphIndex"}
"""The option that numbers the subgraph."""
DEEP = 16
"""Levels of subgraphs in one another that are believed."""
MOST = 20_000
"""Operators of a model with calls that are believed: a small file of them could stand for any number."""
MOST_TENSORS, LONGEST = 2 * MOST, 1 << 25
"""Tensors in it, and characters in the names of those that its calls stand for."""


def resolve(graph: Graph, called: Callable[[int], Graph]) -> Graph:
    """The graph without such operators; `called` gives the subgraph of a number. Raises Unsupported.

    One whose subgraph keeps states, or has inputs or outputs of other types or scales, stays.
    """
    for _ in range(DEEP):
        if not any(op.kind in FIELDS for op in graph.ops):
            return graph
        graph, again = _once(graph, called), graph
        if graph is again:
            return graph
    raise Unsupported(f"{graph.name}: its subgraphs call one another without end", "convert the model again")


def _once(graph: Graph, called: Callable[[int], Graph]) -> Graph:
    """The graph with the operators of one level replaced; the same where none can be."""
    tensors, ops = dict(graph.tensors), list[Op]()
    taken, called_so = {*tensors}, {op.name for op in graph.ops}
    same: dict[str, str] = {}
    letters = 0
    for op in graph.ops:
        op = replace(op, inputs=tuple(same.get(name or "", name) for name in op.inputs))
        body = called(_number(op)) if op.kind in FIELDS and op.source is not None else None
        if body is None or not _fits(graph, op, body):
            ops.append(op)
            continue
        names = _names(op, body, taken)
        letters += sum(map(len, names.values()))
        same |= {old: names[new] for old, new in zip(op.outputs, body.outputs, strict=True)}
        tensors |= {
            names[n]: _inside(t, names[n]) for n, t in body.tensors.items() if names[n] not in tensors
        }
        for step in body.ops:
            inputs = tuple(None if name is None else names[name] for name in step.inputs)
            outputs = tuple(names[name] for name in step.outputs)
            label = unused(f"{op.name}/{step.name}", called_so)
            called_so.add(label)
            ops.append(replace(step, name=label, inputs=inputs, outputs=outputs))
        if len(ops) > MOST or len(tensors) > MOST_TENSORS or letters > LONGEST:
            what = f"{graph.name} has more than {MOST:,} operators or {MOST_TENSORS:,} tensors"
            raise Unsupported(f"{what}, or endless names", "use a smaller model")
    if not letters:
        return graph
    outputs = tuple(same.get(name, name) for name in graph.outputs)
    return replace(graph, tensors=tensors, ops=tuple(ops), outputs=outputs).pruned()


def _number(op: Op) -> int:
    assert op.source is not None
    return int(op.source.options[FIELDS[op.kind]])


def _fits(graph: Graph, op: Op, body: Graph) -> bool:
    """Are its tensors those of the subgraph, which LiteRT copies byte by byte?"""
    pairs = ((op.inputs, body.inputs), (op.outputs, body.outputs))
    if any(len(outer) != len(inner) for outer, inner in pairs) or None in op.inputs or body.states:
        return False
    ends = [(graph.tensors[o or ""], body.tensors[i]) for a, b in pairs for o, i in zip(a, b, strict=True)]
    return all((o.dtype, o.quantization) == (i.dtype, i.quantization) for o, i in ends)


def _names(op: Op, body: Graph, taken: set[str]) -> dict[str, str]:
    """What the body's tensors are called in the graph: a result as the operator's, once; others are new.

    These join those that are `taken`.
    """
    known = {inner: outer for inner, outer in zip(body.inputs, op.inputs, strict=True) if outer is not None}
    for inner, outer in zip(body.outputs, op.outputs, strict=True):
        if body.tensors[inner].data is None:
            known.setdefault(inner, outer)
    for inner in body.tensors:
        if inner not in known:
            known[inner] = unused(f"{op.name}/{inner}", taken)
            taken.add(known[inner])
    return known


def _inside(tensor: Tensor, name: str) -> Tensor:
    """Of another subgraph: LiteRT's number for it means nothing in this one."""
    return replace(tensor, name=name, index=None)
