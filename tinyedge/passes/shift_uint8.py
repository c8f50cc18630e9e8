# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph in the uint8 scheme of TensorFlow 1, gives one whose operators compute with int8.

A number less 128, of a zero point less 128, is the same real number. Operators for which LiteRT's kernels of
both types then give the same bits get int8 tensors; a QUANTIZE, which LiteRT has for exactly this, stands
where uint8 is wanted still: at the model's inputs and outputs, and around other operators.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.graph import Graph, Op, Quantization, Tensor, unused
from tinyedge.passes.reading import WEIGHTED, is_old

_KINDS = """
add concatenation conv_2d depthwise_conv_2d expand_dims fully_connected leaky_relu logistic max_pool_2d
maximum mean minimum mul pack pad padv2 quantize relu relu6 relu_n1_to_1 reshape resize_nearest_neighbor
slice softmax split split_v squeeze strided_slice sub transpose unpack
"""
SAME = tuple(_KINDS.split())
"""Operators that are the same in both types, as tests/host/test_uint8.py shows."""
HALF = 128


def run(graph: Graph) -> Graph:
    """Shift every quantised uint8 tensor that an operator in SAME reads or makes, but for weights."""
    if not is_old(graph):
        return graph
    shifted = {op.name for op in graph.ops if _is_same(graph, op)}
    narrow = dict.fromkeys(
        name
        for op in graph.ops
        if op.name in shifted
        for i, name in enumerate((*op.inputs, *op.outputs))
        if name is not None and not (i == 1 and op.kind in WEIGHTED) and _is_byte(graph.tensors[name])
    )
    others = [name for op in graph.ops if op.name not in shifted for name in (*op.inputs, *op.outputs)]
    kept = {*graph.inputs, *graph.outputs, *others}
    tensors = dict(graph.tensors)
    called: dict[str | None, str] = {}
    for name in narrow:
        tensor = _shifted(graph.tensors[name])
        if name in kept:
            tensor = replace(tensor, name=unused(f"{name}_int8", tensors), index=None)
            called[name] = tensor.name
        tensors[tensor.name] = tensor
    ops: list[Op] = []

    def bridge(name: str, source: str, target: str) -> None:
        ops.append(Op("quantize", called[name], (source,), (target,)))

    for name in graph.inputs:
        if name in called:
            bridge(name, name, called[name])
    for op in graph.ops:
        if op.name in shifted:
            inputs = tuple(called.get(name, name) for name in op.inputs)
            outputs = tuple(called.get(name, name) for name in op.outputs)
            ops.append(replace(op, inputs=inputs, outputs=outputs))
        else:
            ops.append(op)
        for name in op.outputs:
            if name in called:
                bridge(name, *((called[name], name) if op.name in shifted else (name, called[name])))
    return replace(graph, tensors=tensors, ops=tuple(ops)).pruned()


def _is_same(graph: Graph, op: Op) -> bool:
    return op.kind in SAME or (op.kind == "average_pool_2d" and _has_no_ties(graph, op))


def _has_no_ties(graph: Graph, op: Op) -> bool:
    """Does no average lie between two numbers? Those of uint8 are then rounded up, of int8 away from 0."""
    assert op.source is not None
    options = op.source.options
    sizes = int(options["filterHeight"]), int(options["filterWidth"])
    whole = graph.input(op, 0).shape[1:3]
    valid = int(options["padding"]) == 1 or (sizes == whole and graph.output(op).shape[1:3] == (1, 1))
    return valid and sizes[0] * sizes[1] % 2 == 1


def _is_byte(tensor: Tensor) -> bool:
    return tensor.dtype == "uint8" and tensor.quantization is not None


def _shifted(tensor: Tensor) -> Tensor:
    quantization = tensor.quantization
    assert quantization is not None
    zero = tuple(n - HALF for n in quantization.zero_point)
    data = None if tensor.data is None else (tensor.data.astype(np.int16) - HALF).astype(np.int8)
    return replace(
        tensor,
        dtype="int8",
        data=data,
        quantization=Quantization(quantization.scale, zero, quantization.axis),
    )
