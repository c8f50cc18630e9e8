# SPDX-License-Identifier: Apache-2.0
"""Takes a few numbers, gives TFLite models so small that their outputs can be computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

BUILTIN, TYPE = schema.BuiltinOperator, schema.TensorType


def dense(bias_axis: int = 0) -> bytes:
    """int8 x[1,4] -> y = relu(W x + b), int8 [1,2], all scales 1 and zero points 0 (W, b below).

    Tensors: 0 x, 1 W, 2 b, 3 W x + b, 4 y. `bias_axis` is written as quantized_dimension of b.
    """
    tensors = [
        _tensor("x", TYPE.INT8, [1, 4], 1.0),
        _tensor("W", TYPE.INT8, [2, 4], 1.0, data=DENSE_W),
        _tensor("b", TYPE.INT32, [2], 1.0, data=DENSE_B, axis=bias_axis),
        _tensor("dense", TYPE.INT8, [1, 2], 1.0),
        _tensor("y", TYPE.INT8, [1, 2], 1.0),
    ]
    operators = [
        _operator(BUILTIN.FULLY_CONNECTED, [0, 1, 2], [3], schema.FullyConnectedOptionsT()),
        _operator(BUILTIN.RELU, [3], [4]),
    ]
    return _pack(tensors, operators, [0], [4])


DENSE_W = np.array([[1, 2, 3, 4], [-1, 0, 1, 0]], np.int8)
DENSE_B = np.array([5, -3], np.int32)


def float_borders(scale: float = 0.3, zero_point: int = 3) -> bytes:
    """float32 x[1,256] -> QUANTIZE -> int8 RELU -> DEQUANTIZE; tensors 0 x, 1 q, 2 relu(q), 3 y."""
    tensors = [
        _tensor("x", TYPE.FLOAT32, [1, 256]),
        _tensor("q", TYPE.INT8, [1, 256], scale, zero_point),
        _tensor("r", TYPE.INT8, [1, 256], scale, zero_point),
        _tensor("y", TYPE.FLOAT32, [1, 256]),
    ]
    operators = [
        _operator(BUILTIN.QUANTIZE, [0], [1], schema.QuantizeOptionsT()),
        _operator(BUILTIN.RELU, [1], [2]),
        _operator(BUILTIN.DEQUANTIZE, [2], [3], schema.DequantizeOptionsT()),
    ]
    return _pack(tensors, operators, [0], [3])


def tile(version: int) -> bytes:
    """int8 x[1,2] -> x three times side by side, int8 [1,6], by a TILE that says it is of `version`."""
    tensors = [
        _tensor("x", TYPE.INT8, [1, 2], 1.0),
        _tensor("multiples", TYPE.INT32, [2], data=np.array([1, 3], np.int32)),
        _tensor("y", TYPE.INT8, [1, 6], 1.0),
    ]
    return _pack(tensors, [_operator(BUILTIN.TILE, [0, 1], [2])], [0], [2], version)


def total() -> bytes:
    """int8 x[1,3] -> their sum, int8 [1,1], all scales 1 and zero points 0."""
    tensors = [
        _tensor("x", TYPE.INT8, [1, 3], 1.0),
        _tensor("axis", TYPE.INT32, [1], data=np.array([1], np.int32)),
        _tensor("y", TYPE.INT8, [1, 1], 1.0),
    ]
    options = schema.ReducerOptionsT()
    options.keepDims = True
    return _pack(tensors, [_operator(BUILTIN.SUM, [0, 1], [2], options)], [0], [2])


def exponential(shape: list[int]) -> bytes:
    """float32 x -> exp(x), which is infinite from 89 on."""
    tensors = [_tensor("x", TYPE.FLOAT32, shape), _tensor("y", TYPE.FLOAT32, shape)]
    return _pack(tensors, [_operator(BUILTIN.EXP, [0], [1], schema.ExpOptionsT())], [0], [1])


def _tensor(
    name: str,
    kind: int,
    shape: list[int],
    scale: float | None = None,
    zero_point: int = 0,
    data: Any = None,
    axis: int = 0,
) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.type, tensor.shape = name.encode(), kind, shape
    tensor.data = data  # taken off again in _pack, where buffers get their numbers
    if scale is not None:
        quantization = schema.QuantizationParametersT()
        quantization.scale, quantization.zeroPoint = [scale], [zero_point]
        quantization.quantizedDimension = axis
        tensor.quantization = quantization
    return tensor


def _operator(code: int, inputs: list[int], outputs: list[int], options: Any = None) -> Any:
    operator = schema.OperatorT()
    operator.code = code  # as above
    operator.inputs, operator.outputs = inputs, outputs
    if options is not None:
        operator.builtinOptions = options
        name = type(options).__name__.removesuffix("T")
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
    return operator


def _pack(
    tensors: list[Any], operators: list[Any], inputs: list[int], outputs: list[int], version: int = 1
) -> bytes:
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]  # buffer 0 is empty by convention
    for tensor in tensors:
        data = vars(tensor).pop("data")
        tensor.buffer = 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = list(data.tobytes())
            tensor.buffer = len(model.buffers)
            model.buffers.append(buffer)
    model.operatorCodes = []
    for operator in operators:
        code = schema.OperatorCodeT()
        code.builtinCode = vars(operator).pop("code")
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = version
        operator.opcodeIndex = len(model.operatorCodes)
        model.operatorCodes.append(code)
    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = tensors, operators, inputs, outputs
    model.subgraphs = [graph]
    builder = schema.flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
