# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph that a quantizer left in float in places, gives one that computes there in integers, too.

A quantizer writes DEQUANTIZE, operator, QUANTIZE around what it does not know. Where the operator has
an integer kernel, in LiteRT as in tinyedge, it is put between the integer tensors. This changes numbers,
so it is for who makes a model and not for who compiles one. Some kernels take integers for numbers of their
own (FLOOR_DIV divides them, whatever their scale): what an operator means is compared on random inputs.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Quantization, Source, Tensor
from tinyedge.oracle.kernels import Kernels, Refused
from tinyedge.passes import move_integers, reading

NEAR = {"int8": 3, "int16": 256}
"""Steps by which an integer result may be off: kernels interpolate in tables and round more than once."""
ALIKE = 0.95
"""Share of the results that must be near; a comparison of neighbours may fall to either side."""
OWN_SCALE = {
    "l2_normalization": Quantization((1 / 128,), (0,)),
    "log_softmax": Quantization((16 / 256,), (127,)),
}
"""What LiteRT's int8 kernels of these write, whatever a quantizer measured."""
COUNTED = 2**14
"""A range of counts that leaves twice its room in 16 bits."""
SHORT = {
    "inDataType": int(schema.TensorType.INT32),
    "outDataType": int(schema.TensorType.INT16),
}


def complete(graph: Graph) -> Graph:
    """Make every such operator integer; the others stay in float."""
    graph = _each(_whole_numbers(_like_the_others(graph)))
    # What then still moves floats has one among its inputs that no integer kernel made.
    rounded = move_integers.run(graph)
    return (graph if rounded is graph else _each(rounded)).pruned()


def _like_the_others(graph: Graph) -> Graph:
    """The graph in which parts of a SPLIT or UNPACK that nobody reads are as those that somebody does."""
    readers, tensors = graph.readers(), dict(graph.tensors)
    for op in graph.ops:
        integer = [tensors[name] for name in op.outputs if tensors[name].quantization is not None]
        for name in op.outputs:
            if integer and tensors[name].dtype == "float32" and not readers[name]:
                like = integer[0]
                tensors[name] = replace(tensors[name], dtype=like.dtype, quantization=like.quantization)
    return replace(graph, tensors=tensors)


def _whole_numbers(graph: Graph) -> Graph:
    """The graph in which what is counted (int32) and then rounded as a float is rounded from 16 bits."""
    readers, tensors = graph.readers(), dict(graph.tensors)
    ops = []
    for op in graph.ops:
        name = op.outputs[0] if op.outputs else ""
        counts = (
            op.kind == "cast" and graph.input(op, 0).dtype == "int32" and tensors[name].dtype == "float32"
        )
        ends = readers[name] if name else ()  # an assignment has no output
        few = all(end.kind == "quantize" and _most(graph.output(end)) < COUNTED for end in ends)
        if counts and few and readers[name] and name not in graph.outputs:
            tensors[name] = replace(tensors[name], dtype="int16", quantization=Quantization((1.0,), (0,)))
            op = replace(op, source=Source("CAST", 1, "CastOptions", SHORT))
        ops.append(op)
    return replace(graph, tensors=tensors, ops=tuple(ops))


def _most(tensor: Tensor) -> float:
    """The largest number, of either sign, that a quantised tensor holds."""
    return max(abs(end - tensor.zero_point) for end in LIMITS[tensor.dtype]) * tensor.scale


def _each(graph: Graph) -> Graph:
    with Kernels() as kernels:
        for op in graph.ops:
            if not reading.meets_floats(graph, op):
                continue
            for changed in (_integer(graph, op), _at_another_scale(graph, op)):
                if changed is not None and _computes(kernels, graph, op, *changed):
                    graph = changed[0]
                    break
    return graph


def _integer(graph: Graph, op: Op) -> tuple[Graph, Op] | None:
    """The graph in which `op` reads and writes integers, and the new operator; None if there is none."""
    inputs, readers = _sources(graph, op), graph.readers()
    if inputs is None:
        return None
    tensors, inputs = _constants(graph, inputs)
    renamed: dict[str, str] = {}
    unread = []
    for name in op.outputs:
        ends = readers[name]
        if tensors[name].dtype != "float32":
            continue
        if not ends and name not in graph.outputs:
            unread.append(name)
            continue
        same = {graph.tensors[end.outputs[0]].quantization for end in ends}
        if any(end.kind != "quantize" for end in ends) or len(same) != 1 or name in graph.outputs:
            return None
        tensors[name] = replace(graph.tensors[ends[0].outputs[0]], name=name)
        renamed |= {end.outputs[0]: name for end in ends}
    if tuple(inputs) == op.inputs and not renamed:
        return None
    for name in unread:
        like = tensors[next(iter(renamed.values()), inputs[0] or "")]
        tensors[name] = replace(tensors[name], dtype=like.dtype, quantization=like.quantization)
    new = _known(replace(graph, tensors=tensors), replace(op, inputs=tuple(inputs), attrs={}))
    ops = []
    for other in graph.ops:
        if not other.outputs or other.outputs[0] not in renamed:
            kept = new if other.name == op.name else other
            ops.append(replace(kept, inputs=tuple(renamed.get(n or "", n) for n in kept.inputs)))
    outputs = tuple(renamed.get(name, name) for name in graph.outputs)
    return replace(graph, tensors=tensors, ops=tuple(ops), outputs=outputs), new


