# SPDX-License-Identifier: Apache-2.0
"""CONCATENATION: tensors along any dimension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Case, Operator, case, channels, check, join, require
from tinyedge.ops.channels import Channels, Kept, Range, Ranges


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, len(inputs) or 1, len(inputs))
    if options["fusedActivationFunction"] != 0:
        raise Unsupported("it has a fused activation", "convert the model again")
    first = inputs[0]
    assert first is not None
    axis, rank = int(options["axis"]), len(first.shape)
    if not -rank <= axis < rank:
        raise Unsupported(f"dimension {axis} of tensors of shape {first.shape}", "convert the model again")
    return {"axis": axis % rank}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    axis, sources = op.attrs["axis"], join.operands(graph, op)
    first = sources[0].shape
    for source in sources:
        fit = len(source.shape) == len(first) and all(
            m == n for i, (m, n) in enumerate(zip(source.shape, first, strict=True)) if i != axis
        )
        what = f"shapes {first} and {source.shape} do not fit each other"
        require(fit, graph, op, what, "reshape them")
    return ((*first[:axis], sum(source.shape[axis] for source in sources), *first[axis + 1 :]),)


def cases() -> Iterator[Case]:
    shapes: tuple[tuple[tuple[tuple[int, ...], ...], int], ...] = (
        # operands, dimension
        (((1, 4, 3, 5), (1, 4, 3, 2)), 3),
        (((1, 2, 3), (1, 5, 3), (1, 1, 3)), 1),
        (((2, 3), (4, 3)), 0),
        (((2, 1, 3),) * 9, -1),
        (((3, 7),), 1),
        (((2, 3), (5, 3), (4, 3), (1, 3)), 0),
    )
    for i, (operands, axis), dtype in case.typed(shapes, "int16", "int32", "int64", "int16"):
        rng = np.random.default_rng(i)
        first = case.moved(rng, "in0", operands[0], dtype)
        inputs = [replace(first, name=f"in{j}", shape=shape) for j, shape in enumerate(operands)]
        for j in {1: (1,), 5: (1, 3)}.get(i, ()):
            data = rng.integers(*LIMITS[dtype], operands[j], endpoint=True).astype(dtype)
            inputs[j] = replace(inputs[j], data=data)
        shape = list(operands[0])
        shape[axis] = sum(operand[axis] for operand in operands)
        target = replace(first, name="output", shape=tuple(shape))
        yield Case(f"concatenation_{dtype}_{i}", "CONCATENATION", tuple(inputs), target, {"axis": axis})


def _along_channels(graph: Graph, op: Op) -> bool:
    return bool(op.attrs["axis"] == len(graph.output(op).shape) - 1)


def _parts(graph: Graph, op: Op) -> list[slice]:
    """Where the inputs' channels are among the output's."""
    ends = np.cumsum([graph.input(op, i).shape[-1] for i in range(len(op.inputs))]).tolist()
    return [slice(first, end) for first, end in zip([0, *ends[:-1]], ends, strict=True)]


def _kept(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    names = graph.activations(op)
    if len(names) < len(op.inputs):
        return None
    if not _along_channels(graph, op):
        return channels.alike(graph, op, ranges, kept)
    target = op.outputs[0]
    joined = {
        name: kept[name] | kept[target][part] for name, part in zip(names, _parts(graph, op), strict=True)
    }
    return joined | {target: np.concatenate([joined[name] for name in names])}


def _range(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    names = graph.activations(op)
    if len(names) < len(op.inputs):
        return None
    low, high = [ranges[name].low for name in names], [ranges[name].high for name in names]
    if _along_channels(graph, op):
        return Range(np.concatenate(low), np.concatenate(high))
    return Range(np.minimum.reduce(low), np.maximum.reduce(high))


operator = Operator(
    ("CONCATENATION",),
    infer,
    join.calls,
    read,
    cases=cases,
    channels=Channels(_kept, _range),
)
