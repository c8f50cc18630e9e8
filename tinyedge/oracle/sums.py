# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite file, gives one without int8 SUM, which LiteRT 2.3's reference kernel computes wrongly.

That kernel reads int8 as uint8 (tflite/kernels/reduce.cc, QuantizedMeanOrSum); LiteRT's other kernels do not.
A sum is a product with ones, which BATCH_MATMUL's reference kernel requantises in the same steps. What needs
no mending is given back as it is; tensors keep their numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.oracle import flatbuffer, model_file

KIND, TYPE = schema.BuiltinOperator, schema.TensorType


def replaced(model: bytes) -> bytes:
    """The file with each SUM of int8 as TRANSPOSE, RESHAPE, BATCH_MATMUL and RESHAPE."""
    root = schema.Model.GetRootAs(model, 0)
    if all(root.OperatorCodes(i).BuiltinCode() != KIND.SUM for i in range(root.OperatorCodesLength())):
        return model
    file = flatbuffer.unpack(model)
    for graph in file.subgraphs:
        operators = []
        for operator in graph.operators:
            axes = _axes(file, graph, operator)
            operators += [operator] if axes is None else _product(file, graph, operator, axes)
        graph.operators = operators
    builder = schema.flatbuffers.Builder(1024)
    builder.Finish(file.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _axes(file: Any, graph: Any, operator: Any) -> list[int] | None:
    """The dimensions that a SUM of int8 adds up; None for any other operator."""
    if file.operatorCodes[operator.opcodeIndex].builtinCode != KIND.SUM:
        return None
    source, axes = (graph.tensors[i] for i in operator.inputs)
    held = file.buffers[axes.buffer].data
    if source.type != TYPE.INT8 or held is None or not len(held):
        return None
    rank = len(source.shape)
    return sorted({int(axis) % rank for axis in np.asarray(held, np.uint8).view("<i4")})


def _product(file: Any, graph: Any, operator: Any, axes: list[int]) -> list[Any]:
    number, result = operator.inputs[0], operator.outputs[0]
    source, target = graph.tensors[number], graph.tensors[result]
    kept = [i for i in range(len(source.shape)) if i not in axes]
    count = math.prod(int(source.shape[i]) for i in axes)
    rows = math.prod(int(source.shape[i]) for i in kept)

    def computed(shape: list[int], like: Any) -> int:
        graph.tensors.append(schema.TensorT(shape=shape, type=TYPE.INT8, quantization=like.quantization))
        return len(graph.tensors) - 1

    def constant(values: Any, kind: int, scale: float | None = None) -> int:
        tensor = schema.TensorT(shape=list(values.shape), type=kind, buffer=model_file.held(file, values))
        if scale is not None:
            tensor.quantization = schema.QuantizationParametersT(scale=[scale], zeroPoint=[0])
        graph.tensors.append(tensor)
        return len(graph.tensors) - 1

    def step(kind: str, inputs: list[int], output: int) -> Any:
        file.operatorCodes.append(model_file.code(kind))
        made = schema.OperatorT(inputs=inputs, outputs=[output])
        made.opcodeIndex = len(file.operatorCodes) - 1
        return made

    order = kept + axes
    turned = computed([int(source.shape[i]) for i in order], source)
    flat, column = computed([rows, count], source), computed([rows, 1], target)
    ones = constant(np.ones((count, 1), np.int8), TYPE.INT8, 1.0)
    shape = np.array([int(n) for n in target.shape], np.int32)
    return [
        step("TRANSPOSE", [number, constant(np.array(order, np.int32), TYPE.INT32)], turned),
        step("RESHAPE", [turned, constant(np.array([rows, count], np.int32), TYPE.INT32)], flat),
        step("BATCH_MATMUL", [flat, ones], column),
        step("RESHAPE", [column, constant(shape, TYPE.INT32)], result),
    ]
