# SPDX-License-Identifier: Apache-2.0
"""PACK: tensors of one shape along a new dimension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Case, Operator, case, check, join, require


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, len(inputs) or 1, len(inputs))
    first = inputs[0]
    assert first is not None
    axis, rank = int(options["axis"]), len(first.shape) + 1
    if not -rank <= axis < rank:
        raise Unsupported(f"dimension {axis} beside shape {first.shape}", "convert the model again")
    return {"axis": axis % rank}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    axis, sources = op.attrs["axis"], join.operands(graph, op)
    shape = sources[0].shape
    for source in sources:
        what = f"shapes {shape} and {source.shape} differ"
        require(source.shape == shape, graph, op, what, "reshape them")
    return ((*shape[:axis], len(sources), *shape[axis:]),)


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], int, int]] = [((3, 5), 0, 2), ((2, 4), 1, 3), ((1, 3, 2), -1, 10)]
    for i, (shape, axis, count), dtype in case.typed(shapes, "int16", "int32", "int64"):
        rng = np.random.default_rng(i)
        source = case.moved(rng, "input", shape, dtype)
        inputs = [replace(source, name=f"in{j}") for j in range(count)]
        if i == 1:
            data = rng.integers(*LIMITS[dtype], shape, endpoint=True).astype(dtype)
            inputs[1] = replace(inputs[1], data=data)
        result = list(shape)
        result.insert(axis % (len(shape) + 1), count)
        target = replace(source, name="output", shape=tuple(result))
        options = {"valuesCount": count, "axis": axis}
        yield Case(f"pack_{dtype}_{i}", "PACK", tuple(inputs), target, options)


operator = Operator(("PACK",), infer, join.calls, read, cases=cases)
