# SPDX-License-Identifier: Apache-2.0
"""Takes an integer Graph and the float one that it was made from, gives one whose biases fit 32 bits.

A bias has the scale of its input times that of its weights. Training leaves channels dead, with weights of
1e-9 and less beside a bias of 0.1: a quantizer gives these weights the scale of their largest, and cuts off
the bias, which then means another number. A coarser scale for such a channel loses nothing that counts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.passes.reading import WEIGHTED

ROOM = 2**28
"""The largest bias that leaves room for the sums beside it and for a zero point."""


def make(graph: Graph, real: Graph) -> Graph:
    """Tensors of `real` with the same names hold what weights and biases were in float32."""
    tensors = dict(graph.tensors)
    readers = graph.readers()
    for op in graph.ops:
        if op.kind == "batch_matmul":
            tensors |= _one_scale(graph, real, op)
        if all(len(readers[name]) == 1 for name in op.inputs[1:] if name is not None):
            tensors |= _coarser(graph, real, op)
    return replace(graph, tensors=tensors)


def _one_scale(graph: Graph, real: Graph, op: Op) -> dict[str, Tensor]:
    """The constants of an operator whose kernels have one scale for all channels, where they have several."""
    found = {}
    for name in op.inputs:
        tensor = graph.tensors[name or ""]
        known = real.tensors[tensor.name].data if tensor.name in real.tensors else None
        scales = () if tensor.quantization is None else tensor.quantization.scale
        if tensor.data is None or known is None or known.dtype != np.float32 or len(scales) < 2:
            continue
        scale = float(np.float32(np.abs(known).max() / LIMITS[tensor.dtype][1])) or 1.0
        values = np.round(known.astype(np.float64) / scale).astype(tensor.dtype)
        found[tensor.name] = replace(tensor, data=values, quantization=Quantization((scale,), (0,)))
    return found


def _coarser(graph: Graph, real: Graph, op: Op) -> dict[str, Tensor]:
    """Weights and bias of `op` at a scale that its bias allows; nothing where they are so already."""
    given, weights, bias = (graph.optional_input(op, at) for at in range(3))
    if op.kind not in WEIGHTED or given is None or weights is None or bias is None or bias.dtype != "int32":
        return {}
    known = [real.tensors[t.name].data for t in (weights, bias) if t.name in real.tensors]
    if len(known) < 2 or weights.quantization is None or given.quantization is None:
        return {}
    weight, offset = known
    if weight is None or offset is None or weight.dtype != np.float32 or bias.quantization is None:
        return {}
    least = np.abs(offset.astype(np.float64)) / (given.scale * ROOM)
    had = np.array(weights.quantization.scale)
    scale = np.maximum(had, least if len(had) > 1 else least.max()).astype(np.float32)
    if np.all(scale <= had.astype(np.float32)):
        return {}
    along = [1] * weight.ndim
    along[weights.quantization.axis or 0] = -1
    low, high = LIMITS[weights.dtype]
    values = np.clip(np.round(weight / scale.astype(np.float64).reshape(along)), low + 1, high)
    both = np.float32(given.scale) * scale
    sums = np.round(offset / both.astype(np.float64))
    scales = tuple(map(float, scale)), tuple(map(float, both))
    return {
        weights.name: replace(
            weights,
            data=values.astype(weights.dtype),
            quantization=replace(weights.quantization, scale=scales[0]),
        ),
        bias.name: replace(
            bias, data=sums.astype(np.int32), quantization=replace(bias.quantization, scale=scales[1])
        ),
    }
