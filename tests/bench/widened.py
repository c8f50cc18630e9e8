# SPDX-License-Identifier: Apache-2.0
"""Takes an int8 model, gives the same network in int16x8: its weights, activations of 16 bits, 64-bit biases.

Nobody publishes MLPerf Tiny's models in int16x8. Ranges stay, so zero points go and scales shrink; what comes
out computes much the same and takes the same time as a network that was converted so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tests import single_op

INT8, INT16, INT32, INT64 = (getattr(schema.TensorType, name) for name in ("INT8", "INT16", "INT32", "INT64"))
LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
UNIT = ("SOFTMAX", "LOGISTIC", "TANH")
"""Operators whose int16 output has the scale 2^-15."""


def widen(model: bytes) -> bytes:
    """`model` with int16 for every int8 activation."""
    root = schema.ModelT.InitFromPackedBuf(model, 0)
    (graph,) = root.subgraphs
    constant = {i for i, tensor in enumerate(graph.tensors) if root.buffers[tensor.buffer].data is not None}
    old = {i: _scale(tensor) for i, tensor in enumerate(graph.tensors)}
    for i, tensor in enumerate(graph.tensors):
        if tensor.type == INT8 and i not in constant:
            zero_point = int(tensor.quantization.zeroPoint[0])
            reach = max(127 - zero_point, zero_point + 128)
            _requantize(tensor, float(old[i][0]) * reach / 32767)
    for op in graph.operators:
        kind = _name(root.operatorCodes[op.opcodeIndex])
        if kind in UNIT:
            _requantize(graph.tensors[op.outputs[0]], 2.0**-15)
        if kind in LAYERS and len(op.inputs) > 2 and op.inputs[2] >= 0:
            source, bias = op.inputs[0], op.inputs[2]
            tensor = graph.tensors[bias]
            ratio = old[source] / _scale(graph.tensors[source])
            held = root.buffers[tensor.buffer]
            # A buffer may serve several layers.
            data = np.frombuffer(bytes(held.data), np.int32) * ratio
            tensor.buffer = len(root.buffers)
            tensor.type = INT64
            tensor.quantization.scale = (old[bias] / ratio).tolist()
            root.buffers.append(schema.BufferT())
            root.buffers[-1].data = np.rint(data).astype(np.int64).view(np.uint8)
    for code in root.operatorCodes:
        code.version = 1  # LiteRT's kernels know what they can do
    return single_op.finished(root)


def _requantize(tensor: Any, scale: float) -> None:
    tensor.type = INT16
    tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]


def _scale(tensor: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = None if tensor.quantization is None else tensor.quantization.scale
    return np.array([] if found is None else found, np.float64)


def _name(code: Any) -> str:
    numbers: dict[str, int] = vars(schema.BuiltinOperator)
    wanted = max(code.builtinCode, code.deprecatedBuiltinCode)
    return next(name for name, number in numbers.items() if number == wanted)
