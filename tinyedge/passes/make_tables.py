# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives one in which elementwise parts with one byte in and one number out are tables.

A table holds what LiteRT's kernels make of each of the 256 inputs, so it is exact whatever the part
consists of: a GELU, a SELU that arrives as GREATER, EXP, SELECT and MUL, or a piece that stayed in float. A
single operator that has a kernel of its own keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import table, unary
from tinyedge.oracle.kernels import Kernels, Refused
from tinyedge.passes import reading

_NAMES = """
abs add add_n atan2 cast ceil cos dequantize div elu equal exp floor floor_div floor_mod gather gelu greater
greater_equal hard_swish leaky_relu less less_equal log logical_and logical_not logical_or logistic maximum
minimum mul neg not_equal pow prelu quantize relu relu6 relu_0_to_1 relu_n1_to_1 round rsqrt select select_v2
sign sin sqrt square squared_difference sub tanh
"""
ELEMENTWISE = frozenset(_NAMES.split())
"""Operators whose every output element depends on the input elements at its place alone; a GATHER from one
constant vector, too."""

SHAPE = (1, 256)
"""In which all inputs are evaluated; constants have one element, and as many dimensions."""


@dataclass(frozen=True)
class Part:
    """`ops` in order compute `target` from `root`, and from single constants."""

    root: str
    target: str
    ops: tuple[Op, ...]


def run(graph: Graph) -> Graph:
    """Make a table of every part that is worth one and that LiteRT runs."""
    made: dict[str, Op] = {}
    tensors = dict(graph.tensors)
    worth = [part for part in parts(graph) if len(part.ops) > 1 or not _has_kernel(graph, part.ops[0])]
    with Kernels() as kernels:
        values = _evaluate(kernels, graph, worth)
    for part in worth:
        maker, target = part.ops[-1], graph.tensors[part.target]
        found = values.get(part.target)
        if found is None or found.dtype.name != target.dtype:
            continue
        constant = Tensor(f"{part.target}/table", (256,), target.dtype, None, found.reshape(-1))
        while constant.name in tensors:
            constant = replace(constant, name=f"{constant.name}_")
        tensors[constant.name] = constant
        made[maker.name] = Op("table", maker.name, (part.root, constant.name), (part.target,))
    if not made:
        return graph
    changed = tuple(made.get(op.name, op) for op in graph.ops)
    return replace(graph, tensors=tensors, ops=changed).pruned()


def parts(graph: Graph) -> list[Part]:
    """The largest parts, in the order of their targets, which are what others read."""
    cut: set[str] = set()
    while True:
        roots = _roots(graph, cut)
        ends = {name for name in _needed(graph, roots) if graph.tensors[name].dtype in table.TARGETS} - cut
        if not ends:
            break
        cut |= ends
    makers = graph.makers()
    found = []
    for op in graph.ops:
        target = op.outputs[0] if op.outputs else ""
        if target in cut and target in roots:
            root = roots[target]
            found.append(Part(root, target, _between(graph, makers, root, op)))
    return found


def _roots(graph: Graph, cut: set[str]) -> Mapping[str, str]:
    """For each tensor that is elementwise a function of one byte: the tensor that the byte is in.

    A tensor in `cut` is one that others read: what follows it starts anew.
    """
    roots: dict[str, str] = {}
    for op in graph.ops:
        names = graph.activations(op)
        sources = {name if name in cut else roots.get(name, name) for name in names}
        if len(sources) != 1 or op.kind not in ELEMENTWISE or len(op.outputs) != 1 or op.source is None:
            continue
        (root,) = sources
        sizes = {graph.tensors[name].size for name in (root, *names, *op.outputs)}
        constants = (graph.tensors[n] for n in op.inputs if n is not None and n not in names)
        single = _looks_up(graph, op) if op.kind == "gather" else all(map(_single, constants))
        if graph.tensors[root].dtype in unary.BYTES and len(sizes) == 1 and single:
            roots[op.outputs[0]] = root
    return roots


def _looks_up(graph: Graph, op: Op) -> bool:
    """Does this GATHER take each element of its output from one constant vector?"""
    values, places = graph.optional_input(op, 0), graph.optional_input(op, 1)
    if values is None or places is None or len(op.inputs) != 2:
        return False
    return values.data is not None and values.data.ndim == 1 and places.data is None


def _single(constant: Tensor) -> bool:
    """Is it one number, however often?"""
    quantization = constant.quantization
    data = constant.data
    same = data is not None and data.size > 0 and bool((data == data.flat[0]).all())
    return same and (quantization is None or len(quantization.scale) == 1)


def _needed(graph: Graph, roots: Mapping[str, str]) -> Iterable[str]:
    """The tensors of parts that are read outside of any, or are the model's outputs."""
    readers = graph.readers()
    for name in roots:
        outside = any(not op.outputs or op.outputs[0] not in roots for op in readers[name])
        if outside or name in graph.outputs:
            yield name


def _between(graph: Graph, makers: Mapping[str, Op], root: str, last: Op) -> tuple[Op, ...]:
    """The operators from `root` to `last`, in the graph's order."""
    found, todo = {last.name}, [last]
    while todo:
        for name in graph.activations(todo.pop()):
            if name != root and makers[name].name not in found:
                found.add(makers[name].name)
                todo.append(makers[name])
    return tuple(op for op in graph.ops if op.name in found)


def _has_kernel(graph: Graph, op: Op) -> bool:
    try:
        known = reading.understood(graph, op)
        reading.check(graph, known)
        make = ops.lookup(known.kind).calls
        return make is not None and bool(make(graph, known, "litert"))
    except Unsupported:
        return False


def _evaluate(kernels: Kernels, graph: Graph, worth: Sequence[Part]) -> dict[str, Array]:
    """What LiteRT makes of every byte, by target, in the order of unary.every_byte; not of what it refuses.

    Parts with one root share operators and are one model: many functions of one byte cost as much as one.
    """
    by_root: dict[str, list[Part]] = {}
    for part in worth:
        by_root.setdefault(part.root, []).append(part)
    found: dict[str, Array] = {}
    todo = list(by_root.values())
    while todo:
        group = todo.pop()
        try:
            found |= kernels.run(alone(graph, group), {group[0].root: every(graph, group[0])})
        except Refused:
            # Halves, until the part that LiteRT refuses stands alone.
            half = len(group) // 2
            todo += [group[:half], group[half:]] if half else []
    return found


def every(graph: Graph, part: Part) -> Array:
    """All values of the part's root, [1, 256]."""
    return np.arange(256, dtype=np.uint8).view(graph.tensors[part.root].dtype).reshape(SHAPE)


def alone(graph: Graph, group: Sequence[Part]) -> Graph:
    """Parts with one root as a model of their own, for all inputs at once."""
    members = {op.name for part in group for op in part.ops}
    steps = tuple(op for op in graph.ops if op.name in members)
    tensors = {}
    vectors = {op.inputs[0] for op in steps if op.kind == "gather"}
    for name in dict.fromkeys(n for op in steps for n in (*op.inputs, *op.outputs) if n is not None):
        tensor = graph.tensors[name]
        if tensor.data is None:
            tensors[name] = replace(tensor, shape=SHAPE)
        elif name in vectors:
            tensors[name] = tensor
        else:
            tensors[name] = replace(tensor, shape=(1, 1), data=tensor.data.reshape(-1)[:1].reshape(1, 1))
    return Graph(group[0].target, tensors, steps, (group[0].root,), tuple(part.target for part in group))
