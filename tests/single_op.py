# SPDX-License-Identifier: Apache-2.0
"""Takes operators' test cases, gives the bytes of a TFLite model that LiteRT runs and tinyedge compiles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from tinyedge.graph import Tensor
from tinyedge.ops import Case

_OTHER_OPTIONS = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_ALL": "ReducerOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "SUM": "ReducerOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "SVDF": "SVDFOptions",
    "TOPK_V2": "TopKV2Options",
    "L2_NORMALIZATION": "L2NormOptions",
    "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTMOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
}
"""Operators whose options are not called <operator>Options."""


@dataclass(frozen=True)
class Node:
    """One operator of a model: tensors by name, None for an optional input that is left out."""

    operator: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    options: Mapping[str, Any]
    intermediates: tuple[str, ...] = ()


def single(case: Case) -> bytes:
    """The case as a model of its own: its tensors without data are the inputs, its output the output."""
    return merged([case], prefix=False)


def merged(cases: Sequence[Case], prefix: bool = True) -> bytes:
    """All cases side by side in one model; with `prefix`, tensor names become <case>/<tensor>."""
    tensors: dict[str, Tensor] = {}
    nodes = []
    states: set[str] = set()
    for case in cases:
        start = f"{case.name}/" if prefix else ""
        states.update(start + name for name in case.states)
        for tensor in (*case.inputs, *case.outputs, *case.intermediates):
            if tensor is not None:
                tensors[start + tensor.name] = replace(tensor, name=start + tensor.name)
        names = tuple(None if t is None else start + t.name for t in case.inputs)
        results = tuple(start + t.name for t in case.outputs)
        inside = tuple(start + t.name for t in case.intermediates)
        nodes.append(Node(case.operator, names, results, case.options, inside))
    outputs = [n for node in nodes for n in node.outputs]
    own = {*outputs, *states, *(n for node in nodes for n in node.intermediates)}
    inputs = [n for n, t in tensors.items() if t.data is None and n not in own]
    return pack(tensors.values(), nodes, inputs, outputs, states)


def pack(
    tensors: Iterable[Tensor],
    nodes: Sequence[Node],
    inputs: Sequence[str],
    outputs: Sequence[str],
    states: Collection[str] = (),
) -> bytes:
    """A TFLite model of one subgraph; tensors are numbered in the order given, -1 in a shape is left open."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]  # buffer 0 is empty by convention
    graph = schema.SubGraphT()
    graph.tensors, numbers = [], {}
    for tensor in tensors:
        numbers[tensor.name] = len(graph.tensors)
        graph.tensors.append(_tensor(model, tensor))
        graph.tensors[-1].isVariable = tensor.name in states
    graph.inputs = [numbers[n] for n in inputs]
    graph.outputs = [numbers[n] for n in outputs]
    codes = list(dict.fromkeys(node.operator for node in nodes))
    model.operatorCodes = [_code(name) for name in codes]
    graph.operators = []
    for node in nodes:
        operator = schema.OperatorT()
        operator.opcodeIndex = codes.index(node.operator)
        operator.inputs = [-1 if n is None else numbers[n] for n in node.inputs]
        operator.outputs = [numbers[n] for n in node.outputs]
        operator.intermediates = [numbers[n] for n in node.intermediates]
        _set_options(operator, node)
        graph.operators.append(operator)
    model.subgraphs = [graph]
    return finished(model)


def finished(model: Any) -> bytes:
    """The bytes of a schema.ModelT."""
    builder = schema.flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(model: Any, source: Tensor) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape = source.name.encode(), [abs(n) for n in source.shape]
    if -1 in source.shape:
        tensor.shapeSignature = list(source.shape)
    tensor.type = getattr(schema.TensorType, source.dtype.upper())
    tensor.buffer = 0
    if source.data is not None:
        little = np.ascontiguousarray(source.data, np.dtype(source.dtype).newbyteorder("<"))
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(little.tobytes(), np.uint8)
        tensor.buffer = len(model.buffers)
        model.buffers.append(buffer)
    if source.quantization is not None:
        quantization = schema.QuantizationParametersT()
        quantization.scale = list(source.quantization.scale)
        quantization.zeroPoint = list(source.quantization.zero_point)
        quantization.quantizedDimension = source.quantization.axis or 0
        tensor.quantization = quantization
    return tensor


def _code(name: str) -> Any:
    code = schema.OperatorCodeT()
    if name.startswith("CUSTOM "):
        code.customCode = name.removeprefix("CUSTOM ").encode()
        name = "CUSTOM"
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 2 if name == "BROADCAST_TO" else 1  # its first one was never released
    return code


def _set_options(operator: Any, node: Node) -> None:
    if node.operator.startswith("CUSTOM "):
        operator.customOptions = np.frombuffer(flexbuffers.Dumps(dict(node.options)), np.uint8)
        return
    by_lower_case = {name.lower(): name for name in vars(schema.BuiltinOptions)}
    plain = f"{node.operator.replace('_', '').lower()}options"
    name = _OTHER_OPTIONS.get(node.operator, by_lower_case.get(plain))
    if name is None:
        assert not node.options, f"{node.operator} has no options in the schema"
        return
    options = getattr(schema, f"{name}T")()
    for key, value in node.options.items():
        assert key in vars(options), f"{name} has no field {key}"
        setattr(options, key, value)
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
    operator.builtinOptions = options
