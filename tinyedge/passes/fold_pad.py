# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives one in which a zero border before a convolution is the convolution's own padding.

Exact, because a convolution counts whatever lies outside its input as the input's zero point.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Graph, Op
from tinyedge.ops import pad

CONVOLUTIONS = ("conv_2d", "depthwise_conv_2d")
PADDED = ("pad_y", "pad_x")
"""Attributes for dimensions 1 and 2 of NHWC; with _end for the far side."""


def run(graph: Graph) -> Graph:
    """Fold every PAD and PADV2 that allows it; the others stay."""
    readers = graph.readers()
    pads = [op for op in graph.ops if op.kind in ("pad", "padv2")]
    folded = {op.outputs[0]: op for op in pads if _folds(graph, op, readers[op.outputs[0]])}
    return replace(graph, ops=tuple(_convolution(folded, op) for op in graph.ops)).pruned()


def _folds(graph: Graph, op: Op, readers: tuple[Op, ...]) -> bool:
    source, target = graph.input(op, 0), graph.output(op)
    return (
        len(readers) == 1
        and readers[0].kind in CONVOLUTIONS
        and readers[0].inputs.count(target.name) == 1
        and readers[0].inputs[0] == target.name
        and target.name not in graph.outputs
        and source.quantization == target.quantization
        and pad.border_value(graph, op) == source.zero_point
        and not any(sizes[i] for sizes in (op.attrs["before"], op.attrs["after"]) for i in (0, 3))
    )


def _convolution(folded: dict[str, Op], op: Op) -> Op:
    border = folded.get(op.inputs[0] or "") if op.kind in CONVOLUTIONS else None
    if border is None:
        return op
    attrs = dict(op.attrs)
    for dimension, name in enumerate(PADDED, start=1):
        attrs[name] += border.attrs["before"][dimension]
        attrs[f"{name}_end"] += border.attrs["after"][dimension]
    return replace(op, inputs=(border.inputs[0], *op.inputs[1:]), attrs=attrs)
