# SPDX-License-Identifier: Apache-2.0
"""CONCATENATION: up to eight tensors of int8 or int16 along any dimension."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Case, Operator, Output, case, check, elementwise, require

MOST = 8
"""Operands of the kernel."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    if len(inputs) > MOST:
        raise Unsupported(f"it joins {len(inputs)} tensors", f"join at most {MOST} at a time")
    check.count_inputs(inputs, len(inputs) or 1, MOST)
    if options["fusedActivationFunction"] != 0:
        raise Unsupported("it has a fused activation", "convert the model again")
    first = inputs[0]
    assert first is not None
    axis, rank = int(options["axis"]), len(first.shape)
    if not -rank <= axis < rank:
        raise Unsupported(f"dimension {axis} of tensors of shape {first.shape}", "convert the model again")
    return {"axis": axis % rank}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    target, axis = graph.output(op), op.attrs["axis"]
    sources = [graph.input(op, i) for i in range(len(op.inputs))]
    check.activation(graph, op, target, ("int8", "int16"))
    computed = any(source.data is None for source in sources)
    require(computed, graph, op, "all its operands are constants", "fold constants before converting")
    first = sources[0].shape
    for source in sources:
        check.quantized(graph, op, source, (target.dtype,))
        check.same_quantization(graph, op, source, target)
        fit = len(source.shape) == len(first) and all(
            m == n for i, (m, n) in enumerate(zip(source.shape, first, strict=True)) if i != axis
        )
        what = f"shapes {first} and {source.shape} do not fit each other"
        require(fit, graph, op, what, "reshape them")
    return ((*first[:axis], sum(source.shape[axis] for source in sources), *first[axis + 1 :]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    target, axis = graph.output(op), op.attrs["axis"]
    sources = [graph.input(op, i) for i in range(len(op.inputs))]
    widths = [math.prod(source.shape[axis:]) * ITEM_SIZE[source.dtype] for source in sources]
    unused = MOST - len(sources)
    operands: list[Argument] = [elementwise.operand(source) for source in sources]
    return (
        Call(
            "concatenation",
            "concatenation",
            {"rows": math.prod(target.shape[:axis]), "bytes": (*widths, *(0,) * unused)},
            (*operands, *operands[:1] * unused, Output(target.name)),
        ),
    )


def cases() -> Iterator[Case]:
    shapes: tuple[tuple[tuple[tuple[int, ...], ...], int], ...] = (
        # operands, dimension
        (((1, 4, 3, 5), (1, 4, 3, 2)), 3),
        (((1, 2, 3), (1, 5, 3), (1, 1, 3)), 1),
        (((2, 3), (4, 3)), 0),
        (((2, 1, 3),) * 8, -1),
        (((3, 7),), 1),
    )
    for dtype, (i, (operands, axis)) in itertools.product(("int8", "int16"), enumerate(shapes)):
        rng = np.random.default_rng(i)
        first = case.activation(rng, "in0", operands[0], dtype)
        inputs = [replace(first, name=f"in{j}", shape=shape) for j, shape in enumerate(operands)]
        if i == 1:
            data = rng.integers(*LIMITS[dtype], operands[1], endpoint=True).astype(dtype)
            inputs[1] = replace(inputs[1], data=data)
        shape = list(operands[0])
        shape[axis] = sum(operand[axis] for operand in operands)
        target = replace(first, name="output", shape=tuple(shape))
        yield Case(f"concatenation_{dtype}_{i}", "CONCATENATION", tuple(inputs), target, {"axis": axis})


operator = Operator(("CONCATENATION",), infer, calls, read, cases=cases)
