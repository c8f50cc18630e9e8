# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model, gives one whose inputs that are only shapes are constants: the file says which.

Some exporters make an input of the shape that a TRANSPOSE_CONV or RESHAPE is to give. Memory is planned at
build time, for the shape that the file gives the result.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op
from tinyedge.model import tflite
from tinyedge.oracle import flatbuffer, model_file

PLACES = {"transpose_conv": 0, "reshape": 1}
"""Which input of an operator is the shape of its output."""


def settled(data: bytes, name: str) -> bytes:
    """The model without such inputs; the same bytes where there are none.

    What is wrong with the model is told by whoever lowers it.
    """
    if flatbuffer.inputs(data) < 2:  # one is to stay
        return data
    try:
        graph = tflite.lower(data, name)
    except UsageError:
        return data
    readers = graph.readers()
    shapes = {}
    for port in graph.inputs:
        given = {_given(graph, op, port) for op in readers[port]}
        known = given.pop() if len(given) == 1 else None
        if known is not None and graph.tensors[port].shape == (len(known),) and port not in graph.outputs:
            shapes[port] = np.array(known, np.int32)
    inputs = tuple(port for port in graph.inputs if port not in shapes)
    if not shapes or not inputs or not model_file.can_write(graph):
        return data
    constant = {port: replace(graph.tensors[port], data=shape) for port, shape in shapes.items()}
    return model_file.write(replace(graph, tensors={**graph.tensors, **constant}, inputs=inputs))


def _given(graph: Graph, op: Op, port: str) -> tuple[int, ...] | None:
    """The shape that `port` must hold for this reader; None where it is no shape, or nobody knows which."""
    place = PLACES.get(op.kind)
    once = place is not None and [i for i, name in enumerate(op.inputs) if name == port] == [place]
    if not once or graph.tensors[port].dtype != "int32" or len(op.outputs) != 1:
        return None
    shape = graph.output(op).shape
    return None if -1 in shape else shape