def _at_another_scale(graph: Graph, op: Op) -> tuple[Graph, Op] | None:
    """As `_integer`, but what it writes has the scale of what it reads, or its OWN_SCALE.

    The QUANTIZE behind it stays, and makes integers of the measured scale of them.
    """
    inputs = _sources(graph, op)
    read = [graph.tensors[name] for name in inputs or () if name is not None]
    like = next((t for t in read if t.data is None and t.quantization is not None), None)
    real = [name for name in op.outputs if graph.tensors[name].dtype == "float32"]
    if inputs is None or like is None or not real:
        return None
    ends = [end.kind for name in real for end in graph.readers()[name]]
    if set(ends) != {"quantize"} or any(name in graph.outputs for name in real):
        return None
    new = replace(op, inputs=tuple(inputs), attrs={})
    scale = OWN_SCALE.get(op.kind, like.quantization) if like.dtype == "int8" else like.quantization
    tensors = {
        name: replace(tensor, dtype=like.dtype, quantization=scale) if name in real else tensor
        for name, tensor in graph.tensors.items()
    }
    ops = tuple(new if other.name == op.name else other for other in graph.ops)
    return replace(graph, tensors=tensors, ops=ops), new


def _sources(graph: Graph, op: Op) -> list[str | None] | None:
    """The integer tensors behind the inputs of `op`, where all that it reads has one."""
    makers = graph.makers()
    if op.kind in reading.BORDER or op.source is None or not op.outputs:
        return None
    inputs: list[str | None] = []
    for name in op.inputs:
        maker = None if name is None else makers.get(name)
        real = name is not None and name in graph.activations(op) and graph.tensors[name].dtype == "float32"
        if real and (maker is None or maker.kind != "dequantize"):
            return None
        inputs.append(maker.inputs[0] if real and maker is not None else name)
    return inputs


def _constants(graph: Graph, inputs: list[str | None]) -> tuple[dict[str, Tensor], list[str | None]]:
    """The graph's tensors and these inputs, whose float constants became integers of the others' type.

    A single number stays as it is: a table can hold it.
    """
    tensors, found = dict(graph.tensors), list(inputs)
    like = next((t.dtype for t in map(tensors.get, filter(None, inputs)) if t and t.data is None), "")
    for at, name in enumerate(inputs):
        data = None if name is None else tensors[name].data
        if name is None or data is None or data.dtype != np.float32 or not np.ptp(data) or like not in LIMITS:
            continue
        scale = float(np.float32(np.abs(data).max() / LIMITS[like][1]))
        found[at] = rounded = f"{name}/{like}"
        values = np.round(data / scale).astype(like)
        tensors[rounded] = Tensor(rounded, data.shape, like, Quantization((scale,), (0,)), values)
    return tensors, found


def _known(graph: Graph, op: Op) -> Op:
    """An int16 SQUARE as the product that it is, since nobody has a kernel for it; others as they are.

    Of int8 a table is the better square.
    """
    if op.kind != "square" or graph.input(op, 0).dtype != "int16":
        return op
    product = Source("MUL", 1, "MulOptions", {"fusedActivationFunction": 0})
    return replace(op, kind="mul", inputs=op.inputs * 2, source=product)


def _computes(kernels: Kernels, before: Graph, old: Op, after: Graph, new: Op) -> bool:
    """Do tinyedge and LiteRT both compute it, and do its integers mean what the real numbers were?"""
    try:
        reading.check(after, reading.understood(after, new))
        integer, real = _alone(after, new), _alone(before, old)
        shapes = kernels.shapes(integer)
        if any(shape != after.tensors[name].shape for name, shape in shapes.items()):
            return False
        rng = np.random.default_rng(zlib.crc32(new.name.encode()))
        given = {name: _random(rng, integer.tensors[name]) for name in integer.inputs}
        found = kernels.run(integer, given)
        meant = {
            o: n for o, n in zip(old.inputs, new.inputs, strict=False) if o is not None and n is not None
        }
        values = {name: _meaning(given[meant[name]], integer.tensors[meant[name]]) for name in real.inputs}
        wanted = kernels.run(real, values)
    except (Unsupported, Refused):
        return False
    return all(_near(found[name], integer.tensors[name], wanted) for name in new.outputs)


def _alone(graph: Graph, op: Op) -> Graph:
    names = dict.fromkeys(n for n in (*op.inputs, *op.outputs) if n is not None)
    tensors = {n: graph.tensors[n] for n in names}
    inputs = tuple(n for n in names if tensors[n].data is None and n not in op.outputs)
    return Graph(op.name, tensors, (op,), inputs, op.outputs)


def _random(rng: np.random.Generator, tensor: Tensor) -> Array:
    """Any values of a quantised tensor; of one that counts or numbers something, zeros."""
    if tensor.quantization is None or tensor.dtype not in LIMITS:
        return np.zeros(tensor.shape, tensor.dtype)
    return rng.integers(*LIMITS[tensor.dtype], tensor.shape, tensor.dtype, endpoint=True)


def _meaning(values: Array, tensor: Tensor) -> Array:
    if tensor.quantization is None:
        return values
    return ((values.astype(np.float64) - tensor.zero_point) * tensor.scale).astype(np.float32)


def _near(found: Array, tensor: Tensor, wanted: Mapping[str, Array]) -> bool:
    """Is the integer result what the real one is rounded to, as far as that is a number?"""
    real = wanted[tensor.name]
    if real.dtype != np.float32:
        return bool(np.mean(found == real) >= ALIKE)
    known = np.isfinite(real)
    low, high = LIMITS[tensor.dtype]
    rounded = np.clip(np.round(real[known] / tensor.scale) + tensor.zero_point, low, high)
    near = np.abs(rounded - found[known]) <= NEAR[tensor.dtype]
    return not near.size or bool(np.mean(near) >= ALIKE)
