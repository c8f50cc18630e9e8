# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model that a quantizer made, gives one whose inputs that no layer reads are integers, too.

A quantizer takes ranges from what layers compute, so it leaves in float an input that the model ignores, or
hands on as an output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Array
from tinyedge.oracle import flatbuffer, model_file

DTYPES = {"int8": "int8", "int16x8": "int16"}


def settle(data: bytes, scheme: str, frames: Sequence[Array]) -> tuple[bytes, tuple[str, ...]]:
    """The model, and names of inputs that nothing uses. frames: calibration values of all inputs in order."""
    model = flatbuffer.unpack(data)
    graph = model.subgraphs[0]
    read = {int(i) for op in graph.operators if op.inputs is not None for i in op.inputs}
    unread = [(int(i), values) for i, values in zip(graph.inputs, frames, strict=True) if int(i) not in read]
    if not unread:
        return data, ()
    for index, values in unread:
        if graph.tensors[index].type == schema.TensorType.FLOAT32:
            _store(graph.tensors[index], DTYPES[scheme], values)
    outputs = {int(i) for i in graph.outputs}
    unused = tuple(graph.tensors[index].name.decode() for index, _ in unread if index not in outputs)
    return model_file.finished(model), unused


def warnings(unused: Sequence[str]) -> tuple[str, ...]:
    """What the user is told of inputs that nothing uses."""
    return tuple(f"the model does not use its input {name!r}; it may hold anything" for name in unused)


def _store(tensor: Any, dtype: str, values: Array) -> None:
    """Make it `dtype`, at a scale that holds zero and all `values`, as what is computed has it."""
    low, high = min(0.0, float(values.min(initial=0))), max(0.0, float(values.max(initial=0)))
    least, most = LIMITS[dtype]
    if dtype == "int16":
        scale, zero = max(-low, high) / most, 0
    else:
        scale = (high - low) / (most - least)
        zero = round(least - low / scale) if scale else 0
    tensor.type = getattr(schema.TensorType, dtype.upper())
    tensor.quantization = schema.QuantizationParametersT(
        scale=[float(np.float32(scale)) or 1.0], zeroPoint=[zero]
    )
