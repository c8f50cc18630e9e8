# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph whose operators all come from a TFLite file, gives a TFLite file of it for LiteRT to run."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.graph import Array, Graph, Op, Quantization, Tensor

VERSION = 3
"""Of the TFLite schema."""
STRANGE = (
    "ASSIGN_VARIABLE",
    "CALL",
    "CALL_ONCE",
    "CUSTOM",
    "IF",
    "READ_VARIABLE",
    "STABLEHLO_COMPOSITE",
    "WHILE",
)


def can_write(graph: Graph) -> bool:
    """Do all operators come from a file that can be written again?

    Not custom ones, those of TFLite's variables, whose handles are gone, and those that run subgraphs.
    """
    return all(map(is_known, graph.ops))


def is_known(op: Op) -> bool:
    """Is it one that `can_write` says yes to?"""
    return op.source is not None and op.source.builtin not in STRANGE


def write(graph: Graph) -> bytes:
    """The file; tensors are numbered in the order of graph.tensors, states are variable tensors.

    `can_write` must say yes.
    """
    model = schema.ModelT(version=VERSION, buffers=[schema.BufferT()])  # buffer 0 is empty by convention
    numbers = {name: i for i, name in enumerate(graph.tensors)}
    subgraph = schema.SubGraphT(
        tensors=[_tensor(model, tensor) for tensor in graph.tensors.values()],
        inputs=[numbers[n] for n in graph.inputs],
        outputs=[numbers[n] for n in graph.outputs],
        operators=[],
    )
    for name in graph.states:
        subgraph.tensors[numbers[name]].isVariable = True
    model.operatorCodes = []
    for op in graph.ops:
        operator = _operator(op, numbers, len(model.operatorCodes))
        if op.source is not None and op.source.intermediates:
            first = len(subgraph.tensors)
            subgraph.tensors += [_inside(op, i, scale) for i, scale in enumerate(op.source.intermediates)]
            operator.intermediates = list(range(first, len(subgraph.tensors)))
        subgraph.operators.append(operator)
        assert op.source is not None, f"{op.name!r} is no operator of TFLite"
        model.operatorCodes.append(code(op.source.builtin, op.source.version))
    model.subgraphs = [subgraph]
    return finished(model)


def finished(model: Any) -> bytes:
    """The bytes of a schema.ModelT."""
    builder = schema.flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(model: Any, source: Tensor) -> Any:
    tensor = schema.TensorT(
        name=source.name.encode(),
        shape=list(source.shape),
        type=getattr(schema.TensorType, source.dtype.upper()),
        buffer=0,
        hasRank=True,
    )
    if source.data is not None:
        tensor.buffer = held(model, source.data)
    if source.quantization is not None:
        tensor.quantization = schema.QuantizationParametersT(
            scale=list(source.quantization.scale),
            zeroPoint=list(source.quantization.zero_point),
            quantizedDimension=source.quantization.axis or 0,
        )
    return tensor


def _inside(op: Op, place: int, quantization: Quantization | None) -> Any:
    """A tensor that only says how something inside an operator is quantised; float where it is not."""
    none = quantization is None
    made = schema.TensorT(name=f"{op.name}/inside{place}".encode(), shape=[0], hasRank=True)
    made.type = schema.TensorType.FLOAT32 if none else schema.TensorType.INT8
    if quantization is not None:
        made.quantization = schema.QuantizationParametersT(
            scale=list(quantization.scale), zeroPoint=list(quantization.zero_point)
        )
    return made


def held(model: Any, values: Array) -> int:
    """The number of a new buffer of a schema.ModelT with these values."""
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    model.buffers.append(schema.BufferT(data=np.frombuffer(little.tobytes(), np.uint8)))
    return len(model.buffers) - 1


def code(builtin: str, version: int = 1) -> Any:
    """What a file has for an operator that is called as in schema.BuiltinOperator."""
    number = getattr(schema.BuiltinOperator, builtin)
    return schema.OperatorCodeT(builtinCode=number, deprecatedBuiltinCode=min(number, 127), version=version)


def _operator(op: Op, numbers: dict[str, int], code: int) -> Any:
    operator = schema.OperatorT(
        opcodeIndex=code,
        inputs=[-1 if n is None else numbers[n] for n in op.inputs],
        outputs=[numbers[n] for n in op.outputs],
    )
    source = op.source
    assert source is not None
    if source.options_type:
        options = getattr(schema, f"{source.options_type}T")(**source.options)
        number = getattr(schema.BuiltinOptions, source.options_type, None)
        if number is not None:
            operator.builtinOptionsType, operator.builtinOptions = number, options
        else:
            operator.builtinOptions2Type = getattr(schema.BuiltinOptions2, source.options_type)
            operator.builtinOptions2 = options
    return operator
