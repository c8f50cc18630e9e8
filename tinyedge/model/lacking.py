# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model, gives one without the operators that LiteRT's reference kernels lack.

CEIL, ELU and ROUND have one kernel in LiteRT, which is registered beside the optimised kernels of other
operators and not beside the reference kernels that judge us. Where one is part of an elementwise piece with
one byte in, the piece becomes the table of its 256 results: CAST, ADD and GATHER, which all have.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge import passes
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Source, Tensor
from tinyedge.model import tflite
from tinyedge.oracle import flatbuffer, model_file
from tinyedge.oracle.kernels import Kernels, Refused
from tinyedge.passes import make_tables
from tinyedge.passes.make_tables import Part

KINDS = ("ceil", "elu", "round")


def replaced(data: bytes, name: str) -> bytes:
    """The model with tables for KINDS; the same bytes where there are none or where not all can go.

    What is wrong with the model is told by whoever lowers it.
    """
    if not flatbuffer.operators(data) & {_code(kind) for kind in KINDS}:
        return data
    try:
        graph = tflite.lower(data, name)
    except UsageError:
        return data
    if not model_file.can_write(graph) or not any(op.kind in KINDS for op in graph.ops):
        return data
    graph = passes.apply("fold_constants", graph)
    with Kernels() as kernels:
        for part in make_tables.parts(graph):
            if any(op.kind in KINDS for op in part.ops):
                try:
                    graph = _gathered(graph, part, _results(kernels, graph, part))
                except Refused:
                    return data
    graph = graph.pruned()
    return data if any(op.kind in KINDS for op in graph.ops) else model_file.write(graph)


def _results(kernels: Kernels, graph: Graph, part: Part) -> Array:
    """The piece's result for every byte: each operator by itself, those of KINDS by LiteRT's only kernel."""
    alone = make_tables.alone(graph, [part])
    values = {part.root: make_tables.every(graph, part)}
    for op in part.ops:
        names = dict.fromkeys(n for n in (*op.inputs, *op.outputs) if n is not None)
        tensors = {n: alone.tensors[n] for n in names}
        inputs = tuple(n for n in names if n in values)
        single = Graph(op.name, tensors, (op,), inputs, op.outputs)
        values |= kernels.run(single, {n: values[n] for n in inputs}, reference=op.kind not in KINDS)
    return values[part.target].reshape(-1)


def _gathered(graph: Graph, part: Part, results: Array) -> Graph:
    """The graph in which a table makes the part's target."""
    root, target, last = graph.tensors[part.root], graph.tensors[part.target], part.ops[-1]
    least = -128 if root.dtype == "int8" else 0
    # From the order of the unsigned bytes to that of the values.
    table = np.roll(results, -least)
    index, place = f"{part.target}/index", f"{part.target}/place"
    made = (
        Tensor(f"{part.target}/results", (256,), target.dtype, target.quantization, table),
        Tensor(f"{part.target}/least", (), "int32", None, np.array(-least, np.int32)),
        Tensor(index, root.shape, "int32"),
        Tensor(place, root.shape, "int32"),
    )
    cast = {"inDataType": _number(root.dtype), "outDataType": _number("int32")}
    results_name, least_name = made[0].name, made[1].name
    new = (
        Op("cast", index, (part.root,), (index,), source=Source("CAST", 1, "CastOptions", cast)),
        Op("add", place, (index, least_name), (place,), source=Source("ADD", 1, "AddOptions", {})),
        Op(
            "gather",
            last.name,
            (results_name, place),
            (part.target,),
            source=Source("GATHER", 1, "GatherOptions", {"axis": 0, "batchDims": 0}),
        ),
    )
    ops = [step for op in graph.ops for step in (new if op.name == last.name else (op,))]
    return replace(graph, tensors={**graph.tensors, **{t.name: t for t in made}}, ops=tuple(ops))


def _code(kind: str) -> int:
    return int(getattr(schema.BuiltinOperator, kind.upper()))


def _number(dtype: str) -> int:
    return int(getattr(schema.TensorType, dtype.upper()))
