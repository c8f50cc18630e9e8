# SPDX-License-Identifier: Apache-2.0
"""Takes objects of a TFLite file, adds tensors and operators: of these, states and loops are made."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.graph import Array
from tinyedge.oracle import model_file

_DTYPES = {
    schema.TensorType.INT8: np.int8,
    schema.TensorType.INT16: np.int16,
    schema.TensorType.FLOAT32: np.float32,
}


def tensor(graph: Any, name: bytes, like: Any, shape: Any = None) -> int:
    """A new tensor of the type and scale of `like`, and of its shape where none is given; its number."""
    added = schema.TensorT(
        name=name,
        shape=list(like.shape if shape is None else shape),
        type=like.type,
        buffer=0,
        quantization=like.quantization,
        hasRank=True,
    )
    graph.tensors.append(added)
    return len(graph.tensors) - 1


def constant(model: Any, graph: Any, name: bytes, values: Array) -> int:
    """A new tensor with the values, int32; its number."""
    added = schema.TensorT(name=name, shape=list(values.shape), type=schema.TensorType.INT32, hasRank=True)
    added.buffer = model_file.held(model, values)
    graph.tensors.append(added)
    return len(graph.tensors) - 1


def zeros(model: Any, graph: Any, name: bytes, like: Any, shape: Any = None) -> int:
    """As `tensor`, with the number zero everywhere."""
    made = tensor(graph, name, like, shape)
    scale = scale_of(like)
    zero = scale[1][0] if scale and scale[1] else 0
    added = graph.tensors[made]
    added.buffer = model_file.held(model, np.full(added.shape, zero, _DTYPES[like.type]))
    return made


def scale_of(tensor: Any) -> tuple[list[float], list[int]] | None:
    """Scales and zero points of a tensor; None where it has none."""
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return None
    return list(map(float, quantization.scale)), list(map(int, quantization.zeroPoint))


def operator(
    model: Any, name: str, inputs: list[int], outputs: list[int], options: Any = None, version: int = 1
) -> Any:
    """A new operator, which is not yet in a graph."""
    model.operatorCodes.append(model_file.code(name, version))
    made = schema.OperatorT(opcodeIndex=len(model.operatorCodes) - 1, inputs=inputs, outputs=outputs)
    if options is not None:
        kind = type(options).__name__.removesuffix("T")
        made.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
        made.builtinOptions = options
    return made


def rescaled(model: Any, graph: Any, source: int, like: Any, operators: list[Any]) -> int:
    """The tensor that has what `source` has at the scale of `like`, by an operator where they differ."""
    if scale_of(like) is None or scale_of(graph.tensors[source]) == scale_of(like):
        return source
    given = graph.tensors[source]
    made = tensor(graph, like.name + b"/next", like, given.shape)
    operators.append(operator(model, "QUANTIZE", [source], [made], schema.QuantizeOptionsT()))
    return made
